-- One row for each version of a method: which algorithm judges a disease, with
-- which parameters. disease '' is the default for all that have none.
CREATE TABLE surveillance_method (
  id TEXT NOT NULL PRIMARY KEY,
  disease TEXT NOT NULL,
  resolution TEXT NOT NULL,
  number BIGINT NOT NULL,
  owner TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL,
  UNIQUE (disease, resolution, number)
);
CREATE INDEX surveillance_method_state ON surveillance_method (state);
-- One row for each scan of a dataset. digest names the methods that were in
-- force; beat is when the process that works on it last said so.
CREATE TABLE surveillance_run (
  id TEXT NOT NULL PRIMARY KEY,
  dataset BIGINT NOT NULL,
  owner TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  created BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  digest TEXT NOT NULL,
  done BIGINT NOT NULL,
  total BIGINT NOT NULL,
  beat BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX surveillance_run_dataset ON surveillance_run (dataset, created);
CREATE INDEX surveillance_run_state ON surveillance_run (state, created);
-- What a scan found. newest: of the last scan of the dataset's newest period;
-- held: why it is not an alarm although the count is above its threshold;
-- pending: a signal is still to be raised.
CREATE TABLE surveillance_alarm (
  id TEXT NOT NULL PRIMARY KEY,
  run TEXT NOT NULL,
  dataset BIGINT NOT NULL,
  period BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  disease TEXT NOT NULL,
  place TEXT NOT NULL,
  class TEXT NOT NULL,
  country TEXT NOT NULL,
  algorithm TEXT NOT NULL,
  method TEXT NOT NULL,
  held TEXT NOT NULL,
  weight DOUBLE PRECISION NOT NULL,
  raised BIGINT NOT NULL,
  newest BIGINT NOT NULL,
  pending BIGINT NOT NULL,
  signal TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX surveillance_alarm_newest ON surveillance_alarm (newest, weight);
CREATE INDEX surveillance_alarm_run ON surveillance_alarm (run, weight);
CREATE INDEX surveillance_alarm_series ON surveillance_alarm (dataset, disease, place, period);
CREATE INDEX surveillance_alarm_pending ON surveillance_alarm (pending);
CREATE INDEX surveillance_alarm_signal ON surveillance_alarm (signal);
-- When scans begin by themselves: one document.
CREATE TABLE surveillance_schedule (
  id TEXT NOT NULL PRIMARY KEY,
  version BIGINT NOT NULL,
  doc TEXT NOT NULL
);
