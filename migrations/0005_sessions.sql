-- Signed-in browsers. One file belongs to one studio, so a session is bound to its studio by being here.
-- A row is deleted when the session ends; the audit log remembers that it was.
create table sessions (
    key blob primary key constraint session_key check (length(key) = 32), -- SHA-256 of the browser's secret
    uid text not null,
    role text not null constraint session_role check (role in ('staff', 'admin')), -- as what they signed in
    claimed text constraint session_claimed check (claimed in ('staff', 'admin')), -- null: the token claimed no role
    name text not null,
    email text not null,
    issuer text not null constraint session_issuer check (issuer in ('real', 'sandbox')),
    proved_us integer not null, -- the token's auth_time; microseconds since 1970, like all below
    began_us integer not null,
    seen_us integer not null
) strict, without rowid;

create index sessions_uid on sessions (uid);

-- The studio's own word on who may sign in. It outranks the identity provider, and is asked with every request.
create table staff (
    uid text primary key,
    verdict text not null constraint staff_verdict check (verdict in ('allow', 'deny')),
    role text constraint staff_role check (role in ('staff', 'admin')),
    reason text not null,
    changed_by text not null, -- such as `admin:uid_admin_juno`
    changed_us integer not null,
    constraint staff_role_if_allowed check ((verdict = 'allow') = (role is not null))
) strict, without rowid;

-- What a browser is told once, on the next page it asks for.
create table flashes (
    id integer primary key,
    session blob not null references sessions (key) on delete cascade,
    kind text not null constraint flash_kind check (kind in ('ok', 'error')),
    code text not null,
    parameters_json text not null constraint flash_parameters check (json_valid(parameters_json)),
    form_json text not null constraint flash_form check (json_valid(form_json) and length(form_json) <= 131072),
    made_us integer not null
) strict;

create index flashes_session on flashes (session);
