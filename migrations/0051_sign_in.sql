-- What signing in needs beside the sessions: attempts at a provider, who is whom at several of them, and what was typed
-- into a form when a session ended in the middle of it.

-- As much of the browser's own name as tells a person their devices apart.
alter table sessions add column browser text not null default '';

-- Somebody has gone to the identity provider and is expected back. A row is taken once, and is worth nothing later.
create table sign_in_attempts (
    state blob primary key constraint sign_in_state check (length(state) = 32), -- SHA-256 of the `state` we sent along
    browser blob not null constraint sign_in_browser check (length(browser) = 32), -- SHA-256 of the browser's secret
    nonce text not null, -- comes back inside the ID token
    verifier text not null, -- proves to the provider that the code is brought by whoever asked for it
    proof text not null constraint sign_in_proof check (proof in ('any', 'fresh')),
    next text not null, -- empty: the start page
    began_us integer not null
) strict, without rowid;

-- One person may have an account at several providers; whoever comes second by a door gets the id of the first.
create table identities (
    issuer text not null,
    subject text not null,
    uid text not null,
    email text not null, -- verified, in lower case, as of the first time
    since_us integer not null,
    primary key (issuer, subject)
) strict, without rowid;

create index identities_email on identities (email);

-- Forms that were sent when their session was over or its proof too old, until their person has signed in again.
create table kept_forms (
    browser blob primary key constraint kept_browser check (length(browser) = 32), -- SHA-256 of the browser's secret
    uid text not null,
    path text not null, -- where it was sent
    page text not null, -- where it stands
    fields text not null constraint kept_fields check (length(fields) <= 131072), -- as the browser encodes forms
    kept_us integer not null
) strict, without rowid;

create index kept_forms_uid on kept_forms (uid, kept_us);
