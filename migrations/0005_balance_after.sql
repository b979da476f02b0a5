-- The balance that the provider showed when a number had ended without a code.

ALTER TABLE activations ADD COLUMN balance_after TEXT;
