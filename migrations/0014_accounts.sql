-- The provider's account of a key, as a keyed fingerprint of the key: two keys with the same text are one account.
-- The bot fills the columns at its start, because the keys must be opened for that.

CREATE TABLE account_secret (secret TEXT NOT NULL) STRICT;
INSERT INTO account_secret VALUES (lower(hex(randomblob(32))));

ALTER TABLE api_keys ADD COLUMN account TEXT;
ALTER TABLE activations ADD COLUMN account TEXT;

-- One row for each number of an account. Older duplicates keep an empty account.
CREATE UNIQUE INDEX activations_by_account ON activations (account, provider_id) WHERE provider_id IS NOT NULL;

-- When the purchase request ended without a clear answer (UTC seconds).
ALTER TABLE activations ADD COLUMN unclear_at INTEGER;
