-- Own contacts, with what is being changed and what was released.
CREATE TABLE contact_own (
  id TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  doc TEXT NOT NULL
);
-- The directory: what each member has given, own ones included. A withdrawn
-- entry stays as a tombstone without its content.
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
-- Communication checks that this member called.
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
-- How far each member has come with a check. Kept for ever.
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
-- Checks that other members called and this one answers.
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
