-- What a notice is about besides an activation, as JSON.

ALTER TABLE notices ADD COLUMN details TEXT;
