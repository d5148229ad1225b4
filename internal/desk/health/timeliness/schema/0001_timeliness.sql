CREATE TABLE timeliness_record (
  id TEXT PRIMARY KEY,
  event TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX timeliness_record_changed ON timeliness_record (changed, id);
-- What other members released of theirs: the newest of each.
CREATE TABLE timeliness_copy (
  id TEXT PRIMARY KEY,
  event TEXT NOT NULL,
  owner TEXT NOT NULL,
  release_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  marking TEXT NOT NULL,
  withdrawn BIGINT NOT NULL,
  issued BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX timeliness_copy_event ON timeliness_copy (event);
-- A withdrawal may come before what it withdraws.
CREATE TABLE timeliness_gone (
  release_id TEXT PRIMARY KEY,
  owner TEXT NOT NULL
);
