-- What the provider really charged for a number; empty if that is not known.

ALTER TABLE activations ADD COLUMN charged TEXT;

-- The price of the quote is the lowest of several.
ALTER TABLE quotes ADD COLUMN several_prices INTEGER NOT NULL DEFAULT 0;
