-- The schema for PostgreSQL. schema/sqlite.sql has the same tables and columns.
-- Times are Unix microseconds in UTC, except in sessions, where they are Unix milliseconds. 0 means "not yet".

-- operations: one row for each operation, with its current result. Lists and searches read it; the events prove it.
CREATE TABLE operations (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account     BIGINT NOT NULL,
    action      TEXT COLLATE "C" NOT NULL,
    target_kind TEXT COLLATE "C" NOT NULL,
    target_id   TEXT COLLATE "C" NOT NULL, -- '' until a create has learnt it
    target_name TEXT COLLATE "C" NOT NULL,
    former_id   TEXT COLLATE "C" NOT NULL, -- the id before a re-issue, else ''
    actor_id    TEXT COLLATE "C" NOT NULL, -- issuer|subject
    actor       TEXT COLLATE "C" NOT NULL, -- JSON: the whole actor
    reason      TEXT COLLATE "C" NOT NULL,
    request_id  TEXT COLLATE "C" NOT NULL,
    tag         TEXT COLLATE "C" NOT NULL,
    intent      TEXT COLLATE "C" NOT NULL, -- JSON, by action
    created_at  BIGINT NOT NULL,
    result      TEXT COLLATE "C" NOT NULL, -- of the newest event; '' before the first outcome
    confirmed   BOOLEAN NOT NULL,
    open        BOOLEAN NOT NULL,
    closed_at   BIGINT NOT NULL,
    last_seq    BIGINT NOT NULL, -- the newest event; a writer that has seen another one is refused
    bulk_id     TEXT COLLATE "C" NOT NULL, -- the bulk change that it is a part of, else ''
    bulk_later  BOOLEAN NOT NULL -- true when an older operation of the same bulk change exists
);
-- Each search has an index that also has the order of its result, newest first, so that a page is read without
-- sorting. The indexes by actor, action and result do not begin with the account, as in SQLite.
CREATE INDEX operations_by_time ON operations (account, created_at DESC, id DESC, result);
CREATE INDEX operations_by_actor ON operations (actor_id, created_at DESC, id DESC);
CREATE INDEX operations_by_action ON operations (action, created_at DESC, id DESC);
CREATE INDEX operations_by_result ON operations (result, created_at DESC, id DESC);
CREATE INDEX operations_by_bulk ON operations (bulk_id, created_at DESC, id DESC) WHERE bulk_id <> '';
-- Lists show a bulk change as one entry, at the time of its first operation.
CREATE INDEX operations_entries ON operations (account, created_at DESC, id DESC) WHERE bulk_later = FALSE;
CREATE INDEX operations_by_name ON operations (account, LOWER(target_name));
CREATE INDEX operations_by_target ON operations (account, target_id, created_at DESC);
CREATE INDEX operations_open ON operations (open, created_at) WHERE open;
CREATE INDEX operations_closed ON operations (closed_at) WHERE NOT open;
-- Nearly all rows have the same account. Without this the planner takes "account + 0 = ?" for rare, and sorts all
-- operations of an actor instead of reading them in order.
CREATE STATISTICS operations_account ON (account + 0) FROM operations;

-- operation_targets: the principals that an operation touches. part is 'target', 'former' (the target's id before a
-- re-issue) or 'affected' (it may change along with the target: the keys of a subuser that is deleted).
CREATE TABLE operation_targets (
    operation_id TEXT COLLATE "C" NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
    part         TEXT COLLATE "C" NOT NULL,
    kind         TEXT COLLATE "C" NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (operation_id, part, kind, id)
);
CREATE INDEX operation_targets_by_id ON operation_targets (id, kind, part);

-- operation_roles: what an operation intends to do to the roles of its target. effect is 'granted', 'revoked' or
-- 'lost' (the target is deleted). Whether it happened is operations.result.
CREATE TABLE operation_roles (
    operation_id TEXT COLLATE "C" NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
    role_id      BIGINT NOT NULL,
    effect       TEXT COLLATE "C" NOT NULL,
    name         TEXT COLLATE "C" NOT NULL, -- as the role was called then
    PRIMARY KEY (operation_id, role_id, effect)
);
CREATE INDEX operation_roles_by_role ON operation_roles (role_id, effect);

-- operation_locks: the names that an open operation holds. The primary key is the lock.
CREATE TABLE operation_locks (
    account      BIGINT NOT NULL,
    name         TEXT COLLATE "C" NOT NULL,
    operation_id TEXT COLLATE "C" NOT NULL REFERENCES operations (id),
    PRIMARY KEY (account, name)
);
CREATE INDEX operation_locks_by_operation ON operation_locks (operation_id);

