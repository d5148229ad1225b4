CREATE TABLE nudge_preference (
	account    TEXT   NOT NULL PRIMARY KEY,
	mail       TEXT   NOT NULL,
	flash      TEXT   NOT NULL,
	daily      BIGINT NOT NULL, -- minute of the day, local time; -1: never
	quiet_from BIGINT NOT NULL, -- minute of the day, local time; equal to quiet_to: no quiet hours
	quiet_to   BIGINT NOT NULL,
	lang       TEXT   NOT NULL,
	changed    BIGINT NOT NULL
);

CREATE TABLE nudge_device (
	id       TEXT   NOT NULL PRIMARY KEY,
	account  TEXT   NOT NULL,
	endpoint TEXT   NOT NULL UNIQUE,
	key      TEXT   NOT NULL, -- the browser's public key and its secret, as the push standard names them
	auth     TEXT   NOT NULL,
	made     BIGINT NOT NULL
);
CREATE INDEX nudge_device_account ON nudge_device (account);

CREATE TABLE nudge_sent (
	account TEXT   NOT NULL,
	key     TEXT   NOT NULL,
	at      BIGINT NOT NULL,
	PRIMARY KEY (account, key)
);
CREATE INDEX nudge_sent_at ON nudge_sent (at);
