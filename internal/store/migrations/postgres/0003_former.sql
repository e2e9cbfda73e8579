-- Issuing access again deletes a subuser and creates another: the operation then has the new id, and this one is the former.
ALTER TABLE operations ADD COLUMN former_id TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX operations_by_former ON operations (account, former_id) WHERE former_id <> '';
