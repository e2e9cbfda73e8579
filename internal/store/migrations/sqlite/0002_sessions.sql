-- Sessions: the cookie carries a random id, this table its hash. Times are unix milliseconds, UTC.
CREATE TABLE sessions (
    hash       TEXT    NOT NULL PRIMARY KEY,
    data       BLOB    NOT NULL,
    subject    TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL
);
CREATE INDEX sessions_by_subject ON sessions (subject);
CREATE INDEX sessions_by_seen ON sessions (seen_at);
