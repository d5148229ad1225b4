-- What leaves. exchange_head has one row: ord orders everything that leaves,
-- and its lock makes the commits come in that order.
CREATE TABLE exchange_head (
  id     BIGINT PRIMARY KEY,
  ord    BIGINT NOT NULL,
  holder TEXT   NOT NULL,
  until  BIGINT NOT NULL
);
INSERT INTO exchange_head (id, ord, holder, until) VALUES (1, 0, '', 0);

-- The last place in each of this node's own channels.
CREATE TABLE exchange_channel (
  channel TEXT   NOT NULL PRIMARY KEY,
  epoch   BIGINT NOT NULL,
  seq     BIGINT NOT NULL,
  hash    TEXT   NOT NULL
);

CREATE TABLE exchange_epoch (
  channel TEXT   NOT NULL,
  epoch   BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  reason  TEXT   NOT NULL,
  PRIMARY KEY (channel, epoch)
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

-- Sealed envelopes in the order in which they leave; kept, to be sent again.
CREATE TABLE exchange_envelope (
  ord     BIGINT PRIMARY KEY,
  channel TEXT   NOT NULL,
  epoch   BIGINT NOT NULL,
  seq     BIGINT NOT NULL,
  release TEXT   NOT NULL,
  kind    TEXT   NOT NULL,
  hash    TEXT   NOT NULL,
  sealed  BYTEA  NOT NULL
);
CREATE UNIQUE INDEX exchange_envelope_place ON exchange_envelope (channel, epoch, seq);
CREATE INDEX exchange_envelope_release ON exchange_envelope (release);

-- One row per round of publishing: the hub has everything up to upto.
CREATE TABLE exchange_round (
  upto BIGINT PRIMARY KEY,
  at   BIGINT NOT NULL
);

-- One row per report of a member: it has stored everything up to upto.
CREATE TABLE exchange_mark (
  member  TEXT   NOT NULL,
  channel TEXT   NOT NULL,
  epoch   BIGINT NOT NULL,
  upto    BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  PRIMARY KEY (member, channel, epoch, upto)
);

-- Answers of people, and refusals by nodes.
CREATE TABLE exchange_receipt (
  release TEXT   NOT NULL,
  member  TEXT   NOT NULL,
  stage   TEXT   NOT NULL,
  at      BIGINT NOT NULL,
  role    TEXT   NOT NULL,
  words   TEXT   NOT NULL,
  PRIMARY KEY (release, member, stage, at)
);

-- What arrives. One row per sequenced envelope that took its place.
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

-- What was withdrawn or superseded before it arrived here.
CREATE TABLE exchange_tombstone (
  from_member   TEXT NOT NULL,
  release       TEXT NOT NULL,
  withdrawn_by  TEXT NOT NULL,
  superseded_by TEXT NOT NULL,
  PRIMARY KEY (from_member, release)
);

-- The last place taken in each channel of another member.
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

-- When a member was last heard, and what it says it has of this node.
CREATE TABLE exchange_heard (
  member TEXT   NOT NULL PRIMARY KEY,
  heard  BIGINT NOT NULL,
  skew   BIGINT NOT NULL
);
CREATE TABLE exchange_have (
  member  TEXT   NOT NULL,
  channel TEXT   NOT NULL,
  epoch   BIGINT NOT NULL,
  seq     BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  PRIMARY KEY (member, channel)
);

-- Verified envelopes that came before their turn.
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

-- Message keys that a sender uses for several envelopes, still wrapped.
CREATE TABLE exchange_session (
  from_member TEXT   NOT NULL,
  channel     TEXT   NOT NULL,
  session     TEXT   NOT NULL,
  received    BIGINT NOT NULL,
  wraps       BYTEA  NOT NULL,
  PRIMARY KEY (from_member, channel, session)
);

-- What was refused, for the administrator, and how often which reason came.
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
CREATE INDEX exchange_quarantine_received ON exchange_quarantine (received);
CREATE INDEX exchange_quarantine_hash ON exchange_quarantine (hash);
CREATE TABLE exchange_count (
  reason TEXT   NOT NULL PRIMARY KEY,
  n      BIGINT NOT NULL
);

-- Attachments, in both directions.
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
CREATE TABLE exchange_chunk (
  from_member TEXT   NOT NULL,
  file        TEXT   NOT NULL,
  n           BIGINT NOT NULL,
  data        BYTEA  NOT NULL,
  PRIMARY KEY (from_member, file, n)
);
