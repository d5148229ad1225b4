-- Files of released notifications that are not yet with the exchange. A row is
-- written with the release and goes when the whole file is queued, so that a
-- crash in between loses nothing.
CREATE TABLE health_sending (
  file         TEXT   NOT NULL PRIMARY KEY,
  notification TEXT   NOT NULL,
  members      TEXT   NOT NULL,
  at           BIGINT NOT NULL
);
CREATE INDEX health_sending_notification ON health_sending (notification);
