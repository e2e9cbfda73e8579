-- The message for the next page gets a column of its own, so that two requests at once do not undo each other's work:
-- one takes the message while the other writes newer groups. groups_at keeps a late save from bringing back older ones.
-- A session that was begun before has no form token. Only demos could begin one: they end here, and people sign in again.
DELETE FROM sessions;
ALTER TABLE sessions ADD COLUMN flash BLOB NOT NULL DEFAULT x'';
ALTER TABLE sessions ADD COLUMN groups_at INTEGER NOT NULL DEFAULT 0; -- unix milliseconds, when the issuer told them
CREATE INDEX sessions_by_age ON sessions (created_at);