-- events: the audit log, one chain without gaps (docs/audit-log.md).
CREATE TABLE events (
    seq          BIGINT NOT NULL PRIMARY KEY, -- the previous event's plus 1, set by the writer
    operation_id TEXT COLLATE "C" NOT NULL, -- the operation, or the fact that the event sets, else ''
    kind         TEXT COLLATE "C" NOT NULL,
    at           BIGINT NOT NULL,
    result       TEXT COLLATE "C" NOT NULL,
    confirmed    BOOLEAN NOT NULL,
    body         TEXT COLLATE "C" NOT NULL, -- JSON, by kind
    key_id       TEXT COLLATE "C" NOT NULL,
    mac          BYTEA NOT NULL -- 32 bytes, over this event and the MAC of the previous one
);
CREATE INDEX events_by_operation ON events (operation_id, seq);
CREATE INDEX events_mismatch ON events (seq) WHERE kind = 'mismatch';
CREATE INDEX events_loss_accepted ON events (seq) WHERE kind = 'loss_accepted';

-- checkpoints: where the chain begins after pruning.
CREATE TABLE checkpoints (
    seq    BIGINT NOT NULL PRIMARY KEY, -- the last event that was pruned
    mac    BYTEA NOT NULL, -- of that event
    at     BIGINT NOT NULL, -- when it was pruned
    key_id TEXT COLLATE "C" NOT NULL,
    seal   BYTEA NOT NULL -- an HMAC over the previous row and the other columns
);

-- The triggers stop mistakes, and programs that may only write rows. `server audit verify` detects a change that was
-- made after dropping a trigger.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed: % is refused', TG_TABLE_NAME, TG_OP;
END $$;
CREATE FUNCTION refuse_early_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.seq > (SELECT COALESCE(MAX(seq), 0) FROM checkpoints) THEN
        RAISE EXCEPTION 'events newer than the newest checkpoint are never deleted';
    END IF;
    RETURN OLD;
END $$;
CREATE FUNCTION refuse_early_seq() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq <= (SELECT COALESCE(MAX(seq), 0) FROM events) THEN
        RAISE EXCEPTION 'events are only added at the end';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER events_no_update BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_no_delete BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION refuse_early_delete();
CREATE TRIGGER events_append_only BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION refuse_early_seq();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoints_no_update BEFORE UPDATE ON checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoints_no_delete BEFORE DELETE ON checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoints_no_truncate BEFORE TRUNCATE ON checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- sessions: the cookie holds a random id, this table its hash.
CREATE TABLE sessions (
    hash       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    data       BYTEA NOT NULL,
    subject    TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    -- The flash message has a column of its own, so that taking it does not undo a concurrent write of newer groups.
    flash      BYTEA NOT NULL DEFAULT '',
    groups_at  BIGINT NOT NULL DEFAULT 0 -- when the issuer reported the groups; an older write does not replace them
);
CREATE INDEX sessions_by_subject ON sessions (subject);
CREATE INDEX sessions_by_seen ON sessions (seen_at);
CREATE INDEX sessions_by_age ON sessions (created_at);

-- bulk_changes: one change for many principals, with an item and an operation for each. Events hold the content of both
-- tables, except the lease; a row that differs is not acted on (docs/audit-log.md).
CREATE TABLE bulk_changes (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account      BIGINT NOT NULL,
    actor_id     TEXT COLLATE "C" NOT NULL, -- issuer|subject
    operator     TEXT COLLATE "C" NOT NULL, -- JSON: the whole operator
    kind         TEXT COLLATE "C" NOT NULL,
    state        TEXT COLLATE "C" NOT NULL,
    reason       TEXT COLLATE "C" NOT NULL,
    stop_reason  TEXT COLLATE "C" NOT NULL, -- '' unless it was stopped
    body         TEXT COLLATE "C" NOT NULL, -- JSON: what the preview showed for all items
    retry_of     TEXT COLLATE "C" NOT NULL, -- the id of the bulk change that this one retries, else ''
    created_at   BIGINT NOT NULL,
    started_at   BIGINT NOT NULL,
    ended_at     BIGINT NOT NULL,
    seq          BIGINT NOT NULL, -- the event that set the state
    lease_holder TEXT COLLATE "C" NOT NULL, -- the replica that works on it, '' for none
    lease_until  BIGINT NOT NULL, -- another replica may take over from then on
    bytes        BIGINT NOT NULL -- the size of the items' bodies
);
CREATE INDEX bulk_changes_by_time ON bulk_changes (account, created_at DESC);
CREATE INDEX bulk_changes_by_state ON bulk_changes (state, started_at) WHERE state IN ('draft', 'running');

