-- The public feed asks for what is marked clear, the newest first.
CREATE INDEX health_notification_marking ON health_notification (marking, released);
