-- Files leave in a flow of their own (lane 1), so that nothing waits for them.
ALTER TABLE exchange_envelope ADD COLUMN lane BIGINT NOT NULL DEFAULT 0;
CREATE INDEX exchange_envelope_lane ON exchange_envelope (lane, ord);
-- The hub has everything of lane 1 up to upto.
CREATE TABLE exchange_files_round (
  id   BIGINT PRIMARY KEY,
  upto BIGINT NOT NULL
);
INSERT INTO exchange_files_round (id, upto) VALUES (1, 0);
