-- How often things happened, for the limits on how often they may.
-- Tamper-evidence: whatever changes a row of `quotas` appends, in the same transaction, an audit entry with the row's
-- digest (src/domain/quota/claim.rs). The audit log is chained, so a row that does not fit its newest entry was changed
-- by something else. There is no secret in it: who can forge the whole audit log can forge the counters too.

-- One row per counter that was ever used. A counter is never forgotten: a missing row would be a full one.
create table quotas (
    bucket text primary key, -- such as `actor ops_note.append 3600s agent:agent-glaze-scout`
    scope text not null constraint quotas_scope check (
        scope in ('actor', 'owner', 'capability', 'studio', 'global')
    ),
    subject text not null,
    capability text, -- null: all of them
    window_us integer not null constraint quotas_window check (window_us > 0),
    full_us integer not null, -- when everything will have come back
    seen_us integer not null, -- the latest moment that it was asked at: a clock that goes back refills nothing
    returned_us integer not null constraint quotas_returned check (returned_us >= 0) -- given back so far
) strict, without rowid;

-- What an effect took, for giving it back when there was none. Worthless, and forgotten, once it came back by itself.
create table quota_tickets (
    effect text not null, -- such as a write's id: it takes once, however often it is tried
    bucket text not null references quotas (bucket),
    limit_count integer not null,
    limit_burst integer not null,
    ends_us integer not null,
    returned_us integer not null,
    primary key (effect, bucket)
) strict, without rowid;

create index quota_tickets_by_end on quota_tickets (ends_us);

-- Who was told to wait, by day. Actors are verified ones, so the table stays small; old days are pruned.
create table quota_denials (
    day integer not null, -- days since 1970-01-01, in UTC
    actor text not null,
    actor_name text not null,
    capability text not null,
    scope text not null,
    denied integer not null constraint quota_denials_count check (denied > 0),
    audited_us integer not null, -- when the audit log was last told
    primary key (day, actor, capability, scope)
) strict, without rowid;
