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
CREATE INDEX level_proposal_family ON level_proposal (family, changed);
CREATE INDEX level_proposal_changed ON level_proposal (changed, id);
CREATE INDEX level_proposal_state ON level_proposal (state, due);
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
