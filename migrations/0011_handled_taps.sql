-- Remember the taps that act, so that a tap that Telegram sends again after a restart does nothing.

CREATE TABLE handled_taps (
    query_id   TEXT    NOT NULL PRIMARY KEY,
    user_id    INTEGER NOT NULL,
    handled_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX handled_taps_by_age ON handled_taps (handled_at);
