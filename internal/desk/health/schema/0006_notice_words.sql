-- What the search looks through. Notices from before have none; the hourly
-- sweep writes it, and until then the search reads their documents.
ALTER TABLE health_notice ADD COLUMN needle TEXT NOT NULL DEFAULT '';
