CREATE TABLE sop_sending (
  file TEXT PRIMARY KEY,
  run TEXT NOT NULL,
  members TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX sop_sending_run ON sop_sending (run);
