-- Chat messages with codes that will be deleted. Times are UTC seconds.

CREATE TABLE code_messages (
    user_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    activation_id INTEGER NOT NULL REFERENCES activations (id),
    delete_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, message_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX code_messages_by_time ON code_messages (delete_at);
CREATE INDEX code_messages_of_activation ON code_messages (activation_id);

-- Time from which the card of an ended activation no longer shows its codes.
ALTER TABLE activations ADD COLUMN hide_codes_at INTEGER;
