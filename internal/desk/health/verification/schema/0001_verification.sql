-- One row for each exchange, at the member that asks (side 'asked') and at the
-- member that answers (side 'answering'); both carry the same id.
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
-- What was said, in the order in which this node came to know it. Rows are
-- only added; delivered alone is filled in when the receipt comes.
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
