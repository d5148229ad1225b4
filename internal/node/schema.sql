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
CREATE TABLE directory_version (
  version  BIGINT PRIMARY KEY,
  hash     TEXT   NOT NULL,
  signed   BYTEA  NOT NULL,
  accepted BIGINT NOT NULL
);
CREATE TABLE exchange_channel (
  channel TEXT   NOT NULL PRIMARY KEY,
  epoch   BIGINT NOT NULL,
  seq     BIGINT NOT NULL,
  hash    TEXT   NOT NULL
);
CREATE TABLE exchange_chunk (
  from_member TEXT   NOT NULL,
  file        TEXT   NOT NULL,
  n           BIGINT NOT NULL,
  data        BYTEA  NOT NULL,
  PRIMARY KEY (from_member, file, n)
);
CREATE TABLE exchange_count (
  reason TEXT   NOT NULL PRIMARY KEY,
  n      BIGINT NOT NULL
);
CREATE TABLE exchange_envelope (
  ord     BIGINT PRIMARY KEY,
  channel TEXT   NOT NULL,
  epoch   BIGINT NOT NULL,
  seq     BIGINT NOT NULL,
  release TEXT   NOT NULL,
  kind    TEXT   NOT NULL,
  hash    TEXT   NOT NULL,
  sealed  BYTEA  NOT NULL
);
CREATE UNIQUE INDEX exchange_envelope_place ON exchange_envelope (channel, epoch, seq);
CREATE INDEX exchange_envelope_release ON exchange_envelope (release);
CREATE TABLE exchange_epoch (
  channel TEXT   NOT NULL,
  epoch   BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  reason  TEXT   NOT NULL,
  PRIMARY KEY (channel, epoch)
);
CREATE TABLE exchange_file (
  from_member TEXT   NOT NULL,
  id          TEXT   NOT NULL,
  name        TEXT   NOT NULL,
  type        TEXT   NOT NULL,
  size        BIGINT NOT NULL,
  sha256      TEXT   NOT NULL,
  chunks      BIGINT NOT NULL,
  have        BIGINT NOT NULL,
  state       TEXT   NOT NULL,
  at          BIGINT NOT NULL,
  PRIMARY KEY (from_member, id)
);
CREATE TABLE exchange_have (
  member  TEXT   NOT NULL,
  channel TEXT   NOT NULL,
  epoch   BIGINT NOT NULL,
  seq     BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  PRIMARY KEY (member, channel)
);
CREATE TABLE exchange_head (
  id     BIGINT PRIMARY KEY,
  ord    BIGINT NOT NULL,
  holder TEXT   NOT NULL,
  until  BIGINT NOT NULL
);
CREATE TABLE exchange_heard (
  member TEXT   NOT NULL PRIMARY KEY,
  heard  BIGINT NOT NULL,
  skew   BIGINT NOT NULL
);
CREATE TABLE exchange_held (
  from_member TEXT   NOT NULL,
  channel     TEXT   NOT NULL,
  epoch       BIGINT NOT NULL,
  seq         BIGINT NOT NULL,
  hash        TEXT   NOT NULL,
  received    BIGINT NOT NULL,
  sealed      BYTEA  NOT NULL,
  PRIMARY KEY (from_member, channel, epoch, seq, hash)
);
CREATE TABLE exchange_inbox (
  from_member   TEXT   NOT NULL,
  channel       TEXT   NOT NULL,
  epoch         BIGINT NOT NULL,
  seq           BIGINT NOT NULL,
  hash          TEXT   NOT NULL,
  release       TEXT   NOT NULL,
  kind          TEXT   NOT NULL,
  state         TEXT   NOT NULL,
  received      BIGINT NOT NULL,
  supersedes    TEXT   NOT NULL,
  withdraws     TEXT   NOT NULL,
  superseded_by TEXT   NOT NULL,
  withdrawn_by  TEXT   NOT NULL,
  exercise      TEXT   NOT NULL,
  plain         BYTEA  NOT NULL,
  PRIMARY KEY (from_member, channel, epoch, seq)
);
CREATE INDEX exchange_inbox_release ON exchange_inbox (release);
CREATE TABLE exchange_mark (
  member  TEXT   NOT NULL,
  channel TEXT   NOT NULL,
  epoch   BIGINT NOT NULL,
  upto    BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  PRIMARY KEY (member, channel, epoch, upto)
);
CREATE TABLE exchange_outbox (
  release       TEXT   NOT NULL PRIMARY KEY,
  kind          TEXT   NOT NULL,
  desk          TEXT   NOT NULL,
  ref_id        TEXT   NOT NULL,
  queued        BIGINT NOT NULL,
  due           BIGINT NOT NULL,
  withdrawn_by  TEXT   NOT NULL,
  superseded_by TEXT   NOT NULL,
  exercise      TEXT   NOT NULL,
  recipients    BIGINT NOT NULL,
  plain         BYTEA  NOT NULL
);
CREATE TABLE exchange_peer (
  member  TEXT   NOT NULL,
  channel TEXT   NOT NULL,
  epoch   BIGINT NOT NULL,
  seq     BIGINT NOT NULL,
  hash    TEXT   NOT NULL,
  at      BIGINT NOT NULL,
  held    BIGINT NOT NULL,
  PRIMARY KEY (member, channel)
);
CREATE TABLE exchange_peer_epoch (
  member  TEXT   NOT NULL,
  channel TEXT   NOT NULL,
  epoch   BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  PRIMARY KEY (member, channel, epoch)
);
CREATE TABLE exchange_quarantine (
  id          TEXT   NOT NULL PRIMARY KEY,
  received    BIGINT NOT NULL,
  reason      TEXT   NOT NULL,
  detail      TEXT   NOT NULL,
  subject     TEXT   NOT NULL,
  from_member TEXT   NOT NULL,
  channel     TEXT   NOT NULL,
  epoch       BIGINT NOT NULL,
  seq         BIGINT NOT NULL,
  release     TEXT   NOT NULL,
  kind        TEXT   NOT NULL,
  hash        TEXT   NOT NULL,
  size        BIGINT NOT NULL,
  settled     BIGINT NOT NULL,
  sealed      BYTEA  NOT NULL
);
CREATE INDEX exchange_quarantine_hash ON exchange_quarantine (hash);
CREATE INDEX exchange_quarantine_received ON exchange_quarantine (received);
CREATE TABLE exchange_receipt (
  release TEXT   NOT NULL,
  member  TEXT   NOT NULL,
  stage   TEXT   NOT NULL,
  at      BIGINT NOT NULL,
  role    TEXT   NOT NULL,
  words   TEXT   NOT NULL,
  PRIMARY KEY (release, member, stage, at)
);
CREATE TABLE exchange_round (
  upto BIGINT PRIMARY KEY,
  at   BIGINT NOT NULL
);
CREATE TABLE exchange_session (
  from_member TEXT   NOT NULL,
  channel     TEXT   NOT NULL,
  session     TEXT   NOT NULL,
  received    BIGINT NOT NULL,
  wraps       BYTEA  NOT NULL,
  PRIMARY KEY (from_member, channel, session)
);
CREATE TABLE exchange_tombstone (
  from_member   TEXT NOT NULL,
  release       TEXT NOT NULL,
  withdrawn_by  TEXT NOT NULL,
  superseded_by TEXT NOT NULL,
  PRIMARY KEY (from_member, release)
);
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
CREATE TABLE health_ack (
  notification TEXT NOT NULL,
  member TEXT NOT NULL,
  event TEXT NOT NULL,
  release_id TEXT NOT NULL,
  stage TEXT NOT NULL,
  role TEXT NOT NULL,
  words TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (notification, member)
);
CREATE INDEX health_ack_event ON health_ack (event);
CREATE TABLE health_event (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  copy_of TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  place TEXT NOT NULL,
  hazard TEXT NOT NULL,
  grade TEXT NOT NULL,
  grade_rank BIGINT NOT NULL,
  marking TEXT NOT NULL,
  changed BIGINT NOT NULL,
  due BIGINT NOT NULL,
  exercise TEXT NOT NULL,
  needle TEXT NOT NULL,
  open BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX health_event_changed ON health_event (changed, id);
CREATE INDEX health_event_due ON health_event (copy_of, open, due);
CREATE INDEX health_event_open ON health_event (open, grade_rank, changed);
CREATE TABLE health_fact (
  event TEXT NOT NULL,
  seq BIGINT NOT NULL,
  id TEXT NOT NULL,
  revision BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (event, seq)
);
CREATE TABLE health_notice (
  id TEXT PRIMARY KEY,
  release_id TEXT NOT NULL UNIQUE,
  sender TEXT NOT NULL,
  supersedes TEXT NOT NULL,
  event TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  marking TEXT NOT NULL,
  due BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX health_notice_event ON health_notice (event, changed);
CREATE INDEX health_notice_state ON health_notice (state, due);
CREATE INDEX health_notice_supersedes ON health_notice (supersedes);
CREATE TABLE health_notification (
  id TEXT PRIMARY KEY,
  event TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  marking TEXT NOT NULL,
  released BIGINT NOT NULL,
  due BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX health_notification_event ON health_notification (event, changed);
CREATE INDEX health_notification_marking ON health_notification (marking, released);
CREATE INDEX health_notification_state ON health_notification (state, due);
CREATE TABLE health_question (
  id TEXT PRIMARY KEY,
  asker TEXT NOT NULL,
  asked TEXT NOT NULL,
  event TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  due BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX health_question_event ON health_question (event, changed);
CREATE INDEX health_question_state ON health_question (state, due);
CREATE TABLE health_release (
  id TEXT PRIMARY KEY,
  notification TEXT NOT NULL,
  event TEXT NOT NULL
, body TEXT NOT NULL DEFAULT '');
CREATE INDEX health_release_event ON health_release (event);
CREATE INDEX health_release_notification ON health_release (notification);
CREATE TABLE health_sending (
  file         TEXT   NOT NULL PRIMARY KEY,
  notification TEXT   NOT NULL,
  members      TEXT   NOT NULL,
  at           BIGINT NOT NULL
);
CREATE INDEX health_sending_notification ON health_sending (notification);
CREATE TABLE history_checkpoint (
  epoch BIGINT NOT NULL,
  size  BIGINT NOT NULL,
  note  TEXT NOT NULL,
  PRIMARY KEY (epoch, size)
);
CREATE INDEX history_checkpoint_size ON history_checkpoint (size, epoch);
CREATE TABLE history_countersign (
  epoch    BIGINT NOT NULL,
  size     BIGINT NOT NULL,
  member   TEXT NOT NULL,
  note     TEXT NOT NULL,
  received BIGINT NOT NULL,
  PRIMARY KEY (epoch, size, member)
);
CREATE TABLE history_entry (
  idx        BIGINT PRIMARY KEY,
  at         BIGINT NOT NULL,
  recorded   BIGINT NOT NULL,
  member     TEXT NOT NULL,
  account    TEXT NOT NULL,
  actor      TEXT NOT NULL,
  role       TEXT NOT NULL,
  action     TEXT NOT NULL,
  desk       TEXT NOT NULL,
  kind       TEXT NOT NULL,
  record     TEXT NOT NULL,
  version    BIGINT NOT NULL,
  track      TEXT NOT NULL,
  from_state TEXT NOT NULL,
  to_state   TEXT NOT NULL,
  digest     TEXT NOT NULL,
  detail     TEXT NOT NULL,
  exercise   TEXT NOT NULL,
  leaf       BYTEA NOT NULL
);
CREATE INDEX history_entry_record ON history_entry (record, idx);
CREATE TABLE history_epoch (
  epoch BIGINT PRIMARY KEY,
  start BIGINT NOT NULL
);
CREATE TABLE history_evidence (
  one      TEXT PRIMARY KEY,
  member   TEXT NOT NULL,
  outcome  TEXT NOT NULL,
  held     TEXT NOT NULL,
  offered  TEXT NOT NULL,
  received BIGINT NOT NULL
);
CREATE TABLE history_head (
  one       BIGINT PRIMARY KEY,
  epoch     BIGINT NOT NULL,
  size      BIGINT NOT NULL,
  suspended BIGINT NOT NULL,
  kept      BIGINT NOT NULL
);
CREATE TABLE history_heard (
  member   TEXT PRIMARY KEY,
  epoch    BIGINT NOT NULL,
  size     BIGINT NOT NULL,
  note     TEXT NOT NULL,
  agrees   BIGINT NOT NULL,
  received BIGINT NOT NULL
);
CREATE TABLE history_node (
  pos  BIGINT PRIMARY KEY,
  hash BYTEA NOT NULL
);
CREATE TABLE history_peer (
  member   TEXT PRIMARY KEY,
  epoch    BIGINT NOT NULL,
  size     BIGINT NOT NULL,
  note     TEXT NOT NULL,
  received BIGINT NOT NULL
);
CREATE TABLE lintas_meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE lintas_migration (
  schema_name TEXT NOT NULL, number BIGINT NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at BIGINT NOT NULL,
  PRIMARY KEY (schema_name, number)
);
CREATE TABLE lintas_probe (name TEXT NOT NULL PRIMARY KEY, filler BYTEA NOT NULL);
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
CREATE TABLE people_agency (
  code TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  sector TEXT NOT NULL,
  closed BIGINT NOT NULL,
  created BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  version BIGINT NOT NULL
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
CREATE TABLE people_recovery (
  account TEXT NOT NULL,
  hash BYTEA NOT NULL,
  PRIMARY KEY (account, hash)
);
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
CREATE TABLE people_throttle (
  k TEXT PRIMARY KEY,
  failures BIGINT NOT NULL,
  since BIGINT NOT NULL,
  last BIGINT NOT NULL
);
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
