-- The messages with codes, for those who want them deleted after a while. Times are UTC seconds.

CREATE TABLE code_messages (
    user_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    delete_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, message_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX code_messages_by_time ON code_messages (delete_at);
