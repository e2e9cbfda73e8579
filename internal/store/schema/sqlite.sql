-- The schema for SQLite. schema/postgres.sql has the same tables and columns.
-- Times are Unix microseconds in UTC, except in sessions, where they are Unix milliseconds. 0 means "not yet".

-- operations: one row for each operation, with its current result. Lists and searches read it; the events prove it.
CREATE TABLE operations (
    id          TEXT    NOT NULL PRIMARY KEY,
    account     INTEGER NOT NULL,
    action      TEXT    NOT NULL,
    target_kind TEXT    NOT NULL,
    target_id   TEXT    NOT NULL, -- '' until a create has learnt it
    target_name TEXT    NOT NULL,
    former_id   TEXT    NOT NULL, -- the id before a re-issue, else ''
    actor_id    TEXT    NOT NULL, -- issuer|subject
    actor       TEXT    NOT NULL, -- JSON: the whole actor
    reason      TEXT    NOT NULL,
    request_id  TEXT    NOT NULL,
    tag         TEXT    NOT NULL,
    intent      TEXT    NOT NULL, -- JSON, by action
    created_at  INTEGER NOT NULL,
    result      TEXT    NOT NULL, -- of the newest event; '' before the first outcome
    confirmed   INTEGER NOT NULL,
    open        INTEGER NOT NULL,
    closed_at   INTEGER NOT NULL,
    last_seq    INTEGER NOT NULL, -- the newest event; a writer that has seen another one is refused
    bulk_id     TEXT    NOT NULL, -- the bulk change that it is a part of, else ''
    bulk_later  INTEGER NOT NULL  -- 1 when an older operation of the same bulk change exists
);
-- Each search has an index that also has the order of its result, newest first, so that a page is read without
-- sorting. The indexes by actor, action and result do not begin with the account: SQLite has no statistics and would
-- not choose them otherwise.
CREATE INDEX operations_by_time ON operations (account, created_at DESC, id DESC, result);
CREATE INDEX operations_by_actor ON operations (actor_id, created_at DESC, id DESC);
CREATE INDEX operations_by_action ON operations (action, created_at DESC, id DESC);
CREATE INDEX operations_by_result ON operations (result, created_at DESC, id DESC);
CREATE INDEX operations_by_bulk ON operations (bulk_id, created_at DESC, id DESC) WHERE bulk_id <> '';
-- Lists show a bulk change as one entry, at the time of its first operation.
CREATE INDEX operations_entries ON operations (account, created_at DESC, id DESC) WHERE bulk_later = FALSE;
CREATE INDEX operations_by_name ON operations (account, LOWER(target_name));
CREATE INDEX operations_by_target ON operations (account, target_id, created_at DESC);
CREATE INDEX operations_open ON operations (open, created_at) WHERE open = 1;
CREATE INDEX operations_closed ON operations (closed_at) WHERE open = 0;

-- operation_targets: the principals that an operation touches. part is 'target', 'former' (the target's id before a
-- re-issue) or 'affected' (it may change along with the target: the keys of a subuser that is deleted).
CREATE TABLE operation_targets (
    operation_id TEXT NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
    part         TEXT NOT NULL,
    kind         TEXT NOT NULL,
    id           TEXT NOT NULL,
    PRIMARY KEY (operation_id, part, kind, id)
) WITHOUT ROWID;
CREATE INDEX operation_targets_by_id ON operation_targets (id, kind, part);

-- operation_roles: what an operation intends to do to the roles of its target. effect is 'granted', 'revoked' or
-- 'lost' (the target is deleted). Whether it happened is operations.result.
CREATE TABLE operation_roles (
    operation_id TEXT    NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
    role_id      INTEGER NOT NULL,
    effect       TEXT    NOT NULL,
    name         TEXT    NOT NULL, -- as the role was called then
    PRIMARY KEY (operation_id, role_id, effect)
) WITHOUT ROWID;
CREATE INDEX operation_roles_by_role ON operation_roles (role_id, effect);

-- operation_locks: the names that an open operation holds. The primary key is the lock.
CREATE TABLE operation_locks (
    account      INTEGER NOT NULL,
    name         TEXT    NOT NULL,
    operation_id TEXT    NOT NULL REFERENCES operations (id),
    PRIMARY KEY (account, name)
);
CREATE INDEX operation_locks_by_operation ON operation_locks (operation_id);

