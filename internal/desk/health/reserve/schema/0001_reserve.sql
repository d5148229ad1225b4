CREATE TABLE reserve_record (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  owner TEXT NOT NULL,
  copy_of TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  marking TEXT NOT NULL,
  item TEXT NOT NULL,
  parent TEXT NOT NULL,
  exercise TEXT NOT NULL,
  due BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  needle TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX reserve_record_kind ON reserve_record (kind, changed, id);
CREATE INDEX reserve_record_state ON reserve_record (kind, state, due);
CREATE INDEX reserve_record_parent ON reserve_record (parent, kind);
CREATE INDEX reserve_record_item ON reserve_record (item, kind);
CREATE TABLE reserve_book (
  book TEXT PRIMARY KEY,
  seq BIGINT NOT NULL,
  digest TEXT NOT NULL
);
CREATE TABLE reserve_posting (
  book TEXT NOT NULL,
  seq BIGINT NOT NULL,
  id TEXT NOT NULL,
  key TEXT NOT NULL,
  kind TEXT NOT NULL,
  movement TEXT NOT NULL,
  carrier TEXT NOT NULL,
  reverses BIGINT NOT NULL,
  at BIGINT NOT NULL,
  post TEXT NOT NULL,
  words TEXT NOT NULL,
  prev TEXT NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (book, seq),
  UNIQUE (book, key)
);
CREATE INDEX reserve_posting_id ON reserve_posting (id);
CREATE TABLE reserve_entry (
  book TEXT NOT NULL,
  seq BIGINT NOT NULL,
  n BIGINT NOT NULL,
  item TEXT NOT NULL,
  lot TEXT NOT NULL,
  account TEXT NOT NULL,
  amount BIGINT NOT NULL CHECK (amount <> 0),
  PRIMARY KEY (book, seq, n),
  FOREIGN KEY (book, seq) REFERENCES reserve_posting (book, seq)
);
CREATE TABLE reserve_balance (
  book TEXT NOT NULL,
  item TEXT NOT NULL,
  lot TEXT NOT NULL,
  account TEXT NOT NULL,
  whole BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (book, item, lot, account),
  CHECK (whole = 0 OR amount >= 0)
);
CREATE INDEX reserve_entry_item ON reserve_entry (book, item, seq);
