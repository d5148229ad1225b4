-- One row for each record of the trail, own or received. for_member is who is to
-- act; parent is the proposal that an action answers; day is until when.
CREATE TABLE trail_record (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  owner TEXT NOT NULL,
  copy_of TEXT NOT NULL,
  source TEXT NOT NULL,
  about TEXT NOT NULL,
  parent TEXT NOT NULL,
  for_member TEXT NOT NULL,
  state TEXT NOT NULL,
  open BIGINT NOT NULL,
  version BIGINT NOT NULL,
  marking TEXT NOT NULL,
  theme TEXT NOT NULL,
  affected TEXT NOT NULL,
  day BIGINT NOT NULL,
  due BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  needle TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX trail_record_changed ON trail_record (kind, changed, id);
CREATE INDEX trail_record_source ON trail_record (source, kind);
CREATE INDEX trail_record_about ON trail_record (about, kind);
CREATE INDEX trail_record_parent ON trail_record (parent, kind);
CREATE INDEX trail_record_due ON trail_record (kind, open, due);
-- Which record speaks of which, read from both ends.
CREATE TABLE trail_link (
  record TEXT NOT NULL,
  target TEXT NOT NULL,
  PRIMARY KEY (record, target)
);
CREATE INDEX trail_link_target ON trail_link (target);
