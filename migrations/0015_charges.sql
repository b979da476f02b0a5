-- What the provider really charged for a number; empty if that is not known.

ALTER TABLE activations ADD COLUMN charged TEXT;
