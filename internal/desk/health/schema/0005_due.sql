CREATE INDEX health_event_due ON health_event (copy_of, open, due);
