-- open is 1 while somebody must still decide. sig0 to sig7 are a Bloom filter
-- over the trigrams of needle: a search compares them before it reads texts; of
-- rows from before, -1 (all bits) lets every search look. The index of the
-- order holds them, so that most rows are passed over without being read.
ALTER TABLE signal_signal ADD COLUMN open BIGINT NOT NULL DEFAULT 0;
UPDATE signal_signal SET open = 1 WHERE state IN ('received', 'triaged', 'under_verification');
ALTER TABLE signal_signal ADD COLUMN sig0 BIGINT NOT NULL DEFAULT -1;
ALTER TABLE signal_signal ADD COLUMN sig1 BIGINT NOT NULL DEFAULT -1;
ALTER TABLE signal_signal ADD COLUMN sig2 BIGINT NOT NULL DEFAULT -1;
ALTER TABLE signal_signal ADD COLUMN sig3 BIGINT NOT NULL DEFAULT -1;
ALTER TABLE signal_signal ADD COLUMN sig4 BIGINT NOT NULL DEFAULT -1;
ALTER TABLE signal_signal ADD COLUMN sig5 BIGINT NOT NULL DEFAULT -1;
ALTER TABLE signal_signal ADD COLUMN sig6 BIGINT NOT NULL DEFAULT -1;
ALTER TABLE signal_signal ADD COLUMN sig7 BIGINT NOT NULL DEFAULT -1;
ALTER TABLE signal_staged ADD COLUMN sig0 BIGINT NOT NULL DEFAULT -1;
ALTER TABLE signal_staged ADD COLUMN sig1 BIGINT NOT NULL DEFAULT -1;
ALTER TABLE signal_staged ADD COLUMN sig2 BIGINT NOT NULL DEFAULT -1;
ALTER TABLE signal_staged ADD COLUMN sig3 BIGINT NOT NULL DEFAULT -1;
ALTER TABLE signal_staged ADD COLUMN sig4 BIGINT NOT NULL DEFAULT -1;
ALTER TABLE signal_staged ADD COLUMN sig5 BIGINT NOT NULL DEFAULT -1;
ALTER TABLE signal_staged ADD COLUMN sig6 BIGINT NOT NULL DEFAULT -1;
ALTER TABLE signal_staged ADD COLUMN sig7 BIGINT NOT NULL DEFAULT -1;
DROP INDEX signal_signal_rank;
CREATE INDEX signal_signal_rank ON signal_signal (rank, id, sig0, sig1, sig2, sig3, sig4, sig5, sig6, sig7);
CREATE INDEX signal_signal_open ON signal_signal (open, rank, id);
