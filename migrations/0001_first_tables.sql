-- Users, encrypted API keys, quotes ("pages"), activations, codes and notices.
-- Times are UTC seconds; amounts are decimal text; provider ids, phone numbers and codes are text.

CREATE TABLE api_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL,
    sealed TEXT NOT NULL,
    bound_at INTEGER NOT NULL,
    refused_at INTEGER
) STRICT;

CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    language TEXT,
    key_id INTEGER REFERENCES api_keys (id),
    country TEXT,
    parked INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE pages (
    token TEXT PRIMARY KEY,
    user_id INTEGER NOT NULL,
    service TEXT NOT NULL,
    service_name TEXT NOT NULL,
    country TEXT NOT NULL,
    operators TEXT NOT NULL,
    price TEXT,
    drawn_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX pages_by_age ON pages (drawn_at);

CREATE TABLE activations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id),
    key_id INTEGER NOT NULL,
    service TEXT NOT NULL,
    service_name TEXT NOT NULL,
    country TEXT NOT NULL,
    operators TEXT NOT NULL,
    price TEXT,
    state TEXT NOT NULL,
    ordered_at INTEGER NOT NULL,
    provider_id TEXT,
    phone TEXT,
    bought_at INTEGER,
    ends_at INTEGER,
    cancel_from INTEGER,
    cancel_wanted INTEGER NOT NULL DEFAULT 0,
    cancel_sent_at INTEGER,
    sms_sent_at INTEGER,
    resent INTEGER NOT NULL DEFAULT 0,
    waiting_seen INTEGER NOT NULL DEFAULT 0,
    ended_at INTEGER,
    ending TEXT,
    refusal TEXT,
    balance_before TEXT,
    listed_before TEXT,
    card_message_id INTEGER,
    card_version INTEGER NOT NULL DEFAULT 1,
    card_drawn INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX activations_of_user ON activations (user_id, state);
CREATE INDEX activations_of_key ON activations (key_id);
CREATE INDEX activations_by_provider_id ON activations (provider_id);
CREATE INDEX activations_open ON activations (state)
    WHERE state IN ('ordering', 'unknown', 'waiting', 'received');
CREATE INDEX cards_to_draw ON activations (user_id) WHERE card_drawn < card_version;

CREATE TABLE codes (
    activation_id INTEGER NOT NULL REFERENCES activations (id),
    ordinal INTEGER NOT NULL,
    text TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    late INTEGER NOT NULL DEFAULT 0,
    earlier INTEGER NOT NULL DEFAULT 0,
    delivered_at INTEGER,
    PRIMARY KEY (activation_id, ordinal)
) STRICT, WITHOUT ROWID;

CREATE INDEX codes_to_deliver ON codes (activation_id) WHERE delivered_at IS NULL;

CREATE TABLE notices (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL,
    activation_id INTEGER,
    kind TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    delivered_at INTEGER
) STRICT;

CREATE INDEX notices_to_deliver ON notices (user_id) WHERE delivered_at IS NULL;
