-- Availability alerts ("watches"). Times are UTC seconds. An ended or stopped alert is kept for a while,
-- because messages about it have buttons.

CREATE TABLE watches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id),
    service TEXT NOT NULL,
    service_name TEXT NOT NULL,
    country TEXT NOT NULL,
    operators TEXT NOT NULL,
    price_limit TEXT,
    created_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    stopped_at INTEGER,
    rang_at INTEGER,
    UNIQUE (user_id, country, service, operators)
) STRICT;

CREATE INDEX watches_by_end ON watches (ends_at);
