-- For the purchase history, which is sorted by time.

CREATE INDEX activations_by_time ON activations (user_id, ordered_at);
