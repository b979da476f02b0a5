-- User preferences; a missing row means defaults. Amounts are decimal text, excluded prefixes are separated
-- by commas, delays are seconds.

CREATE TABLE preferences (
    user_id INTEGER PRIMARY KEY REFERENCES users (id),
    day_limit TEXT,
    price_limit TEXT,
    max_active INTEGER,
    prefixes TEXT,
    complete_after_code INTEGER NOT NULL DEFAULT 0,
    low_balance TEXT,
    low_balance_told INTEGER NOT NULL DEFAULT 0,
    delete_codes_after INTEGER
) STRICT;

-- Whether the bot will complete the activation automatically.
ALTER TABLE activations ADD COLUMN complete_wanted INTEGER NOT NULL DEFAULT 0;
