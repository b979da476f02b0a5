-- The message under which the buttons of a code stand, as long as they may still change.

ALTER TABLE codes ADD COLUMN message_id INTEGER;

CREATE INDEX codes_with_buttons ON codes (activation_id) WHERE message_id IS NOT NULL;