-- events: the audit log, one chain without gaps (docs/audit-log.md).
CREATE TABLE events (
    seq          INTEGER NOT NULL PRIMARY KEY, -- the previous event's plus 1, set by the writer
    operation_id TEXT    NOT NULL,             -- the operation, or the fact that the event sets, else ''
    kind         TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    result       TEXT    NOT NULL,
    confirmed    INTEGER NOT NULL,
    body         TEXT    NOT NULL,             -- JSON, by kind
    key_id       TEXT    NOT NULL,
    mac          BLOB    NOT NULL              -- 32 bytes, over this event and the MAC of the previous one
);
CREATE INDEX events_by_operation ON events (operation_id, seq);
CREATE INDEX events_mismatch ON events (seq) WHERE kind = 'mismatch';
CREATE INDEX events_loss_accepted ON events (seq) WHERE kind = 'loss_accepted';

-- checkpoints: where the chain begins after pruning.
CREATE TABLE checkpoints (
    seq    INTEGER NOT NULL PRIMARY KEY, -- the last event that was pruned
    mac    BLOB    NOT NULL,             -- of that event
    at     INTEGER NOT NULL,             -- when it was pruned
    key_id TEXT    NOT NULL,
    seal   BLOB    NOT NULL              -- an HMAC over the previous row and the other columns
);

-- The triggers stop mistakes, and programs that may only write rows. `server audit verify` detects a change that was
-- made after dropping a trigger.
CREATE TRIGGER events_no_update BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events WHEN OLD.seq > (SELECT COALESCE(MAX(seq), 0) FROM checkpoints)
    BEGIN SELECT RAISE(ABORT, 'events newer than the newest checkpoint are never deleted'); END;
CREATE TRIGGER events_append_only BEFORE INSERT ON events WHEN NEW.seq <= (SELECT COALESCE(MAX(seq), 0) FROM events)
    BEGIN SELECT RAISE(ABORT, 'events are only added at the end'); END;
CREATE TRIGGER checkpoints_no_update BEFORE UPDATE ON checkpoints
    BEGIN SELECT RAISE(ABORT, 'checkpoints are never changed'); END;
CREATE TRIGGER checkpoints_no_delete BEFORE DELETE ON checkpoints
    BEGIN SELECT RAISE(ABORT, 'checkpoints are never deleted'); END;

-- sessions: the cookie holds a random id, this table its hash.
CREATE TABLE sessions (
    hash       TEXT    NOT NULL PRIMARY KEY,
    data       BLOB    NOT NULL,
    subject    TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    -- The flash message has a column of its own, so that taking it does not undo a concurrent write of newer groups.
    flash      BLOB    NOT NULL DEFAULT x'',
    groups_at  INTEGER NOT NULL DEFAULT 0 -- when the issuer reported the groups; an older write does not replace them
);
CREATE INDEX sessions_by_subject ON sessions (subject);
CREATE INDEX sessions_by_seen ON sessions (seen_at);
CREATE INDEX sessions_by_age ON sessions (created_at);

-- bulk_changes: one change for many principals, with an item and an operation for each. Events hold the content of both
-- tables, except the lease; a row that differs is not acted on (docs/audit-log.md).
CREATE TABLE bulk_changes (
    id           TEXT    NOT NULL PRIMARY KEY,
    account      INTEGER NOT NULL,
    actor_id     TEXT    NOT NULL, -- issuer|subject
    operator     TEXT    NOT NULL, -- JSON: the whole operator
    kind         TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    reason       TEXT    NOT NULL,
    stop_reason  TEXT    NOT NULL, -- '' unless it was stopped
    body         TEXT    NOT NULL, -- JSON: what the preview showed for all items
    retry_of     TEXT    NOT NULL, -- the id of the bulk change that this one retries, else ''
    created_at   INTEGER NOT NULL,
    started_at   INTEGER NOT NULL,
    ended_at     INTEGER NOT NULL,
    seq          INTEGER NOT NULL, -- the event that set the state
    lease_holder TEXT    NOT NULL, -- the replica that works on it, '' for none
    lease_until  INTEGER NOT NULL, -- another replica may take over from then on
    bytes        INTEGER NOT NULL  -- the size of the items' bodies
);
CREATE INDEX bulk_changes_by_time ON bulk_changes (account, created_at DESC);
CREATE INDEX bulk_changes_by_state ON bulk_changes (state, started_at) WHERE state IN ('draft', 'running');

