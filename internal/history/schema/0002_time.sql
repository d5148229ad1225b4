CREATE INDEX history_entry_time ON history_entry (desk, at);
