-- Messages of users that hold an API key and are to be deleted. Times are UTC seconds.

CREATE TABLE message_deletions (
    user_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    delete_at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, message_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX message_deletions_by_time ON message_deletions (delete_at);

-- The provider that an API key was bound for. The next start fills it in for the keys of earlier versions.
ALTER TABLE api_keys ADD COLUMN provider TEXT;
