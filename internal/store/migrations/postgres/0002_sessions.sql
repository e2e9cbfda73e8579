-- Sessions: the cookie carries a random id, this table its hash. Times are unix milliseconds, UTC.
CREATE TABLE sessions (
    hash       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    data       BYTEA    NOT NULL,
    subject    TEXT COLLATE "C" NOT NULL,
    created_at BIGINT  NOT NULL,
    seen_at    BIGINT  NOT NULL
);
CREATE INDEX sessions_by_subject ON sessions (subject);
CREATE INDEX sessions_by_seen ON sessions (seen_at);
