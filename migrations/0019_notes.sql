-- The user's note on a number.

ALTER TABLE activations ADD COLUMN note TEXT;