CREATE TABLE bulk_items (
    bulk_id      TEXT    NOT NULL REFERENCES bulk_changes (id) ON DELETE CASCADE,
    n            INTEGER NOT NULL, -- from 1
    state        TEXT    NOT NULL,
    operation_id TEXT    NOT NULL, -- '' until it is started
    result       TEXT    NOT NULL, -- '' until it is finished
    final        INTEGER NOT NULL, -- result cannot change any more; else the operation's current result counts
    code         INTEGER NOT NULL, -- the vendor's error code, 0 for none
    body         TEXT    NOT NULL, -- JSON: the target and its difference, as the preview showed them
    message      TEXT    NOT NULL, -- a sentence about the result
    seq          INTEGER NOT NULL, -- the event that set the result; that of the draft until then
    PRIMARY KEY (bulk_id, n)
) WITHOUT ROWID;
CREATE INDEX bulk_items_waiting ON bulk_items (bulk_id, n) WHERE state IN ('waiting', 'busy');
CREATE INDEX bulk_items_pending ON bulk_items (bulk_id, n) WHERE operation_id <> '' AND final = 0;

-- drift_checks: how far an account's principals of one kind ('subuser' or 'key') have been compared. The order of
-- events decides what was compared, because clocks are set back and differ between servers.
CREATE TABLE drift_checks (
    account       INTEGER NOT NULL,
    kind          TEXT    NOT NULL,
    as_of         INTEGER NOT NULL, -- when the newest compared listing was begun
    version       INTEGER NOT NULL, -- grows by 1 with every write; a writer that has seen another one is refused
    processed_seq INTEGER NOT NULL, -- own operations up to this event are taken into account
    comparisons   INTEGER NOT NULL,
    seq           INTEGER NOT NULL, -- the event that set it, with the rows of drift_expected and drift_findings
    PRIMARY KEY (account, kind)
);
-- drift_expected: the state that the next listing is compared with.
CREATE TABLE drift_expected (
    account INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    id      TEXT    NOT NULL, -- the vendor's
    body    TEXT    NOT NULL, -- JSON: name, description, roles, owner
    PRIMARY KEY (account, kind, id)
);
CREATE TABLE drift_findings (
    account    INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    target_id  TEXT    NOT NULL,
    type       TEXT    NOT NULL,
    role_id    INTEGER NOT NULL, -- 0 when the finding is not about a role
    id         TEXT    NOT NULL, -- changes with the content, so that an operator accepts only what was shown
    first_seen INTEGER NOT NULL,
    body       TEXT    NOT NULL, -- JSON: names, texts, the current state, the vendor's history
    PRIMARY KEY (account, kind, target_id, type, role_id)
);
CREATE TABLE drift_decisions (
    account    INTEGER NOT NULL,
    id         TEXT    NOT NULL, -- the finding's
    kind       TEXT    NOT NULL,
    target_id  TEXT    NOT NULL,
    type       TEXT    NOT NULL,
    role_id    INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    body       TEXT    NOT NULL, -- JSON: the finding as it was
    outcome    TEXT    NOT NULL, -- 'accepted', or 'over' when the difference is gone
    actor      TEXT    NOT NULL, -- JSON: the actor that accepted it, else ''
    reason     TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    seq        INTEGER NOT NULL  -- the event that set it
);
CREATE INDEX drift_decisions_by_time ON drift_decisions (account, at DESC);

-- facts: what the console has learnt about principals, and keeps when the vendor does not report it. A row is never
-- changed: of the rows about one fact of a principal, the one with the newest event counts.
CREATE TABLE facts (
    account INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    id      TEXT    NOT NULL, -- the principal's
    fact    TEXT    NOT NULL, -- 'first_seen', 'created', 'owner' or 'gone'
    at      INTEGER NOT NULL, -- when it became so; 0 withdraws the fact
    value   TEXT    NOT NULL, -- JSON, by fact, else ''
    seq     INTEGER NOT NULL, -- the event that set it, with all other rows that name it
    PRIMARY KEY (account, kind, id, fact, seq)
) WITHOUT ROWID;
CREATE INDEX facts_by_event ON facts (account, seq);

-- import_files: uploaded files that wait for an operator to decide how they are read, at most for an hour.
CREATE TABLE import_files (
    id         TEXT    NOT NULL PRIMARY KEY,
    actor_id   TEXT    NOT NULL, -- only this operator can import it
    created_at INTEGER NOT NULL,
    content    BLOB    NOT NULL -- compressed with gzip
);

-- readiness: one row, which the readiness check writes, because only a write proves that a change can be recorded.
CREATE TABLE readiness (
    id    INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    value TEXT NOT NULL -- a random id of the database, and a counter that grows with every check
);
