-- Every accepted version of the region directory, as it was signed.
CREATE TABLE directory_version (
  version  BIGINT PRIMARY KEY,
  hash     TEXT   NOT NULL,
  signed   BYTEA  NOT NULL,
  accepted BIGINT NOT NULL
);
