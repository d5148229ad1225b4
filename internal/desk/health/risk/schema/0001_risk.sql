CREATE TABLE risk_assessment (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  copy_of TEXT NOT NULL,
  event TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  place TEXT NOT NULL,
  scope TEXT NOT NULL,
  level BIGINT NOT NULL,
  marking TEXT NOT NULL,
  replaces TEXT NOT NULL,
  valid_until BIGINT NOT NULL,
  due BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  needle TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX risk_assessment_event ON risk_assessment (event, changed);
CREATE INDEX risk_assessment_changed ON risk_assessment (changed, id);
CREATE INDEX risk_assessment_state ON risk_assessment (state, valid_until);
CREATE INDEX risk_assessment_copy ON risk_assessment (copy_of);
CREATE INDEX risk_assessment_replaces ON risk_assessment (replaces);
CREATE TABLE risk_position (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  copy_of TEXT NOT NULL,
  assessment TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  replaces TEXT NOT NULL,
  due BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX risk_position_assessment ON risk_position (assessment, changed);
CREATE INDEX risk_position_state ON risk_position (state, due);
CREATE INDEX risk_position_copy ON risk_position (copy_of);
CREATE INDEX risk_position_replaces ON risk_position (replaces);
-- Withdrawals whose release had not arrived: it may still come.
CREATE TABLE risk_gone (
  release_id TEXT PRIMARY KEY,
  sender TEXT NOT NULL,
  reason TEXT NOT NULL
);
