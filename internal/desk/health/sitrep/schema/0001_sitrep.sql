CREATE TABLE sitrep_report (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  copy_of TEXT NOT NULL,
  scope TEXT NOT NULL,
  event TEXT NOT NULL,
  family TEXT NOT NULL,
  call_id TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  number BIGINT NOT NULL,
  place TEXT NOT NULL,
  marking TEXT NOT NULL,
  replaces TEXT NOT NULL,
  as_of BIGINT NOT NULL,
  received BIGINT NOT NULL,
  next_issue BIGINT NOT NULL,
  due BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  needle TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX sitrep_report_changed ON sitrep_report (changed, id);
CREATE INDEX sitrep_report_event ON sitrep_report (event, number);
CREATE INDEX sitrep_report_family ON sitrep_report (family, number);
CREATE INDEX sitrep_report_call ON sitrep_report (call_id);
CREATE INDEX sitrep_report_state ON sitrep_report (state, due);
CREATE INDEX sitrep_report_copy ON sitrep_report (copy_of);
CREATE INDEX sitrep_report_replaces ON sitrep_report (replaces);
-- Requests of other members for an input to a regional report, the newest of each.
CREATE TABLE sitrep_call (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  family TEXT NOT NULL,
  version BIGINT NOT NULL,
  cut_off BIGINT NOT NULL,
  received BIGINT NOT NULL,
  marking TEXT NOT NULL,
  ended BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX sitrep_call_cut_off ON sitrep_call (ended, cut_off);
-- Withdrawals whose release had not arrived: it may still come.
CREATE TABLE sitrep_gone (
  release_id TEXT PRIMARY KEY,
  sender TEXT NOT NULL,
  reason TEXT NOT NULL
);
