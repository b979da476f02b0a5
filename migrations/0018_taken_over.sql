-- Whether the number was not bought by the bot, but taken over from the provider's list.

ALTER TABLE activations ADD COLUMN taken_over INTEGER NOT NULL DEFAULT 0;
