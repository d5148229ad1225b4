-- One row per Idempotency-Key of a token. status 0: the action has begun and
-- its outcome is not stored.
CREATE TABLE api_idempotency (
  token TEXT NOT NULL,
  key TEXT NOT NULL,
  digest TEXT NOT NULL,
  status BIGINT NOT NULL,
  header TEXT NOT NULL,
  body BYTEA,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  PRIMARY KEY (token, key)
);
CREATE INDEX api_idempotency_expires ON api_idempotency (expires);
