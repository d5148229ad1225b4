CREATE TABLE handover_note (
	id      TEXT   NOT NULL PRIMARY KEY,
	state   TEXT   NOT NULL,
	version BIGINT NOT NULL,
	account TEXT   NOT NULL, -- who began it
	until   BIGINT NOT NULL, -- end of the shift
	due     BIGINT NOT NULL,
	doc     TEXT   NOT NULL
);
CREATE INDEX handover_note_until ON handover_note (state, until);

CREATE TABLE handover_watch (
	id      TEXT   NOT NULL PRIMARY KEY,
	event   TEXT   NOT NULL,
	state   TEXT   NOT NULL,
	version BIGINT NOT NULL,
	until   BIGINT NOT NULL, -- 0: until somebody ends it
	doc     TEXT   NOT NULL
);
CREATE INDEX handover_watch_event ON handover_watch (event, state);
