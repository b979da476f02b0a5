-- Deletion of what is no longer needed: the text of a code, and the details of an old activation.
-- Times are UTC seconds.

ALTER TABLE codes ADD COLUMN text_deleted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE activations ADD COLUMN details_deleted_at INTEGER;

CREATE INDEX activations_with_details ON activations (ended_at)
    WHERE ended_at IS NOT NULL AND details_deleted_at IS NULL;
