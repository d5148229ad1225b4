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
CREATE TABLE review_event (
  review TEXT NOT NULL,
  event TEXT NOT NULL,
  PRIMARY KEY (review, event)
);
CREATE INDEX review_event_event ON review_event (event);
-- What was locked; it is written once.
CREATE TABLE review_lock (
  review TEXT PRIMARY KEY,
  doc TEXT NOT NULL
);
