-- The queue of proposals, page by page: how many there are of each kind, and in which order they come.

create table proposals_counted (
    state text not null,
    capability text not null,
    proposals integer not null constraint proposals_counted_number check (proposals >= 0),
    primary key (state, capability)
) strict, without rowid;

insert into proposals_counted select state, capability, count(*) from proposals group by state, capability;

create trigger proposals_counted_when_made after insert on proposals begin
    insert into proposals_counted (state, capability, proposals) values (new.state, new.capability, 1)
        on conflict do update set proposals = proposals + 1;
end;

create trigger proposals_counted_when_moved after update of state on proposals when old.state is not new.state begin
    update proposals_counted set proposals = proposals - 1 where state = old.state and capability = old.capability;
    insert into proposals_counted (state, capability, proposals) values (new.state, new.capability, 1)
        on conflict do update set proposals = proposals + 1;
end;

drop index proposals_by_state;
create index proposals_by_state on proposals (state, created_us, id);
create index proposals_by_capability on proposals (state, capability, created_us, id);

-- What was proposed or decided about one document, for its page.
create index changes_by_path on changes (path);
create index changes_by_subject on changes (subject);
