-- The balance after an activation ended without a code.

ALTER TABLE activations ADD COLUMN balance_after TEXT;
