-- The ledger newest first, without reading all of it.

create index writes_by_time on writes (intended_us);
