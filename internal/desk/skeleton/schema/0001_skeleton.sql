CREATE TABLE skeleton_memo (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  doc TEXT NOT NULL
);
