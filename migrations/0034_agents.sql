-- Programs with a key of their own. Of a key, only the hash of its secret is kept; what it names, its prefix, is public.
create table agent_keys (
    prefix text primary key constraint agent_keys_prefix check (length(prefix) = 16),
    secret_hash blob not null constraint agent_keys_hash check (length(secret_hash) = 32), -- SHA-256
    agent text not null, -- id in the collection `agentClients`
    agent_name text not null,
    scopes text not null constraint agent_keys_scopes check (json_valid(scopes)),
    issued_by text not null,
    issued_by_name text not null,
    issued_us integer not null,
    expires_us integer not null,
    revoked_us integer, -- null: it was not
    constraint agent_keys_expire check (expires_us > issued_us)
) strict;

create index agent_keys_by_agent on agent_keys (agent, issued_us);

-- When agents were denied something: only as long as it counts for a suspension.
create table agent_denials (
    id integer primary key,
    agent text not null,
    reason text not null,
    at_us integer not null
) strict;

create index agent_denials_by_agent on agent_denials (agent, at_us);

-- The newest suspension of each agent. An earlier one is in the audit log.
create table agent_suspensions (
    agent text primary key,
    from_us integer not null,
    until_us integer not null, -- brought forward when staff end it
    constraint agent_suspensions_order check (until_us >= from_us)
) strict;

-- What was denied to agents, with what was known of their rights, for people to look into. The newest 10,000.
create table denial_traces (
    id integer primary key,
    at_us integer not null,
    actor text not null, -- such as agent:agent-glaze-scout
    actor_name text not null,
    owner text not null, -- in whose name
    scope text not null, -- what it wanted to do
    resource text not null, -- with which document
    scopes text not null constraint denial_traces_scopes check (json_valid(scopes)), -- how far it reached
    delegation text, -- the delegation that it named
    reason text not null, -- the code
    suspicion text -- the sign of a confused deputy, if there was one
) strict;

create index denial_traces_by_actor on denial_traces (actor, id);

create trigger denial_traces_stay_bounded after insert on denial_traces
begin
    delete from denial_traces where id <= new.id - 10000;
end;

-- Delegations are looked up by agent and owner with every request of an agent.
create index documents_by_delegation on documents (
    json_extract(fields, '$.agentClientId.stringValue'), json_extract(fields, '$.ownerUid.stringValue')
) where collection = 'delegations';