CREATE TABLE bulk_items (
    bulk_id      TEXT COLLATE "C" NOT NULL REFERENCES bulk_changes (id) ON DELETE CASCADE,
    n            BIGINT NOT NULL, -- from 1
    state        TEXT COLLATE "C" NOT NULL,
    operation_id TEXT COLLATE "C" NOT NULL, -- '' until it is started
    result       TEXT COLLATE "C" NOT NULL, -- '' until it is finished
    final        BOOLEAN NOT NULL, -- result cannot change any more; else the operation's current result counts
    code         BIGINT NOT NULL, -- the vendor's error code, 0 for none
    body         TEXT COLLATE "C" NOT NULL, -- JSON: the target and its difference, as the preview showed them
    message      TEXT COLLATE "C" NOT NULL, -- a sentence about the result
    seq          BIGINT NOT NULL, -- the event that set the result; that of the draft until then
    PRIMARY KEY (bulk_id, n)
);
CREATE INDEX bulk_items_waiting ON bulk_items (bulk_id, n) WHERE state IN ('waiting', 'busy');
CREATE INDEX bulk_items_pending ON bulk_items (bulk_id, n) WHERE operation_id <> '' AND NOT final;

-- drift_checks: how far an account's principals of one kind ('subuser' or 'key') have been compared. The order of
-- events decides what was compared, because clocks are set back and differ between servers.
CREATE TABLE drift_checks (
    account       BIGINT NOT NULL,
    kind          TEXT COLLATE "C" NOT NULL,
    as_of         BIGINT NOT NULL, -- when the newest compared listing was begun
    version       BIGINT NOT NULL, -- grows by 1 with every write; a writer that has seen another one is refused
    processed_seq BIGINT NOT NULL, -- own operations up to this event are taken into account
    comparisons   BIGINT NOT NULL,
    seq           BIGINT NOT NULL, -- the event that set it, with the rows of drift_expected and drift_findings
    PRIMARY KEY (account, kind)
);
-- drift_expected: the state that the next listing is compared with.
CREATE TABLE drift_expected (
    account BIGINT NOT NULL,
    kind    TEXT COLLATE "C" NOT NULL,
    id      TEXT COLLATE "C" NOT NULL, -- the vendor's
    body    TEXT COLLATE "C" NOT NULL, -- JSON: name, description, roles, owner
    PRIMARY KEY (account, kind, id)
);
CREATE TABLE drift_findings (
    account    BIGINT NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,
    target_id  TEXT COLLATE "C" NOT NULL,
    type       TEXT COLLATE "C" NOT NULL,
    role_id    BIGINT NOT NULL, -- 0 when the finding is not about a role
    id         TEXT COLLATE "C" NOT NULL, -- changes with the content, so that an operator accepts only what was shown
    first_seen BIGINT NOT NULL,
    body       TEXT COLLATE "C" NOT NULL, -- JSON: names, texts, the current state, the vendor's history
    PRIMARY KEY (account, kind, target_id, type, role_id)
);
CREATE TABLE drift_decisions (
    account    BIGINT NOT NULL,
    id         TEXT COLLATE "C" NOT NULL, -- the finding's
    kind       TEXT COLLATE "C" NOT NULL,
    target_id  TEXT COLLATE "C" NOT NULL,
    type       TEXT COLLATE "C" NOT NULL,
    role_id    BIGINT NOT NULL,
    first_seen BIGINT NOT NULL,
    body       TEXT COLLATE "C" NOT NULL, -- JSON: the finding as it was
    outcome    TEXT COLLATE "C" NOT NULL, -- 'accepted', or 'over' when the difference is gone
    actor      TEXT COLLATE "C" NOT NULL, -- JSON: the actor that accepted it, else ''
    reason     TEXT COLLATE "C" NOT NULL,
    at         BIGINT NOT NULL,
    seq        BIGINT NOT NULL -- the event that set it
);
CREATE INDEX drift_decisions_by_time ON drift_decisions (account, at DESC);

-- facts: what the console has learnt about principals, and keeps when the vendor does not report it. A row is never
-- changed: of the rows about one fact of a principal, the one with the newest event counts.
CREATE TABLE facts (
    account BIGINT NOT NULL,
    kind    TEXT COLLATE "C" NOT NULL,
    id      TEXT COLLATE "C" NOT NULL, -- the principal's
    fact    TEXT COLLATE "C" NOT NULL, -- 'first_seen', 'created', 'owner' or 'gone'
    at      BIGINT NOT NULL, -- when it became so; 0 withdraws the fact
    value   TEXT COLLATE "C" NOT NULL, -- JSON, by fact, else ''
    seq     BIGINT NOT NULL, -- the event that set it, with all other rows that name it
    PRIMARY KEY (account, kind, id, fact, seq)
);
CREATE INDEX facts_by_event ON facts (account, seq);

-- import_files: uploaded files that wait for an operator to decide how they are read, at most for an hour.
CREATE TABLE import_files (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    actor_id   TEXT COLLATE "C" NOT NULL, -- only this operator can import it
    created_at BIGINT NOT NULL,
    content    BYTEA NOT NULL -- compressed with gzip
);

-- readiness: one row, which the readiness check writes, because only a write proves that a change can be recorded.
CREATE TABLE readiness (
    id    BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    value TEXT COLLATE "C" NOT NULL -- a random id of the database, and a counter that grows with every check
);
