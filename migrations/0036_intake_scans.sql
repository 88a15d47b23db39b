-- Which versions of members' requests the intake has read, and by which rules: what is new or changed is read again.
create table intake_scans (
    path text primary key,
    hash blob not null constraint intake_scans_hash check (length(hash) = 32), -- of what the document held
    rules_version text not null
) strict;
