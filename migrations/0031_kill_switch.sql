-- The kill switch's history: one row per step, never changed. The newest row of a scope says where its switch stands.
-- No row, or one that can't be understood, means stopped. A new database says explicitly that it runs.
create table kill_switch (
    id integer primary key,
    scope text not null constraint kill_switch_scope check (scope in ('studio', 'global')),
    step text not null constraint kill_switch_step check (
        step in ('began', 'stopped', 'resume requested', 'resumed')
    ),
    actor text not null,
    actor_name text not null,
    reason text not null,
    at_us integer not null -- microseconds since 1970
) strict;

create index kill_switch_by_scope on kill_switch (scope, id);

insert into kill_switch (scope, step, actor, actor_name, reason, at_us)
values
    ('studio', 'began', 'system:migration', 'migration', 'The switch came to this database.', unixepoch() * 1000000),
    ('global', 'began', 'system:migration', 'migration', 'The switch came to this database.', unixepoch() * 1000000);

create trigger kill_switch_refuses_update before update on kill_switch
begin
    select raise(abort, 'the history of the kill switch refuses UPDATE');
end;

create trigger kill_switch_refuses_delete before delete on kill_switch
begin
    select raise(abort, 'the history of the kill switch refuses DELETE');
end;
