-- The history of a user is read newest first.

CREATE INDEX activations_by_time ON activations (user_id, ordered_at);
