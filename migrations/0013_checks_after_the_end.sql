-- Status checks after the end of an activation, and outages of the provider. Times are UTC seconds.

ALTER TABLE activations ADD COLUMN check_again_at INTEGER;
ALTER TABLE activations ADD COLUMN unanswered_since INTEGER;

CREATE INDEX activations_to_check_again ON activations (check_again_at) WHERE check_again_at IS NOT NULL;
