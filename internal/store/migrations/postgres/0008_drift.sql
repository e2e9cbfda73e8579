-- Drift: what an account is expected to hold, what was found to differ, and what became of that. Times are unix
-- microseconds, UTC. A kind is 'subuser' or 'key'.
CREATE TABLE drift_checks (
    account BIGINT  NOT NULL,
    kind    TEXT    NOT NULL,
    as_of   BIGINT  NOT NULL, -- when the newest reading began that was compared
    turn    BIGINT  NOT NULL, -- one more with every change, so that two writers do not undo each other
    PRIMARY KEY (account, kind)
);
CREATE TABLE drift_expected (
    account BIGINT  NOT NULL,
    kind    TEXT    NOT NULL,
    id      TEXT    NOT NULL, -- the vendor's
    body    TEXT    NOT NULL, -- JSON: name, description, roles, owner
    PRIMARY KEY (account, kind, id)
);
CREATE TABLE drift_findings (
    account    BIGINT  NOT NULL,
    kind       TEXT    NOT NULL,
    target     TEXT    NOT NULL, -- the vendor's id
    what       TEXT    NOT NULL,
    role       BIGINT  NOT NULL, -- 0 where it is not about a role
    id         TEXT    NOT NULL, -- changes with what is found, so that nobody accepts what they have not seen
    first_seen BIGINT  NOT NULL,
    last_seen  BIGINT  NOT NULL,
    body       TEXT    NOT NULL, -- JSON: names, texts, what is there now, what the vendor's history says
    PRIMARY KEY (account, kind, target, what, role)
);
CREATE TABLE drift_decisions (
    account    BIGINT  NOT NULL,
    id         TEXT    NOT NULL, -- of the finding
    kind       TEXT    NOT NULL,
    target     TEXT    NOT NULL,
    what       TEXT    NOT NULL,
    role       BIGINT  NOT NULL,
    first_seen BIGINT  NOT NULL,
    body       TEXT    NOT NULL, -- JSON: the finding as it was
    verdict    TEXT    NOT NULL, -- 'accepted', or 'over': no longer so
    actor      TEXT    NOT NULL, -- JSON: who accepted, '' for nobody
    reason     TEXT    NOT NULL,
    at         BIGINT  NOT NULL
);
CREATE INDEX drift_decisions_by_time ON drift_decisions (account, at DESC);
