-- The provider of each row, by the id of its profile. Ids of numbers, favourites, alerts and limits in money are
-- those of one provider. The columns are empty after this migration: only the settings name the provider, so the
-- same start fills them in before it reads anything else.

-- Where an API key is sent, as it is sealed with it: host and path.
ALTER TABLE api_keys RENAME COLUMN provider TO address;
ALTER TABLE api_keys ADD COLUMN provider TEXT;

-- The provider of the API key that was bound last; an empty text before the first one.
ALTER TABLE users ADD COLUMN provider TEXT;
ALTER TABLE quotes ADD COLUMN provider TEXT;
ALTER TABLE activations ADD COLUMN provider TEXT;

DROP INDEX activations_by_provider_id;
CREATE INDEX activations_by_provider_id ON activations (provider, provider_id);
DROP INDEX activations_by_account;
CREATE UNIQUE INDEX activations_by_account ON activations (provider, account, provider_id)
    WHERE provider_id IS NOT NULL;

CREATE TABLE favourites_by_provider (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id),
    provider TEXT,
    service TEXT NOT NULL,
    service_name TEXT NOT NULL,
    country TEXT NOT NULL,
    operators TEXT NOT NULL,
    kept_at INTEGER NOT NULL,
    UNIQUE (user_id, provider, country, service, operators)
) STRICT;
INSERT INTO favourites_by_provider (id, user_id, service, service_name, country, operators, kept_at)
    SELECT id, user_id, service, service_name, country, operators, kept_at FROM favourites;
-- The ids of deleted rows stay used, because old messages have buttons with them.
DELETE FROM sqlite_sequence WHERE name = 'favourites_by_provider';
INSERT INTO sqlite_sequence
    SELECT 'favourites_by_provider', seq FROM sqlite_sequence WHERE name = 'favourites';
DROP TABLE favourites;
ALTER TABLE favourites_by_provider RENAME TO favourites;

CREATE TABLE alerts_by_provider (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id),
    provider TEXT,
    service TEXT NOT NULL,
    service_name TEXT NOT NULL,
    country TEXT NOT NULL,
    operators TEXT NOT NULL,
    price_limit TEXT,
    created_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    stopped_at INTEGER,
    notified_at INTEGER,
    UNIQUE (user_id, provider, country, service, operators)
) STRICT;
INSERT INTO alerts_by_provider
    (id, user_id, service, service_name, country, operators, price_limit, created_at, ends_at, stopped_at,
     notified_at)
    SELECT id, user_id, service, service_name, country, operators, price_limit, created_at, ends_at, stopped_at,
           notified_at
    FROM alerts;
DELETE FROM sqlite_sequence WHERE name = 'alerts_by_provider';
INSERT INTO sqlite_sequence SELECT 'alerts_by_provider', seq FROM sqlite_sequence WHERE name = 'alerts';
DROP TABLE alerts;
ALTER TABLE alerts_by_provider RENAME TO alerts;
CREATE INDEX alerts_by_end ON alerts (ends_at);

-- Limits in money: amounts of one provider, in its currency.
CREATE TABLE money_limits (
    user_id INTEGER NOT NULL REFERENCES users (id),
    provider TEXT,
    day_limit TEXT,
    price_limit TEXT,
    low_balance TEXT,
    low_balance_notified INTEGER NOT NULL DEFAULT 0,
    UNIQUE (user_id, provider)
) STRICT;
INSERT INTO money_limits (user_id, day_limit, price_limit, low_balance, low_balance_notified)
    SELECT user_id, day_limit, price_limit, low_balance, low_balance_notified FROM preferences;
ALTER TABLE preferences DROP COLUMN day_limit;
ALTER TABLE preferences DROP COLUMN price_limit;
ALTER TABLE preferences DROP COLUMN low_balance;
ALTER TABLE preferences DROP COLUMN low_balance_notified;
