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
CREATE INDEX health_event_open ON health_event (open, grade_rank, changed);
CREATE INDEX health_event_changed ON health_event (changed, id);
CREATE TABLE health_fact (
  event TEXT NOT NULL,
  seq BIGINT NOT NULL,
  id TEXT NOT NULL,
  revision BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (event, seq)
);
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
CREATE INDEX health_notification_state ON health_notification (state, due);
CREATE TABLE health_release (
  id TEXT PRIMARY KEY,
  notification TEXT NOT NULL,
  event TEXT NOT NULL
);
CREATE INDEX health_release_event ON health_release (event);
CREATE INDEX health_release_notification ON health_release (notification);
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
CREATE INDEX health_notice_supersedes ON health_notice (supersedes);
CREATE INDEX health_notice_state ON health_notice (state, due);
CREATE INDEX health_notice_event ON health_notice (event, changed);
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
