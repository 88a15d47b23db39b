-- Exemptions from an approval: one capability, one owner, 72 hours at most. Nothing here is ever changed or deleted:
-- what becomes of an exemption is a further event.
create table exemptions (
    id text primary key, -- uuid v7
    capability text not null,
    owner text not null, -- in whose name things are done under it
    resource text, -- the one document that it covers; null: every document of the owner
    beneficiary text not null, -- who asked for it
    granted_by text not null,
    granted_by_name text not null,
    justification text not null,
    granted_us integer not null,
    expires_us integer not null,
    constraint exemptions_are_short check (expires_us > granted_us and expires_us - granted_us <= 259200000000)
) strict;

create index exemptions_by_owner on exemptions (capability, owner, expires_us);

create table exemption_events (
    id integer primary key,
    exemption text not null references exemptions (id),
    what text not null constraint exemption_events_what check (what in ('used', 'revoked', 'expired')),
    effect text constraint exemption_events_effect check ((what = 'used') = (effect is not null)), -- such as a proposal's id
    at_us integer not null
) strict;

-- An effect is let through by an exemption once, and an exemption ends once.
create unique index exemption_events_one_use on exemption_events (effect) where what = 'used';
create unique index exemption_events_one_end on exemption_events (exemption) where what in ('revoked', 'expired');

create trigger exemptions_refuse_update before update on exemptions
begin
    select raise(abort, 'exemptions refuse UPDATE');
end;

create trigger exemptions_refuse_delete before delete on exemptions
begin
    select raise(abort, 'exemptions refuse DELETE');
end;

create trigger exemption_events_refuse_update before update on exemption_events
begin
    select raise(abort, 'the events of exemptions refuse UPDATE');
end;

create trigger exemption_events_refuse_delete before delete on exemption_events
begin
    select raise(abort, 'the events of exemptions refuse DELETE');
end;
