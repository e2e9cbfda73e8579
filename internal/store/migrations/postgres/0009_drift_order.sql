-- What was compared is told by the order of the record's events, not by clocks, which are set back and differ between
-- servers. A row from before knows but when its reading began: what was closed a minute before that, or later, comes next.
ALTER TABLE drift_checks ADD COLUMN seq BIGINT NOT NULL DEFAULT 0;      -- our own acts whose last event is up to this one were looked at
ALTER TABLE drift_checks ADD COLUMN readings BIGINT NOT NULL DEFAULT 0; -- how many were compared
UPDATE drift_checks SET seq = COALESCE(
    (SELECT MIN(o.last_seq) - 1 FROM operations o WHERE o.account = drift_checks.account AND o.open = FALSE AND o.closed_at > drift_checks.as_of - 60000000),
    (SELECT MAX(e.seq) FROM events e),
    0);
