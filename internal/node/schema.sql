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
CREATE TABLE contact_answer (
  check_id TEXT NOT NULL,
  member TEXT NOT NULL,
  delivered BIGINT NOT NULL,
  opened BIGINT NOT NULL,
  answered BIGINT NOT NULL,
  arrived BIGINT NOT NULL,
  post TEXT NOT NULL,
  words TEXT NOT NULL,
  PRIMARY KEY (check_id, member)
);
CREATE INDEX contact_answer_member ON contact_answer (member, check_id);
CREATE TABLE contact_call (
  id TEXT PRIMARY KEY,
  sender TEXT NOT NULL,
  release_id TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  due BIGINT NOT NULL,
  issued BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX contact_call_state ON contact_call (state, due);
CREATE TABLE contact_check (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  role TEXT NOT NULL,
  release_id TEXT NOT NULL UNIQUE,
  version BIGINT NOT NULL,
  issued BIGINT NOT NULL,
  due BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX contact_check_issued ON contact_check (issued, id);
CREATE TABLE contact_entry (
  id TEXT PRIMARY KEY,
  member TEXT NOT NULL,
  role TEXT NOT NULL,
  ord BIGINT NOT NULL,
  version BIGINT NOT NULL,
  withdrawn BIGINT NOT NULL,
  needle TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX contact_entry_member ON contact_entry (member, role, ord);
CREATE TABLE contact_own (
  id TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
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
, lane BIGINT NOT NULL DEFAULT 0);
CREATE INDEX exchange_envelope_lane ON exchange_envelope (lane, ord);
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
CREATE TABLE exchange_files_round (
  id   BIGINT PRIMARY KEY,
  upto BIGINT NOT NULL
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
CREATE TABLE family_answer (
  id TEXT PRIMARY KEY,
  family TEXT NOT NULL,
  event TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL,
  UNIQUE (family, event)
);
CREATE INDEX family_answer_state ON family_answer (state, changed);
CREATE TABLE family_copy (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  release_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  issued BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE TABLE family_family (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX family_family_changed ON family_family (changed, id);
CREATE TABLE family_gone (
  release_id TEXT PRIMARY KEY,
  owner TEXT NOT NULL
);
CREATE TABLE family_link (
  family TEXT NOT NULL,
  event TEXT NOT NULL,
  PRIMARY KEY (family, event)
);
CREATE INDEX family_link_event ON family_link (event);
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
CREATE TABLE handover_note (
	id      TEXT   NOT NULL PRIMARY KEY,
	state   TEXT   NOT NULL,
	version BIGINT NOT NULL,
	account TEXT   NOT NULL, -- who began it
	until   BIGINT NOT NULL, -- end of the shift
	due     BIGINT NOT NULL,
	doc     TEXT   NOT NULL
);
CREATE INDEX handover_note_until ON handover_note (state, until);
CREATE TABLE handover_watch (
	id      TEXT   NOT NULL PRIMARY KEY,
	event   TEXT   NOT NULL,
	state   TEXT   NOT NULL,
	version BIGINT NOT NULL,
	until   BIGINT NOT NULL, -- 0: until somebody ends it
	doc     TEXT   NOT NULL
);
CREATE INDEX handover_watch_event ON handover_watch (event, state);
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
CREATE INDEX health_event_count ON health_event (open, copy_of, marking);
CREATE INDEX health_event_due ON health_event (copy_of, open, due);
CREATE INDEX health_event_open ON health_event (open, grade_rank, changed DESC, id DESC);
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
, needle TEXT NOT NULL DEFAULT '');
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
CREATE INDEX history_entry_time ON history_entry (desk, at);
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
CREATE TABLE ihr_amendment (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  copy_of TEXT NOT NULL,
  event TEXT NOT NULL,
  subject TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  place TEXT NOT NULL,
  marking TEXT NOT NULL,
  due BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX ihr_amendment_owner ON ihr_amendment (owner, state);
CREATE TABLE ihr_annex2 (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  copy_of TEXT NOT NULL,
  event TEXT NOT NULL,
  subject TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  place TEXT NOT NULL,
  marking TEXT NOT NULL,
  due BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX ihr_annex2_event ON ihr_annex2 (event, changed);
CREATE INDEX ihr_annex2_state ON ihr_annex2 (state, due);
CREATE TABLE ihr_determination (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  copy_of TEXT NOT NULL,
  event TEXT NOT NULL,
  subject TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  place TEXT NOT NULL,
  marking TEXT NOT NULL,
  due BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX ihr_determination_event ON ihr_determination (event, changed);
CREATE INDEX ihr_determination_subject ON ihr_determination (subject, changed);
CREATE TABLE ihr_measure (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  copy_of TEXT NOT NULL,
  event TEXT NOT NULL,
  subject TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  place TEXT NOT NULL,
  marking TEXT NOT NULL,
  due BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX ihr_measure_changed ON ihr_measure (changed, id);
CREATE INDEX ihr_measure_copy ON ihr_measure (copy_of);
CREATE INDEX ihr_measure_event ON ihr_measure (event, changed);
CREATE INDEX ihr_measure_state ON ihr_measure (state, due);
CREATE TABLE incident_record (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  incident TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  marking TEXT NOT NULL,
  at BIGINT NOT NULL,
  due BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  mark TEXT NOT NULL UNIQUE,
  needle TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX incident_record_due ON incident_record (kind, state, due);
CREATE INDEX incident_record_list ON incident_record (kind, changed, id);
CREATE INDEX incident_record_of ON incident_record (incident, kind, at, id);
CREATE TABLE level_activation (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  copy_of TEXT NOT NULL,
  event TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  marking TEXT NOT NULL,
  review BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX level_activation_event ON level_activation (event, changed);
CREATE INDEX level_activation_state ON level_activation (state, review);
CREATE TABLE level_position (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  copy_of TEXT NOT NULL,
  proposal TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  due BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX level_position_proposal ON level_position (proposal, changed);
CREATE INDEX level_position_state ON level_position (state, due);
CREATE TABLE level_proposal (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  copy_of TEXT NOT NULL,
  family TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  marking TEXT NOT NULL,
  due BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  needle TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX level_proposal_changed ON level_proposal (changed, id);
CREATE INDEX level_proposal_family ON level_proposal (family, changed);
CREATE INDEX level_proposal_state ON level_proposal (state, due);
CREATE TABLE lintas_meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE lintas_migration (
  schema_name TEXT NOT NULL, number BIGINT NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at BIGINT NOT NULL,
  PRIMARY KEY (schema_name, number)
);
CREATE TABLE lintas_probe (name TEXT NOT NULL PRIMARY KEY, filler BYTEA NOT NULL);
CREATE TABLE nudge_device (
	id       TEXT   NOT NULL PRIMARY KEY,
	account  TEXT   NOT NULL,
	endpoint TEXT   NOT NULL UNIQUE,
	key      TEXT   NOT NULL, -- the browser's public key and its secret, as the push standard names them
	auth     TEXT   NOT NULL,
	made     BIGINT NOT NULL
);
CREATE INDEX nudge_device_account ON nudge_device (account);
CREATE TABLE nudge_preference (
	account    TEXT   NOT NULL PRIMARY KEY,
	mail       TEXT   NOT NULL,
	flash      TEXT   NOT NULL,
	daily      BIGINT NOT NULL, -- minute of the day, local time; -1: never
	quiet_from BIGINT NOT NULL, -- minute of the day, local time; equal to quiet_to: no quiet hours
	quiet_to   BIGINT NOT NULL,
	lang       TEXT   NOT NULL,
	changed    BIGINT NOT NULL
);
CREATE TABLE nudge_sent (
	account TEXT   NOT NULL,
	key     TEXT   NOT NULL,
	at      BIGINT NOT NULL,
	PRIMARY KEY (account, key)
);
CREATE INDEX nudge_sent_at ON nudge_sent (at);
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
CREATE TABLE request_copy (
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  sender TEXT NOT NULL,
  receiver TEXT NOT NULL,
  request TEXT NOT NULL,
  rev BIGINT NOT NULL,
  open BIGINT NOT NULL,
  marking TEXT NOT NULL,
  issued BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (id, kind)
);
CREATE INDEX request_copy_request ON request_copy (request, kind);
CREATE INDEX request_copy_stamp ON request_copy (issued, rev);
CREATE TABLE request_record (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  peer TEXT NOT NULL,
  request TEXT NOT NULL,
  offer TEXT NOT NULL,
  event TEXT NOT NULL,
  state TEXT NOT NULL,
  open BIGINT NOT NULL,
  version BIGINT NOT NULL,
  marking TEXT NOT NULL,
  due BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  needle TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX request_record_changed ON request_record (kind, changed, id);
CREATE INDEX request_record_due ON request_record (open, due);
CREATE INDEX request_record_event ON request_record (event, changed);
CREATE INDEX request_record_request ON request_record (request, kind);
CREATE INDEX request_record_stamp ON request_record (changed, version);
CREATE TABLE reserve_balance (
  book TEXT NOT NULL,
  item TEXT NOT NULL,
  lot TEXT NOT NULL,
  account TEXT NOT NULL,
  whole BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (book, item, lot, account),
  CHECK (whole = 0 OR amount >= 0)
);
CREATE TABLE reserve_book (
  book TEXT PRIMARY KEY,
  seq BIGINT NOT NULL,
  digest TEXT NOT NULL
);
CREATE TABLE reserve_entry (
  book TEXT NOT NULL,
  seq BIGINT NOT NULL,
  n BIGINT NOT NULL,
  item TEXT NOT NULL,
  lot TEXT NOT NULL,
  account TEXT NOT NULL,
  amount BIGINT NOT NULL CHECK (amount <> 0),
  PRIMARY KEY (book, seq, n),
  FOREIGN KEY (book, seq) REFERENCES reserve_posting (book, seq)
);
CREATE INDEX reserve_entry_item ON reserve_entry (book, item, seq);
CREATE TABLE reserve_posting (
  book TEXT NOT NULL,
  seq BIGINT NOT NULL,
  id TEXT NOT NULL,
  key TEXT NOT NULL,
  kind TEXT NOT NULL,
  movement TEXT NOT NULL,
  carrier TEXT NOT NULL,
  reverses BIGINT NOT NULL,
  at BIGINT NOT NULL,
  post TEXT NOT NULL,
  words TEXT NOT NULL,
  prev TEXT NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (book, seq),
  UNIQUE (book, key)
);
CREATE INDEX reserve_posting_id ON reserve_posting (id);
CREATE TABLE reserve_record (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  owner TEXT NOT NULL,
  copy_of TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  marking TEXT NOT NULL,
  item TEXT NOT NULL,
  parent TEXT NOT NULL,
  exercise TEXT NOT NULL,
  due BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  needle TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX reserve_record_item ON reserve_record (item, kind);
CREATE INDEX reserve_record_kind ON reserve_record (kind, changed, id);
CREATE INDEX reserve_record_parent ON reserve_record (parent, kind);
CREATE INDEX reserve_record_state ON reserve_record (kind, state, due);
CREATE TABLE review_event (
  review TEXT NOT NULL,
  event TEXT NOT NULL,
  PRIMARY KEY (review, event)
);
CREATE INDEX review_event_event ON review_event (event);
CREATE TABLE review_lock (
  review TEXT PRIMARY KEY,
  doc TEXT NOT NULL
);
CREATE TABLE review_review (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  copy_of TEXT NOT NULL,
  half_of TEXT NOT NULL,
  family TEXT NOT NULL,
  sort TEXT NOT NULL,
  state TEXT NOT NULL,
  open BIGINT NOT NULL,
  version BIGINT NOT NULL,
  marking TEXT NOT NULL,
  due BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  needle TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX review_review_changed ON review_review (changed, id);
CREATE INDEX review_review_half ON review_review (half_of);
CREATE INDEX review_review_state ON review_review (state, due);
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
CREATE INDEX risk_assessment_changed ON risk_assessment (changed, id);
CREATE INDEX risk_assessment_copy ON risk_assessment (copy_of);
CREATE INDEX risk_assessment_event ON risk_assessment (event, changed);
CREATE INDEX risk_assessment_replaces ON risk_assessment (replaces);
CREATE INDEX risk_assessment_state ON risk_assessment (state, valid_until);
CREATE TABLE risk_gone (
  release_id TEXT PRIMARY KEY,
  sender TEXT NOT NULL,
  reason TEXT NOT NULL
);
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
CREATE INDEX risk_position_copy ON risk_position (copy_of);
CREATE INDEX risk_position_replaces ON risk_position (replaces);
CREATE INDEX risk_position_state ON risk_position (state, due);
CREATE TABLE signal_band (
  band BIGINT NOT NULL,
  signal TEXT NOT NULL,
  PRIMARY KEY (band, signal)
);
CREATE INDEX signal_band_signal ON signal_band (signal);
CREATE TABLE signal_import (
  id TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  created BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX signal_import_state ON signal_import (state, created);
CREATE TABLE signal_pair (
  one TEXT NOT NULL,
  other TEXT NOT NULL,
  score DOUBLE PRECISION NOT NULL,
  parts TEXT NOT NULL,
  decided TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (one, other)
);
CREATE INDEX signal_pair_other ON signal_pair (other);
CREATE TABLE signal_progress (
  import TEXT NOT NULL PRIMARY KEY,
  row_number BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  total BIGINT NOT NULL,
  good BIGINT NOT NULL,
  repaired BIGINT NOT NULL,
  broken BIGINT NOT NULL,
  outside BIGINT NOT NULL,
  known BIGINT NOT NULL,
  empty BIGINT NOT NULL
);
CREATE TABLE signal_row (
  import TEXT NOT NULL,
  row_number BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (import, row_number)
);
CREATE INDEX signal_row_outcome ON signal_row (import, outcome, row_number);
CREATE TABLE signal_signal (
  id TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  place TEXT NOT NULL,
  country TEXT NOT NULL,
  hazard TEXT NOT NULL,
  source TEXT NOT NULL,
  marking TEXT NOT NULL,
  created BIGINT NOT NULL,
  seen BIGINT NOT NULL,
  due BIGINT NOT NULL,
  rank BIGINT NOT NULL,
  claimer TEXT NOT NULL,
  claimed_until BIGINT NOT NULL,
  escalated BIGINT NOT NULL,
  event TEXT NOT NULL,
  duplicate_of TEXT NOT NULL,
  import TEXT NOT NULL,
  alarm TEXT NOT NULL,
  content TEXT NOT NULL,
  scouted BIGINT NOT NULL,
  twins BIGINT NOT NULL,
  needle TEXT NOT NULL,
  doc TEXT NOT NULL
, open BIGINT NOT NULL DEFAULT 0, sig0 BIGINT NOT NULL DEFAULT -1, sig1 BIGINT NOT NULL DEFAULT -1, sig2 BIGINT NOT NULL DEFAULT -1, sig3 BIGINT NOT NULL DEFAULT -1, sig4 BIGINT NOT NULL DEFAULT -1, sig5 BIGINT NOT NULL DEFAULT -1, sig6 BIGINT NOT NULL DEFAULT -1, sig7 BIGINT NOT NULL DEFAULT -1);
CREATE INDEX signal_signal_alarm ON signal_signal (alarm);
CREATE INDEX signal_signal_claimer ON signal_signal (claimer, rank);
CREATE INDEX signal_signal_content ON signal_signal (content);
CREATE INDEX signal_signal_country ON signal_signal (state, country, rank, id);
CREATE INDEX signal_signal_duplicate ON signal_signal (duplicate_of);
CREATE INDEX signal_signal_event ON signal_signal (event);
CREATE INDEX signal_signal_hazard ON signal_signal (state, hazard, rank, id);
CREATE INDEX signal_signal_near_country ON signal_signal (country, seen, hazard);
CREATE INDEX signal_signal_near_place ON signal_signal (place, seen);
CREATE INDEX signal_signal_open ON signal_signal (open, rank, id);
CREATE INDEX signal_signal_rank ON signal_signal (rank, id, sig0, sig1, sig2, sig3, sig4, sig5, sig6, sig7);
CREATE INDEX signal_signal_scouted ON signal_signal (scouted, id);
CREATE INDEX signal_signal_state ON signal_signal (state, rank, id);
CREATE TABLE signal_staged (
  import TEXT NOT NULL,
  row_number BIGINT NOT NULL,
  id TEXT NOT NULL,
  place TEXT NOT NULL,
  country TEXT NOT NULL,
  hazard TEXT NOT NULL,
  source TEXT NOT NULL,
  marking TEXT NOT NULL,
  seen BIGINT NOT NULL,
  content TEXT NOT NULL,
  needle TEXT NOT NULL,
  doc TEXT NOT NULL, sig0 BIGINT NOT NULL DEFAULT -1, sig1 BIGINT NOT NULL DEFAULT -1, sig2 BIGINT NOT NULL DEFAULT -1, sig3 BIGINT NOT NULL DEFAULT -1, sig4 BIGINT NOT NULL DEFAULT -1, sig5 BIGINT NOT NULL DEFAULT -1, sig6 BIGINT NOT NULL DEFAULT -1, sig7 BIGINT NOT NULL DEFAULT -1,
  PRIMARY KEY (import, row_number)
);
CREATE INDEX signal_staged_content ON signal_staged (import, content);
CREATE TABLE sitrep_call (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  family TEXT NOT NULL,
  version BIGINT NOT NULL,
  cut_off BIGINT NOT NULL,
  received BIGINT NOT NULL,
  marking TEXT NOT NULL,
  ended BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX sitrep_call_cut_off ON sitrep_call (ended, cut_off);
CREATE TABLE sitrep_gone (
  release_id TEXT PRIMARY KEY,
  sender TEXT NOT NULL,
  reason TEXT NOT NULL
);
CREATE TABLE sitrep_report (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  copy_of TEXT NOT NULL,
  scope TEXT NOT NULL,
  event TEXT NOT NULL,
  family TEXT NOT NULL,
  call_id TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  number BIGINT NOT NULL,
  place TEXT NOT NULL,
  marking TEXT NOT NULL,
  replaces TEXT NOT NULL,
  as_of BIGINT NOT NULL,
  received BIGINT NOT NULL,
  next_issue BIGINT NOT NULL,
  due BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  needle TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX sitrep_report_call ON sitrep_report (call_id);
CREATE INDEX sitrep_report_changed ON sitrep_report (changed, id);
CREATE INDEX sitrep_report_copy ON sitrep_report (copy_of);
CREATE INDEX sitrep_report_event ON sitrep_report (event, number);
CREATE INDEX sitrep_report_family ON sitrep_report (family, number);
CREATE INDEX sitrep_report_replaces ON sitrep_report (replaces);
CREATE INDEX sitrep_report_state ON sitrep_report (state, due);
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
CREATE INDEX sop_run_code ON sop_run (code, started);
CREATE INDEX sop_run_event ON sop_run (event, started);
CREATE INDEX sop_run_scope ON sop_run (scope, code, started);
CREATE INDEX sop_run_state ON sop_run (state, started);
CREATE TABLE sop_sending (
  file TEXT PRIMARY KEY,
  run TEXT NOT NULL,
  members TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX sop_sending_run ON sop_sending (run);
CREATE TABLE sop_start (
  id TEXT PRIMARY KEY,
  run TEXT NOT NULL,
  at BIGINT NOT NULL
);
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
CREATE INDEX sop_task_digest ON sop_task (digest, n);
CREATE INDEX sop_task_run ON sop_task (run, n);
CREATE INDEX sop_task_state ON sop_task (state, due);
CREATE TABLE surveillance_alarm (
  id TEXT NOT NULL PRIMARY KEY,
  run TEXT NOT NULL,
  dataset BIGINT NOT NULL,
  period BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  disease TEXT NOT NULL,
  place TEXT NOT NULL,
  class TEXT NOT NULL,
  country TEXT NOT NULL,
  algorithm TEXT NOT NULL,
  method TEXT NOT NULL,
  held TEXT NOT NULL,
  weight DOUBLE PRECISION NOT NULL,
  raised BIGINT NOT NULL,
  newest BIGINT NOT NULL,
  pending BIGINT NOT NULL,
  signal TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX surveillance_alarm_newest ON surveillance_alarm (newest, weight);
CREATE INDEX surveillance_alarm_pending ON surveillance_alarm (pending);
CREATE INDEX surveillance_alarm_run ON surveillance_alarm (run, weight);
CREATE INDEX surveillance_alarm_series ON surveillance_alarm (dataset, disease, place, period);
CREATE INDEX surveillance_alarm_signal ON surveillance_alarm (signal);
CREATE TABLE surveillance_alias (
  id TEXT NOT NULL PRIMARY KEY,
  term TEXT NOT NULL,
  owner TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  place TEXT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL,
  UNIQUE (term)
);
CREATE TABLE surveillance_change (
  dataset BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  series BIGINT NOT NULL,
  was BYTEA NOT NULL,
  PRIMARY KEY (dataset, rev, series)
);
CREATE INDEX surveillance_change_series ON surveillance_change (series, rev);
CREATE TABLE surveillance_dataset (
  id TEXT NOT NULL PRIMARY KEY,
  number BIGINT NOT NULL,
  owner TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  marking TEXT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL,
  UNIQUE (number)
);
CREATE TABLE surveillance_front (
  dataset BIGINT NOT NULL PRIMARY KEY,
  rev BIGINT NOT NULL,
  known_at BIGINT NOT NULL,
  first BIGINT NOT NULL,
  front BIGINT NOT NULL,
  series BIGINT NOT NULL,
  busy TEXT NOT NULL
);
CREATE TABLE surveillance_import (
  id TEXT NOT NULL PRIMARY KEY,
  dataset TEXT NOT NULL,
  owner TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  done BIGINT NOT NULL,
  total BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX surveillance_import_changed ON surveillance_import (changed, id);
CREATE INDEX surveillance_import_state ON surveillance_import (state);
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
CREATE TABLE surveillance_kept (
  share TEXT NOT NULL,
  period BIGINT NOT NULL,
  place TEXT NOT NULL,
  PRIMARY KEY (share, period, place)
);
CREATE TABLE surveillance_mapping (
  name TEXT NOT NULL PRIMARY KEY,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE TABLE surveillance_method (
  id TEXT NOT NULL PRIMARY KEY,
  disease TEXT NOT NULL,
  resolution TEXT NOT NULL,
  number BIGINT NOT NULL,
  owner TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL,
  UNIQUE (disease, resolution, number)
);
CREATE INDEX surveillance_method_state ON surveillance_method (state);
CREATE TABLE surveillance_outline (
  state TEXT NOT NULL PRIMARY KEY,
  changed BIGINT NOT NULL,
  post TEXT NOT NULL,
  name TEXT NOT NULL,
  source TEXT NOT NULL,
  data BYTEA NOT NULL
);
CREATE TABLE surveillance_place (
  code TEXT NOT NULL PRIMARY KEY,
  parent TEXT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE TABLE surveillance_released (
  release TEXT NOT NULL PRIMARY KEY,
  share TEXT NOT NULL,
  owner TEXT NOT NULL,
  disease TEXT NOT NULL,
  level BIGINT NOT NULL,
  known_at BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  received BIGINT NOT NULL,
  marking TEXT NOT NULL,
  exercise TEXT NOT NULL,
  reason TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX surveillance_released_disease ON surveillance_released (disease);
CREATE INDEX surveillance_released_share ON surveillance_released (share, known_at, rev);
CREATE TABLE surveillance_revision (
  dataset BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  import TEXT NOT NULL,
  at BIGINT NOT NULL,
  known_at BIGINT NOT NULL,
  front BIGINT NOT NULL,
  cells BIGINT NOT NULL,
  PRIMARY KEY (dataset, rev)
);
CREATE TABLE surveillance_run (
  id TEXT NOT NULL PRIMARY KEY,
  dataset BIGINT NOT NULL,
  owner TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  created BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  digest TEXT NOT NULL,
  done BIGINT NOT NULL,
  total BIGINT NOT NULL,
  beat BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX surveillance_run_dataset ON surveillance_run (dataset, created);
CREATE INDEX surveillance_run_state ON surveillance_run (state, created);
CREATE TABLE surveillance_schedule (
  id TEXT NOT NULL PRIMARY KEY,
  version BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE TABLE surveillance_series (
  id BIGINT NOT NULL PRIMARY KEY,
  dataset BIGINT NOT NULL,
  disease TEXT NOT NULL,
  place TEXT NOT NULL,
  class TEXT NOT NULL,
  stratum TEXT NOT NULL,
  data BYTEA NOT NULL,
  UNIQUE (dataset, disease, place, class, stratum)
);
CREATE INDEX surveillance_series_place ON surveillance_series (place, dataset);
CREATE TABLE surveillance_share (
  id TEXT NOT NULL PRIMARY KEY,
  dataset BIGINT NOT NULL,
  disease TEXT NOT NULL,
  owner TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  held TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX surveillance_share_state ON surveillance_share (state);
CREATE TABLE surveillance_stage (
  import TEXT NOT NULL,
  series BIGINT NOT NULL,
  dataset BIGINT NOT NULL,
  disease TEXT NOT NULL,
  place TEXT NOT NULL,
  class TEXT NOT NULL,
  stratum TEXT NOT NULL,
  data BYTEA NOT NULL,
  revised BIGINT NOT NULL,
  was BYTEA NOT NULL,
  PRIMARY KEY (import, series)
);
CREATE TABLE timeliness_copy (
  id TEXT PRIMARY KEY,
  event TEXT NOT NULL,
  owner TEXT NOT NULL,
  release_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  marking TEXT NOT NULL,
  withdrawn BIGINT NOT NULL,
  issued BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX timeliness_copy_event ON timeliness_copy (event);
CREATE TABLE timeliness_gone (
  release_id TEXT PRIMARY KEY,
  owner TEXT NOT NULL
);
CREATE TABLE timeliness_record (
  id TEXT PRIMARY KEY,
  event TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX timeliness_record_changed ON timeliness_record (changed, id);
CREATE TABLE trail_link (
  record TEXT NOT NULL,
  target TEXT NOT NULL,
  PRIMARY KEY (record, target)
);
CREATE INDEX trail_link_target ON trail_link (target);
CREATE TABLE trail_record (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  owner TEXT NOT NULL,
  copy_of TEXT NOT NULL,
  source TEXT NOT NULL,
  about TEXT NOT NULL,
  parent TEXT NOT NULL,
  for_member TEXT NOT NULL,
  state TEXT NOT NULL,
  open BIGINT NOT NULL,
  version BIGINT NOT NULL,
  marking TEXT NOT NULL,
  theme TEXT NOT NULL,
  affected TEXT NOT NULL,
  day BIGINT NOT NULL,
  due BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  needle TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX trail_record_about ON trail_record (about, kind);
CREATE INDEX trail_record_changed ON trail_record (kind, changed, id);
CREATE INDEX trail_record_due ON trail_record (kind, open, due);
CREATE INDEX trail_record_parent ON trail_record (parent, kind);
CREATE INDEX trail_record_source ON trail_record (source, kind);
CREATE TABLE verification_message (
  id TEXT PRIMARY KEY,
  request TEXT NOT NULL,
  seq BIGINT NOT NULL,
  sender TEXT NOT NULL,
  release_id TEXT NOT NULL,
  delivered BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE UNIQUE INDEX verification_message_order ON verification_message (request, seq);
CREATE INDEX verification_message_release ON verification_message (release_id);
CREATE TABLE verification_request (
  id TEXT PRIMARY KEY,
  side TEXT NOT NULL,
  peer TEXT NOT NULL,
  state TEXT NOT NULL,
  open BIGINT NOT NULL,
  version BIGINT NOT NULL,
  event TEXT NOT NULL,
  signal TEXT NOT NULL,
  hazard TEXT NOT NULL,
  marking TEXT NOT NULL,
  due BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  needle TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX verification_request_changed ON verification_request (changed, id);
CREATE INDEX verification_request_due ON verification_request (open, due);
CREATE INDEX verification_request_event ON verification_request (event, changed);
