-- Whether anything changed since the board was last read.
CREATE INDEX request_record_stamp ON request_record (changed, version);
CREATE INDEX request_copy_stamp ON request_copy (issued, rev);
