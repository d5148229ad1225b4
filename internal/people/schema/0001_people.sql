CREATE TABLE people_agency (
  code TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  sector TEXT NOT NULL,
  closed BIGINT NOT NULL,
  created BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  version BIGINT NOT NULL
);

CREATE TABLE people_account (
  id TEXT PRIMARY KEY,
  login TEXT NOT NULL UNIQUE,
  post TEXT NOT NULL,
  display TEXT NOT NULL,
  agency TEXT NOT NULL,
  language TEXT NOT NULL,
  state TEXT NOT NULL,
  made_by TEXT NOT NULL,
  created BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  signed_in BIGINT NOT NULL,
  version BIGINT NOT NULL,
  password TEXT NOT NULL,
  totp BYTEA,
  totp_next BYTEA,
  totp_step BIGINT NOT NULL,
  epoch BIGINT NOT NULL
);

CREATE TABLE people_recovery (
  account TEXT NOT NULL,
  hash BYTEA NOT NULL,
  PRIMARY KEY (account, hash)
);

CREATE TABLE people_grant (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  role TEXT NOT NULL,
  place TEXT NOT NULL,
  agency TEXT NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT NOT NULL,
  state TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  asked BIGINT NOT NULL,
  decided_by TEXT NOT NULL,
  decided BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX people_grant_account ON people_grant (account, state);
CREATE INDEX people_grant_state ON people_grant (state, role);

CREATE TABLE people_invitation (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  hash BYTEA NOT NULL UNIQUE,
  reset BIGINT NOT NULL,
  made_by TEXT NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  opened BIGINT NOT NULL,
  totp BYTEA
);
CREATE INDEX people_invitation_account ON people_invitation (account);

CREATE TABLE people_session (
  id TEXT PRIMARY KEY,
  hash BYTEA NOT NULL UNIQUE,
  account TEXT NOT NULL,
  demo BIGINT NOT NULL,
  created BIGINT NOT NULL,
  seen BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  second BIGINT NOT NULL,
  network TEXT NOT NULL,
  agent TEXT NOT NULL
);
CREATE INDEX people_session_account ON people_session (account);

CREATE TABLE people_token (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  name TEXT NOT NULL,
  hash BYTEA NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  roles TEXT NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  used BIGINT NOT NULL,
  revoked BIGINT NOT NULL
);
CREATE INDEX people_token_account ON people_token (account);

CREATE TABLE people_throttle (
  k TEXT PRIMARY KEY,
  failures BIGINT NOT NULL,
  since BIGINT NOT NULL,
  last BIGINT NOT NULL
);
