-- A standing release of counts at its owner, and the cells of it that were
-- withheld for the sake of others: they stay withheld. held is the body that its
-- recipients hold.
CREATE TABLE surveillance_share (
  id TEXT NOT NULL PRIMARY KEY,
  dataset BIGINT NOT NULL,
  disease TEXT NOT NULL,
  owner TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  held TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX surveillance_share_state ON surveillance_share (state);
CREATE TABLE surveillance_kept (
  share TEXT NOT NULL,
  period BIGINT NOT NULL,
  place TEXT NOT NULL,
  PRIMARY KEY (share, period, place)
);
-- Counts of other members as they came. share names the sender's standing
-- release; reason is not empty once it was taken back, and the counts are gone.
CREATE TABLE surveillance_released (
  release TEXT NOT NULL PRIMARY KEY,
  share TEXT NOT NULL,
  owner TEXT NOT NULL,
  disease TEXT NOT NULL,
  level BIGINT NOT NULL,
  known_at BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  received BIGINT NOT NULL,
  marking TEXT NOT NULL,
  exercise TEXT NOT NULL,
  reason TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX surveillance_released_share ON surveillance_released (share, known_at, rev);
CREATE INDEX surveillance_released_disease ON surveillance_released (disease);
-- The node's own outlines by state, in place of the built-in ones.
CREATE TABLE surveillance_outline (
  state TEXT NOT NULL PRIMARY KEY,
  changed BIGINT NOT NULL,
  post TEXT NOT NULL,
  name TEXT NOT NULL,
  source TEXT NOT NULL,
  data BYTEA NOT NULL
);
