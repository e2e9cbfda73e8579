-- Events become one chain: each has a number without a gap, and a MAC over the one before it (docs/record.md). What is here
-- from before keeps an empty key_id and mac: it is counted as "before the chain", and proves nothing. The first event that
-- is chained begins from zeros.
ALTER TABLE events DROP CONSTRAINT IF EXISTS events_operation_id_fkey; -- '' is for what is no part of an operation
ALTER TABLE events ALTER COLUMN seq DROP IDENTITY IF EXISTS;
ALTER TABLE events ALTER COLUMN seq DROP DEFAULT; -- last + 1, given by the writer
ALTER TABLE events ADD COLUMN key_id TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN mac BYTEA NOT NULL DEFAULT ''::bytea; -- 32 bytes; empty before the chain

-- Where the chain begins when what is older was taken out. seal is an HMAC over the other columns.
CREATE TABLE checkpoints (
    seq    BIGINT NOT NULL PRIMARY KEY, -- the last event that was taken out
    mac    BYTEA  NOT NULL,             -- that event's; zeros for one from before the chain
    at     BIGINT NOT NULL,             -- when it was taken out, unix microseconds, UTC
    key_id TEXT   NOT NULL,
    seal   BYTEA  NOT NULL
);

-- Against mistakes, and against a program that may only write. Whoever can drop a trigger is found out by verifying.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the record is only added to: % of % is refused', TG_OP, TG_TABLE_NAME;
END $$;
CREATE FUNCTION keep_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.seq > (SELECT COALESCE(MAX(seq), 0) FROM checkpoints) THEN
        RAISE EXCEPTION 'events newer than the newest checkpoint are never deleted';
    END IF;
    RETURN OLD;
END $$;
CREATE FUNCTION follow_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq <= (SELECT COALESCE(MAX(seq), 0) FROM events) THEN
        RAISE EXCEPTION 'events are only added at the end';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER events_stay BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_remain BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION keep_event();
CREATE TRIGGER events_follow BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION follow_event();
CREATE TRIGGER events_whole BEFORE TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoints_stay BEFORE UPDATE OR DELETE ON checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoints_whole BEFORE TRUNCATE ON checkpoints FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
