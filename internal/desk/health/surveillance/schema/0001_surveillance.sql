-- What a dataset is stands in its document; front, rev and the counts are what
-- the imports made of it. busy names the import that is being applied.
CREATE TABLE surveillance_dataset (
  id TEXT NOT NULL PRIMARY KEY,
  number BIGINT NOT NULL,
  owner TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  marking TEXT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL,
  UNIQUE (number)
);
CREATE TABLE surveillance_front (
  dataset BIGINT NOT NULL PRIMARY KEY,
  rev BIGINT NOT NULL,
  known_at BIGINT NOT NULL,
  first BIGINT NOT NULL,
  front BIGINT NOT NULL,
  series BIGINT NOT NULL,
  busy TEXT NOT NULL
);
-- One packed series for each key. id is the dataset's number times 2^32 plus a
-- running number, so that a dataset is one range of identifiers.
CREATE TABLE surveillance_series (
  id BIGINT NOT NULL PRIMARY KEY,
  dataset BIGINT NOT NULL,
  disease TEXT NOT NULL,
  place TEXT NOT NULL,
  class TEXT NOT NULL,
  stratum TEXT NOT NULL,
  data BYTEA NOT NULL,
  UNIQUE (dataset, disease, place, class, stratum)
);
CREATE INDEX surveillance_series_place ON surveillance_series (place, dataset);
-- Each applied import is a revision. front is the newest period after it: a
-- value of a period beyond the front of the revision before needs no row in
-- surveillance_change, because nobody could have known it.
CREATE TABLE surveillance_revision (
  dataset BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  import TEXT NOT NULL,
  at BIGINT NOT NULL,
  known_at BIGINT NOT NULL,
  front BIGINT NOT NULL,
  cells BIGINT NOT NULL,
  PRIMARY KEY (dataset, rev)
);
-- What the cells of a series held before a revision, where it corrected them.
CREATE TABLE surveillance_change (
  dataset BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  series BIGINT NOT NULL,
  was BYTEA NOT NULL,
  PRIMARY KEY (dataset, rev, series)
);
CREATE INDEX surveillance_change_series ON surveillance_change (series, rev);
-- What an import will store, until it becomes visible in one step.
CREATE TABLE surveillance_stage (
  import TEXT NOT NULL,
  series BIGINT NOT NULL,
  dataset BIGINT NOT NULL,
  disease TEXT NOT NULL,
  place TEXT NOT NULL,
  class TEXT NOT NULL,
  stratum TEXT NOT NULL,
  data BYTEA NOT NULL,
  revised BIGINT NOT NULL,
  was BYTEA NOT NULL,
  PRIMARY KEY (import, series)
);
CREATE TABLE surveillance_import (
  id TEXT NOT NULL PRIMARY KEY,
  dataset TEXT NOT NULL,
  owner TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  done BIGINT NOT NULL,
  total BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX surveillance_import_changed ON surveillance_import (changed, id);
CREATE INDEX surveillance_import_state ON surveillance_import (state);
CREATE TABLE surveillance_mapping (
  name TEXT NOT NULL PRIMARY KEY,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
-- Words that a person said which place they mean.
CREATE TABLE surveillance_alias (
  id TEXT NOT NULL PRIMARY KEY,
  term TEXT NOT NULL,
  owner TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  place TEXT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL,
  UNIQUE (term)
);
-- Places below those of the built-in gazetteer.
CREATE TABLE surveillance_place (
  code TEXT NOT NULL PRIMARY KEY,
  parent TEXT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
