-- What the record's pages ask for, newest first: each filter that leaves few rows of many has an index that also has the
-- order, so that a page of them is read without sorting. The one by time now ends in the id, which the pages go by. Those
-- by person, action and result do not begin with the account: without statistics SQLite would not choose them otherwise.
DROP INDEX operations_by_time;
CREATE INDEX operations_by_time ON operations (account, created_at DESC, id DESC);
CREATE INDEX operations_by_actor ON operations (actor_id, created_at DESC, id DESC);
CREATE INDEX operations_by_action ON operations (action, created_at DESC, id DESC);
CREATE INDEX operations_by_result ON operations (result, created_at DESC, id DESC);
CREATE INDEX operations_by_name ON operations (account, LOWER(target_name));
-- Here the account is the same for nearly every row, which the planner does not know of an expression by itself: it would
-- take "account + 0 = ?" for rare, and sort all that somebody did instead of reading it in order.
CREATE STATISTICS operations_account ON (account + 0) FROM operations;
