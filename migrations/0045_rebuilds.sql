-- Looks at all receipts in the cloud, to make the ledger again from them: when it is empty, or when somebody asks.
create table rebuilds (
    id integer primary key,
    requested_by text, -- null: the ledger was empty
    requested_us integer not null,
    finished_us integer,
    receipts integer not null default 0, -- how many there were
    added integer not null default 0, -- writes that the ledger did not have
    same integer not null default 0, -- writes that it had
    problems text not null default '[]' constraint rebuilds_problems check (json_valid(problems)), -- [[receipt, what is wrong], …]
    failed text -- why it could not be told; null: it was
) strict;
