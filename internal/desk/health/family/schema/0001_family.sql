CREATE TABLE family_family (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX family_family_changed ON family_family (changed, id);
-- Which events stand in which family, own and received ones alike.
CREATE TABLE family_link (
  family TEXT NOT NULL,
  event TEXT NOT NULL,
  PRIMARY KEY (family, event)
);
CREATE INDEX family_link_event ON family_link (event);
-- The newest that another member shared of each of its families.
CREATE TABLE family_copy (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  release_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  issued BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE TABLE family_gone (
  release_id TEXT PRIMARY KEY,
  owner TEXT NOT NULL
);
-- What this member says of its own event in a family of another.
CREATE TABLE family_answer (
  id TEXT PRIMARY KEY,
  family TEXT NOT NULL,
  event TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL,
  UNIQUE (family, event)
);
CREATE INDEX family_answer_state ON family_answer (state, changed);
