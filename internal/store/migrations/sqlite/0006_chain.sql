-- Events become one chain: each has a number without a gap, and a MAC over the one before it (docs/record.md). No version
-- was released yet, so what is here from before simply keeps an empty key_id and mac: it is counted as "before the chain",
-- and proves nothing. The first event that is chained begins from zeros.
DROP INDEX events_by_operation;
CREATE TABLE chained_events (
    seq          INTEGER NOT NULL PRIMARY KEY, -- last + 1, given by the writer
    operation_id TEXT    NOT NULL,             -- '' for what is no part of an operation
    kind         TEXT    NOT NULL,
    at           INTEGER NOT NULL,             -- unix microseconds, UTC
    result       TEXT    NOT NULL,
    confirmed    INTEGER NOT NULL,
    body         TEXT    NOT NULL,             -- JSON, by kind
    key_id       TEXT    NOT NULL,             -- '' before the chain
    mac          BLOB    NOT NULL              -- 32 bytes; empty before the chain
);
INSERT INTO chained_events SELECT seq, operation_id, kind, at, result, confirmed, body, '', x'' FROM events ORDER BY seq;
DROP TABLE events;
ALTER TABLE chained_events RENAME TO events;
CREATE INDEX events_by_operation ON events (operation_id, seq);

-- Where the chain begins when what is older was taken out. seal is an HMAC over the other columns.
CREATE TABLE checkpoints (
    seq    INTEGER NOT NULL PRIMARY KEY, -- the last event that was taken out
    mac    BLOB    NOT NULL,             -- that event's; zeros for one from before the chain
    at     INTEGER NOT NULL,             -- when it was taken out, unix microseconds, UTC
    key_id TEXT    NOT NULL,
    seal   BLOB    NOT NULL
);

-- Against mistakes, and against a program that may only write. Whoever can drop a trigger is found out by verifying.
CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_remain BEFORE DELETE ON events WHEN OLD.seq > (SELECT COALESCE(MAX(seq), 0) FROM checkpoints)
    BEGIN SELECT RAISE(ABORT, 'events newer than the newest checkpoint are never deleted'); END;
CREATE TRIGGER events_follow BEFORE INSERT ON events WHEN NEW.seq <= (SELECT COALESCE(MAX(seq), 0) FROM events)
    BEGIN SELECT RAISE(ABORT, 'events are only added at the end'); END;
CREATE TRIGGER checkpoints_stay BEFORE UPDATE ON checkpoints BEGIN SELECT RAISE(ABORT, 'checkpoints are never changed'); END;
CREATE TRIGGER checkpoints_remain BEFORE DELETE ON checkpoints BEGIN SELECT RAISE(ABORT, 'checkpoints are never deleted'); END;
