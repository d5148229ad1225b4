CREATE TABLE sop_playbook (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  copy_of TEXT NOT NULL,
  code TEXT NOT NULL,
  digest TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  marking TEXT NOT NULL,
  changed BIGINT NOT NULL,
  needle TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX sop_playbook_code ON sop_playbook (code, changed);
CREATE INDEX sop_playbook_state ON sop_playbook (state, changed);
CREATE TABLE sop_run (
  id TEXT PRIMARY KEY,
  playbook TEXT NOT NULL,
  code TEXT NOT NULL,
  digest TEXT NOT NULL,
  scope TEXT NOT NULL,
  event TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  started BIGINT NOT NULL,
  needle TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX sop_run_scope ON sop_run (scope, code, started);
CREATE INDEX sop_run_event ON sop_run (event, started);
CREATE INDEX sop_run_state ON sop_run (state, started);
CREATE INDEX sop_run_code ON sop_run (code, started);
CREATE TABLE sop_task (
  id TEXT PRIMARY KEY,
  run TEXT NOT NULL,
  n BIGINT NOT NULL,
  code TEXT NOT NULL,
  digest TEXT NOT NULL,
  state TEXT NOT NULL,
  role TEXT NOT NULL,
  doer TEXT NOT NULL,
  version BIGINT NOT NULL,
  due BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX sop_task_run ON sop_task (run, n);
CREATE INDEX sop_task_state ON sop_task (state, due);
CREATE INDEX sop_task_digest ON sop_task (digest, n);
CREATE TABLE sop_start (
  id TEXT PRIMARY KEY,
  run TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE TABLE sop_progress (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  code TEXT NOT NULL,
  scope TEXT NOT NULL,
  version BIGINT NOT NULL,
  issued BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX sop_progress_code ON sop_progress (code, issued);
