-- One row for each version of the serial interval of a disease, from which its
-- reproduction number is computed.
CREATE TABLE surveillance_interval (
  id TEXT NOT NULL PRIMARY KEY,
  disease TEXT NOT NULL,
  number BIGINT NOT NULL,
  owner TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL,
  UNIQUE (disease, number)
);
CREATE INDEX surveillance_interval_state ON surveillance_interval (state);
