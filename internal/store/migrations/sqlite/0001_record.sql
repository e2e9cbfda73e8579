-- The record: one row for each operation, and its story in events. Times are unix microseconds, UTC.
CREATE TABLE operations (
    id          TEXT    NOT NULL PRIMARY KEY,
    account     INTEGER NOT NULL,
    action      TEXT    NOT NULL,
    target_kind TEXT    NOT NULL,
    target_id   TEXT    NOT NULL,
    target_name TEXT    NOT NULL,
    actor_id    TEXT    NOT NULL, -- issuer|subject, for filtering
    actor       TEXT    NOT NULL, -- the whole actor, JSON
    reason      TEXT    NOT NULL,
    request_id  TEXT    NOT NULL,
    mark        TEXT    NOT NULL,
    intent      TEXT    NOT NULL, -- JSON
    created_at  INTEGER NOT NULL,
    result      TEXT    NOT NULL, -- '' while under way; else the last event's
    confirmed   INTEGER NOT NULL,
    open        INTEGER NOT NULL,
    closed_at   INTEGER NOT NULL, -- 0 while open
    last_seq    INTEGER NOT NULL  -- the newest event, so that two writers cannot both add the next one
);
CREATE INDEX operations_by_time ON operations (account, created_at DESC);
CREATE INDEX operations_by_target ON operations (account, target_id, created_at DESC);
CREATE INDEX operations_open ON operations (open, created_at) WHERE open = 1;
CREATE INDEX operations_closed ON operations (closed_at) WHERE open = 0;

CREATE TABLE events (
    seq          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    operation_id TEXT    NOT NULL REFERENCES operations (id),
    kind         TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    result       TEXT    NOT NULL,
    confirmed    INTEGER NOT NULL,
    body         TEXT    NOT NULL -- JSON: by, note, calls, facts
);
CREATE INDEX events_by_operation ON events (operation_id, seq);

-- What an open operation holds: its target, and for some acts more. The primary key is the guard.
CREATE TABLE operation_locks (
    account      INTEGER NOT NULL,
    name         TEXT    NOT NULL,
    operation_id TEXT    NOT NULL REFERENCES operations (id),
    PRIMARY KEY (account, name)
);
CREATE INDEX operation_locks_by_operation ON operation_locks (operation_id);
