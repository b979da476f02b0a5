-- The link that a user without an API key has followed, which is opened after they add one, with its time in UTC seconds;
-- and whether the user has chosen their language.
ALTER TABLE users ADD COLUMN start_link TEXT;
ALTER TABLE users ADD COLUMN start_link_at INTEGER;
ALTER TABLE users ADD COLUMN language_chosen INTEGER NOT NULL DEFAULT 0;
