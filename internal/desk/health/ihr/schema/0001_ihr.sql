CREATE TABLE ihr_annex2 (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  copy_of TEXT NOT NULL,
  event TEXT NOT NULL,
  subject TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  place TEXT NOT NULL,
  marking TEXT NOT NULL,
  due BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX ihr_annex2_event ON ihr_annex2 (event, changed);
CREATE INDEX ihr_annex2_state ON ihr_annex2 (state, due);
CREATE TABLE ihr_determination (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  copy_of TEXT NOT NULL,
  event TEXT NOT NULL,
  subject TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  place TEXT NOT NULL,
  marking TEXT NOT NULL,
  due BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX ihr_determination_event ON ihr_determination (event, changed);
CREATE INDEX ihr_determination_subject ON ihr_determination (subject, changed);
CREATE TABLE ihr_measure (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  copy_of TEXT NOT NULL,
  event TEXT NOT NULL,
  subject TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  place TEXT NOT NULL,
  marking TEXT NOT NULL,
  due BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX ihr_measure_event ON ihr_measure (event, changed);
CREATE INDEX ihr_measure_state ON ihr_measure (state, due);
CREATE INDEX ihr_measure_changed ON ihr_measure (changed, id);
CREATE INDEX ihr_measure_copy ON ihr_measure (copy_of);
CREATE TABLE ihr_amendment (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  copy_of TEXT NOT NULL,
  event TEXT NOT NULL,
  subject TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  place TEXT NOT NULL,
  marking TEXT NOT NULL,
  due BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX ihr_amendment_owner ON ihr_amendment (owner, state);
