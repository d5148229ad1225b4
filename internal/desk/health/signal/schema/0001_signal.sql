-- A signal as one document, beside it the columns that lists filter and sort
-- by. rank is the order of the inbox: the due time, and behind all that have
-- one the others, the newest change first.
CREATE TABLE signal_signal (
  id TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  place TEXT NOT NULL,
  country TEXT NOT NULL,
  hazard TEXT NOT NULL,
  source TEXT NOT NULL,
  marking TEXT NOT NULL,
  created BIGINT NOT NULL,
  seen BIGINT NOT NULL,
  due BIGINT NOT NULL,
  rank BIGINT NOT NULL,
  claimer TEXT NOT NULL,
  claimed_until BIGINT NOT NULL,
  escalated BIGINT NOT NULL,
  event TEXT NOT NULL,
  duplicate_of TEXT NOT NULL,
  import TEXT NOT NULL,
  alarm TEXT NOT NULL,
  content TEXT NOT NULL,
  scouted BIGINT NOT NULL,
  twins BIGINT NOT NULL,
  needle TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX signal_signal_rank ON signal_signal (rank, id);
CREATE INDEX signal_signal_state ON signal_signal (state, rank, id);
CREATE INDEX signal_signal_hazard ON signal_signal (state, hazard, rank, id);
CREATE INDEX signal_signal_country ON signal_signal (state, country, rank, id);
CREATE INDEX signal_signal_near_place ON signal_signal (place, seen);
CREATE INDEX signal_signal_near_country ON signal_signal (country, seen, hazard);
CREATE INDEX signal_signal_claimer ON signal_signal (claimer, rank);
CREATE INDEX signal_signal_event ON signal_signal (event);
CREATE INDEX signal_signal_duplicate ON signal_signal (duplicate_of);
CREATE INDEX signal_signal_alarm ON signal_signal (alarm);
CREATE INDEX signal_signal_content ON signal_signal (content);
CREATE INDEX signal_signal_scouted ON signal_signal (scouted, id);
-- The words of a signal as bands of a minhash: two signals that share a band
-- are worth comparing.
CREATE TABLE signal_band (
  band BIGINT NOT NULL,
  signal TEXT NOT NULL,
  PRIMARY KEY (band, signal)
);
CREATE INDEX signal_band_signal ON signal_band (signal);
-- Pairs that may be the same, one < other; decided: '', 'apart' or 'merged'.
CREATE TABLE signal_pair (
  one TEXT NOT NULL,
  other TEXT NOT NULL,
  score DOUBLE PRECISION NOT NULL,
  parts TEXT NOT NULL,
  decided TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (one, other)
);
CREATE INDEX signal_pair_other ON signal_pair (other);
-- Imports, how far each is, and what their rows gave. Good rows wait in
-- signal_staged, whole, until all of them become signals at once.
CREATE TABLE signal_import (
  id TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  created BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX signal_import_state ON signal_import (state, created);
CREATE TABLE signal_progress (
  import TEXT NOT NULL PRIMARY KEY,
  row_number BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  total BIGINT NOT NULL,
  good BIGINT NOT NULL,
  repaired BIGINT NOT NULL,
  broken BIGINT NOT NULL,
  outside BIGINT NOT NULL,
  known BIGINT NOT NULL,
  empty BIGINT NOT NULL
);
CREATE TABLE signal_row (
  import TEXT NOT NULL,
  row_number BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (import, row_number)
);
CREATE INDEX signal_row_outcome ON signal_row (import, outcome, row_number);
CREATE TABLE signal_staged (
  import TEXT NOT NULL,
  row_number BIGINT NOT NULL,
  id TEXT NOT NULL,
  place TEXT NOT NULL,
  country TEXT NOT NULL,
  hazard TEXT NOT NULL,
  source TEXT NOT NULL,
  marking TEXT NOT NULL,
  seen BIGINT NOT NULL,
  content TEXT NOT NULL,
  needle TEXT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (import, row_number)
);
CREATE INDEX signal_staged_content ON signal_staged (import, content);
