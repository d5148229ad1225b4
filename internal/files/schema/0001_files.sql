-- Files as people attached them, before they travel. A blob is there for
-- others once its state is 'complete'.
CREATE TABLE files_blob (
  id          TEXT   NOT NULL PRIMARY KEY,
  record      TEXT   NOT NULL,
  name        TEXT   NOT NULL,
  type        TEXT   NOT NULL,
  size        BIGINT NOT NULL,
  sha256      TEXT   NOT NULL,
  chunks      BIGINT NOT NULL,
  state       TEXT   NOT NULL,
  uploaded_by TEXT   NOT NULL,
  at          BIGINT NOT NULL
);
CREATE INDEX files_blob_record ON files_blob (record, at);
CREATE INDEX files_blob_state ON files_blob (state, at);
CREATE TABLE files_chunk (
  blob TEXT   NOT NULL,
  n    BIGINT NOT NULL,
  data BYTEA  NOT NULL,
  PRIMARY KEY (blob, n)
);
