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
CREATE INDEX incident_record_of ON incident_record (incident, kind, at, id);
CREATE INDEX incident_record_list ON incident_record (kind, changed, id);
CREATE INDEX incident_record_due ON incident_record (kind, state, due);
