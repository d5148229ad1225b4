-- One row for each record of this member: its own requests, offers and halves,
-- and what others released to it. A record that two members share carries the
-- same id on both sides.
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
CREATE INDEX request_record_request ON request_record (request, kind);
CREATE INDEX request_record_event ON request_record (event, changed);
-- What others let this member know of what passes between them: the newest of
-- each, for the board.
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
