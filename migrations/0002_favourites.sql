-- Favourites: a service in a country, with optional operators.

CREATE TABLE favourites (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id),
    service TEXT NOT NULL,
    service_name TEXT NOT NULL,
    country TEXT NOT NULL,
    operators TEXT NOT NULL,
    kept_at INTEGER NOT NULL,
    UNIQUE (user_id, country, service, operators)
) STRICT;
