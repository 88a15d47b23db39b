-- What a proposal is about, and in whose name it was made: both are asked again before the write leaves.
alter table proposals add column subject text not null default '';
alter table proposals add column owner text not null default ''; -- people act in their own name, agents in an owner's
alter table proposals add column delegation text; -- by its document's id, if an agent proposed
alter table proposals add column agent_key text; -- the prefix of the key that the agent used

update proposals set
    subject = path,
    owner = case
        when proposer like 'sandbox:%' then substr(substr(proposer, 9), instr(substr(proposer, 9), ':') + 1)
        else substr(proposer, instr(proposer, ':') + 1)
    end;
