DROP INDEX health_event_open;
CREATE INDEX health_event_open ON health_event (open, grade_rank, changed DESC, id DESC);
CREATE INDEX health_event_count ON health_event (open, copy_of, marking);
