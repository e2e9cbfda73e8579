-- Runs: one act on many targets, a row and an operation for each. Times are unix microseconds, UTC; 0 is not yet.
CREATE TABLE runs (
    id          TEXT    NOT NULL PRIMARY KEY,
    account     INTEGER NOT NULL,
    actor_id    TEXT    NOT NULL, -- issuer|subject, for filtering
    operator    TEXT    NOT NULL, -- the whole operator, JSON
    kind        TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    note        TEXT    NOT NULL,
    body        TEXT    NOT NULL, -- JSON: what is to be done
    retry_of    TEXT    NOT NULL, -- a run's id, or ''
    created_at  INTEGER NOT NULL,
    started_at  INTEGER NOT NULL,
    ended_at    INTEGER NOT NULL,
    holder      TEXT    NOT NULL, -- the process that works it off, '' for none
    lease_until INTEGER NOT NULL  -- from then on another may
);
CREATE INDEX runs_by_time ON runs (account, created_at DESC);
CREATE INDEX runs_by_state ON runs (state, started_at) WHERE state IN ('draft', 'running');

CREATE TABLE run_rows (
    run_id       TEXT    NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    n            INTEGER NOT NULL, -- from 1
    state        TEXT    NOT NULL,
    operation_id TEXT    NOT NULL, -- '' until its turn
    result       TEXT    NOT NULL, -- '' until it had its turn
    final        INTEGER NOT NULL, -- result will not change; else the record is asked
    code         INTEGER NOT NULL,
    body         TEXT    NOT NULL, -- JSON: the target, what changes, and what is said of it
    answer       TEXT    NOT NULL, -- what came of it
    PRIMARY KEY (run_id, n)
) WITHOUT ROWID;
-- What is still to be done, and what the record is asked about.
CREATE INDEX run_rows_waiting ON run_rows (run_id, n) WHERE state IN ('waiting', 'busy');
CREATE INDEX run_rows_pending ON run_rows (run_id, n) WHERE operation_id <> '' AND final = 0;
