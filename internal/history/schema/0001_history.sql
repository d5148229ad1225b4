-- The head is the one row that allocates indexes; its row lock orders the
-- writers of several processes. suspended is 1 after a restore until the
-- peers have confirmed the size or the log was reopened; kept is the size then.
CREATE TABLE history_head (
  one       BIGINT PRIMARY KEY,
  epoch     BIGINT NOT NULL,
  size      BIGINT NOT NULL,
  suspended BIGINT NOT NULL,
  kept      BIGINT NOT NULL
);
INSERT INTO history_head (one, epoch, size, suspended, kept) VALUES (1, 1, 0, 0, 0);

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

-- Inner nodes of the Merkle tree at tlog's stored-hash positions; the leaves
-- are in history_entry.
CREATE TABLE history_node (
  pos  BIGINT PRIMARY KEY,
  hash BYTEA NOT NULL
);

-- Where each epoch of the log began; epoch 1 is implied.
CREATE TABLE history_epoch (
  epoch BIGINT PRIMARY KEY,
  start BIGINT NOT NULL
);

-- Own signed checkpoints and what other members countersigned.
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

-- The last checkpoint that was accepted from each other member.
CREATE TABLE history_peer (
  member   TEXT PRIMARY KEY,
  epoch    BIGINT NOT NULL,
  size     BIGINT NOT NULL,
  note     TEXT NOT NULL,
  received BIGINT NOT NULL
);

-- Signed proof that a member contradicted itself, or gave up a tail. The two
-- notes are kept as they came.
CREATE TABLE history_evidence (
  one      TEXT PRIMARY KEY,
  member   TEXT NOT NULL,
  outcome  TEXT NOT NULL,
  held     TEXT NOT NULL,
  offered  TEXT NOT NULL,
  received BIGINT NOT NULL
);

-- What each other member said it holds of our log, and whether our tree
-- agrees with it.
CREATE TABLE history_heard (
  member   TEXT PRIMARY KEY,
  epoch    BIGINT NOT NULL,
  size     BIGINT NOT NULL,
  note     TEXT NOT NULL,
  agrees   BIGINT NOT NULL,
  received BIGINT NOT NULL
);
