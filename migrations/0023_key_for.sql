-- The id of the provider that the user has chosen for the next API key, where several are on offer.
ALTER TABLE users ADD COLUMN key_for TEXT;
