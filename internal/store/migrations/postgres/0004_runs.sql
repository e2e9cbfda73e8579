-- Runs: one act on many targets, a row and an operation for each. Times are unix microseconds, UTC; 0 is not yet.
CREATE TABLE runs (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account     BIGINT  NOT NULL,
    actor_id    TEXT COLLATE "C" NOT NULL, -- issuer|subject, for filtering
    operator    TEXT COLLATE "C" NOT NULL, -- the whole operator, JSON
    kind        TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL,
    reason      TEXT COLLATE "C" NOT NULL,
    note        TEXT COLLATE "C" NOT NULL,
    body        TEXT COLLATE "C" NOT NULL, -- JSON: what is to be done
    retry_of    TEXT COLLATE "C" NOT NULL, -- a run's id, or ''
    created_at  BIGINT  NOT NULL,
    started_at  BIGINT  NOT NULL,
    ended_at    BIGINT  NOT NULL,
    holder      TEXT COLLATE "C" NOT NULL, -- the process that works it off, '' for none
    lease_until BIGINT  NOT NULL  -- from then on another may
);
CREATE INDEX runs_by_time ON runs (account, created_at DESC);
CREATE INDEX runs_by_state ON runs (state, started_at) WHERE state IN ('draft', 'running');

CREATE TABLE run_rows (
    run_id       TEXT COLLATE "C" NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    n            BIGINT  NOT NULL, -- from 1
    state        TEXT COLLATE "C" NOT NULL,
    operation_id TEXT COLLATE "C" NOT NULL, -- '' until its turn
    result       TEXT COLLATE "C" NOT NULL, -- '' until it had its turn
    final        BOOLEAN NOT NULL, -- result will not change; else the record is asked
    code         BIGINT  NOT NULL,
    body         TEXT COLLATE "C" NOT NULL, -- JSON: the target, what changes, and what is said of it
    answer       TEXT COLLATE "C" NOT NULL, -- what came of it
    PRIMARY KEY (run_id, n)
);
-- What is still to be done, and what the record is asked about.
CREATE INDEX run_rows_waiting ON run_rows (run_id, n) WHERE state IN ('waiting', 'busy');
CREATE INDEX run_rows_pending ON run_rows (run_id, n) WHERE operation_id <> '' AND NOT final;
