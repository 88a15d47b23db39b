//! From the registry's text to capabilities: every rule that one entry has to keep.

use std::time::Duration;

use toml::{Table, Value as Toml};

use crate::domain::actor::ActorKind;
use crate::domain::capability::field::{Choice, FieldRule, FieldUpdate, Requirement, Source, Transition, ValueKind};
use crate::domain::capability::registry::RegistryError;
use crate::domain::capability::section::{Section, storable};
use crate::domain::capability::{
    Access, Approvals, Capability, CapabilityId, DRILLS, Executor, Quota, RECEIPTS, Risk, Roles, Target, WriteRules,
};
use crate::domain::ids::{CollectionId, Hash};
use crate::domain::lease::BOXES;
use crate::domain::lint::LintCode;
use crate::domain::quota::Scope;
use crate::domain::value::FieldPath;

const DAY: u64 = 86_400;

/// The capabilities, the shared quotas, and everything that is wrong.
pub(super) fn registry(file: &str, text: &str) -> (Vec<Capability>, Vec<Quota>, Vec<RegistryError>) {
    let mut problems = Vec::new();
    let table: Table = match text.parse() {
        Ok(table) => table,
        Err(error) => {
            Section::new(file, "", Table::new(), &mut problems).wrong("", LintCode::RegistrySyntax, error.to_string());
            return (Vec::new(), Vec::new(), problems);
        }
    };
    let mut whole = Section::new(file, "", table, &mut problems);
    let shared = quotas(&mut whole, "quota", &[Scope::Studio, Scope::Global]);
    let tables = whole.tables("capability");
    if tables.is_empty() {
        whole.wrong("capability", LintCode::MissingMetadata, "there is none");
    }
    whole.finish();
    let mut capabilities: Vec<Capability> = Vec::new();
    for (at, table) in tables.into_iter().enumerate() {
        let Some(capability) = capability(file, at, table, &mut problems) else { continue };
        if capabilities.iter().any(|other| other.id == capability.id) {
            Section::new(file, capability.id.as_str(), Table::new(), &mut problems).wrong(
                "id",
                LintCode::CapabilityTwice,
                "is the id of another capability, too",
            );
        }
        capabilities.push(capability);
    }
    (capabilities, shared, problems)
}

fn capability(file: &str, at: usize, table: Table, problems: &mut Vec<RegistryError>) -> Option<Capability> {
    let fingerprint = Hash::of(table.to_string());
    let named = table.get("id").and_then(Toml::as_str).map_or_else(|| format!("#{}", at + 1), str::to_owned);
    let mut from = Section::new(file, &named, table, problems);
    let before = from.problems();
    let id = from.text("id", LintCode::MissingMetadata).and_then(|id| match CapabilityId::parse(&id) {
        Ok(id) => Some(id),
        Err(error) => {
            from.wrong("id", LintCode::IdInvalid, error.to_string());
            None
        }
    });
    let title = from.text("title", LintCode::MissingMetadata);
    let owner = from.text("owner", LintCode::MissingOwner);
    let escalation = from.texts("escalation", LintCode::MissingEscalationPath);
    let spec = from.text("spec", LintCode::MissingSpec);
    let risk = from.text("risk", LintCode::RiskMissing).and_then(|word| {
        let risk = Risk::parse(&word);
        if risk.is_none() {
            from.wrong("risk", LintCode::RiskMissing, "has to be low, medium, high or critical");
        }
        risk
    });
    let targets = targets(&mut from);
    let freshness = from.duration("freshness", 1, 7 * DAY);
    let quotas = quotas(&mut from, "quotas", &[Scope::Actor, Scope::Owner, Scope::Capability]);
    if !quotas.iter().any(|quota| quota.per == Scope::Actor) {
        from.wrong("quotas", LintCode::QuotaMissing, "need one per actor at least");
    }
    let access = access(&mut from, risk);
    if named.starts_with("drill.") && targets.iter().any(|target| target.to_string() != format!("{DRILLS}/{{id}}")) {
        from.wrong("targets", LintCode::DrillOutside, format!("a drill stays in {DRILLS}"));
    }
    let writes = matches!(access, Some(Access::Write(_)));
    if targets.iter().any(|target| matches!(target, Target::Connector(_)) == writes) {
        from.wrong("targets", LintCode::TargetInvalid, "reads are about connectors, writes about documents");
    }
    let sound = from.problems() == before;
    from.finish();
    let whole = Capability {
        id: id?,
        title: title?,
        targets,
        risk: risk?,
        access: access?,
        quotas,
        freshness: freshness?,
        owner: owner?,
        escalation: escalation?,
        spec: spec?,
        fingerprint,
    };
    sound.then_some(whole)
}

fn access(from: &mut Section<'_>, risk: Option<Risk>) -> Option<Access> {
    let access = from.text("access", LintCode::MissingMetadata)?;
    let executor = from.text("executor", LintCode::NoExecutor)?;
    match access.as_str() {
        "read" => {
            if executor != "read" {
                from.wrong("executor", LintCode::NoExecutor, "there is only `read` for reads");
            }
            Some(Access::Read { readers: roles(from, "read")? })
        }
        "write" => write(from, &executor, risk).map(|rules| Access::Write(Box::new(rules))),
        _ => {
            from.wrong("access", LintCode::MissingMetadata, "has to be read or write");
            None
        }
    }
}

fn write(from: &mut Section<'_>, executor: &str, risk: Option<Risk>) -> Option<WriteRules> {
    let executor = match executor {
        "field_update" => field_update(from).map(Executor::FieldUpdate),
        "note" => collection(from, "creates").map(|creates| Executor::Note { creates }),
        "mark" => Some(Executor::Mark),
        "restore" => Some(Executor::Restore),
        _ => {
            let rule = "there is no such executor: use field_update, note, mark or restore";
            from.wrong("executor", LintCode::NoExecutor, rule);
            None
        }
    };
    let proposers = roles(from, "propose");
    let approvers = roles(from, "approve");
    let appliers = roles(from, "apply");
    let people = [ActorKind::Staff, ActorKind::Admin, ActorKind::Operator];
    if approvers.iter().flatten().any(|kind| !people.contains(kind)) {
        from.wrong("approve", LintCode::RolesInvalid, "only people approve: staff, admin or operator");
    }
    if appliers.iter().flatten().any(|kind| *kind != ActorKind::System) {
        from.wrong("apply", LintCode::RolesInvalid, "only the service applies: system");
    }
    let approvals = approvals(from, risk);
    if let (Some(approvals), Some(approvers)) = (approvals, &approvers)
        && approvals.admins > 0
        && !approvers.contains(&ActorKind::Admin)
    {
        from.wrong("approve", LintCode::ApprovalModeMismatch, "an admin has to approve, and may not");
    }
    let lifetime = from.duration("approval_lifetime", 60, 7 * DAY);
    let delay = if from.has("delay") { from.duration("delay", 0, DAY) } else { Some(Duration::ZERO) };
    let rollback = from.text("rollback", LintCode::MissingRollbackPlan);
    Some(WriteRules {
        executor: executor?,
        proposers: proposers?,
        approvers: approvers?,
        appliers: appliers?,
        approvals: approvals?,
        lifetime: lifetime?,
        delay: delay?,
        rollback: rollback?,
    })
}

fn approvals(from: &mut Section<'_>, risk: Option<Risk>) -> Option<Approvals> {
    let Some(table) = from.table("approvals") else {
        from.wrong("approvals", LintCode::WriteCapabilityExempt, "a write has to say how many approvals it needs");
        return None;
    };
    let mut inside = from.inside("approvals", table);
    let count = inside.whole("count", LintCode::WriteCapabilityExempt);
    let admins = inside.whole("admins", LintCode::MissingMetadata);
    inside.finish();
    let approvals = Approvals { count: count?, admins: admins? };
    if approvals.count == 0 {
        from.wrong("approvals", LintCode::WriteCapabilityExempt, "nobody has to approve this write");
    } else if approvals.admins > approvals.count {
        from.wrong("approvals", LintCode::ApprovalModeMismatch, "asks for more admins than people");
    } else if let Some(risk) = risk.filter(|risk| !approvals.fit(*risk)) {
        let rule = format!(
            "are too few for a {} risk: high needs two people or an admin, critical two with an admin among them",
            risk.word()
        );
        from.wrong("approvals", LintCode::ApprovalModeMismatch, rule);
    }
    Some(approvals)
}

fn roles(from: &mut Section<'_>, key: &str) -> Option<Roles> {
    let mut roles = Roles::new();
    for word in from.texts(key, LintCode::MissingMetadata)? {
        match ActorKind::parse(&word) {
            Some(kind) => _ = roles.insert(kind),
            None => from.wrong(key, LintCode::RolesInvalid, format!("`{word}` is no kind of actor")),
        }
    }
    Some(roles)
}

fn targets(from: &mut Section<'_>) -> Vec<Target> {
    let mut targets = Vec::new();
    for text in from.texts("targets", LintCode::TargetInvalid).unwrap_or_default() {
        let target = match text.split_once(':') {
            Some(("connector", name)) if !name.is_empty() => Some(Target::Connector(name.to_owned())),
            _ => pattern(&text).map(Target::Documents),
        };
        match target {
            Some(target) => targets.push(target),
            None => from.wrong("targets", LintCode::TargetInvalid, format!("`{text}` is not like batches/{{id}}")),
        }
    }
    targets
}

fn collection(from: &mut Section<'_>, key: &str) -> Option<CollectionId> {
    let text = from.text(key, LintCode::TargetInvalid)?;
    let collection = pattern(&text);
    if collection.is_none() {
        from.wrong(key, LintCode::TargetInvalid, format!("`{text}` is not like batches/{{id}}"));
    }
    collection
}

/// `batches/{id}`: the documents of a top-level collection. Receipts and leases are the push job's alone.
fn pattern(text: &str) -> Option<CollectionId> {
    let collection = CollectionId::parse(text.strip_suffix("/{id}")?).ok()?;
    (![RECEIPTS, BOXES].contains(&collection.as_str())).then_some(collection)
}

fn quotas(from: &mut Section<'_>, key: &str, allowed: &[Scope]) -> Vec<Quota> {
    let mut quotas: Vec<Quota> = Vec::new();
    for (at, table) in from.tables(key).into_iter().enumerate() {
        let mut inside = from.inside(&format!("{key}[{at}]"), table);
        let per = inside.text("per", LintCode::QuotaMissing);
        let limit = inside.whole("limit", LintCode::QuotaMissing);
        let window = inside.duration("window", 1, 31 * DAY);
        let per = per.and_then(|word| allowed.iter().copied().find(|per| per.word() == word));
        match (per, limit, window) {
            (Some(_), Some(0), _) => inside.wrong("limit", LintCode::QuotaInsane, "allows nothing"),
            (Some(per), Some(limit), Some(window)) if !quotas.iter().any(|quota| quota.per == per) => {
                quotas.push(Quota { per, limit, window });
            }
            (Some(_), Some(_), Some(_)) => inside.wrong("per", LintCode::QuotaInsane, "is there twice"),
            (None, _, _) => inside.wrong("per", LintCode::QuotaMissing, "is none that can be here"),
            (Some(_), _, _) => {}
        }
        inside.finish();
    }
    quotas.sort_by_key(|quota| quota.per);
    if quotas.windows(2).any(|two| two[0].hourly() > two[1].hourly()) {
        from.wrong(key, LintCode::QuotaInsane, "the wider one has to allow more than the narrower one");
    }
    quotas
}

fn field_update(from: &mut Section<'_>) -> Option<FieldUpdate> {
    let summary = from.optional_text("summary");
    let mut fields: Vec<FieldRule> = Vec::new();
    for (at, table) in from.tables("field").into_iter().enumerate() {
        let mut inside = from.inside(&format!("field[{at}]"), table);
        let path = field_path(&mut inside, "path");
        let source = source(&mut inside);
        if let (Some(path), Some(source)) = (path, source) {
            if fields.iter().any(|field| field.path == path) {
                inside.wrong("path", LintCode::FieldInvalid, "is set twice");
            }
            fields.push(FieldRule { path, source });
        }
        inside.finish();
    }
    if fields.is_empty() {
        from.wrong("field", LintCode::FieldInvalid, "a field update sets one field at least");
        return None;
    }
    for field in &fields {
        if let Source::Follows { field: leader, .. } = &field.source
            && !fields.iter().any(|other| other.path == *leader && matches!(other.source, Source::Chosen(_)))
        {
            from.wrong("field", LintCode::FieldInvalid, format!("`{}` follows a field that is not chosen", field.path));
        }
    }
    let requires = requirements(from);
    Some(FieldUpdate { fields, requires, summary })
}

fn requirements(from: &mut Section<'_>) -> Vec<Requirement> {
    let mut requires = Vec::new();
    for (at, table) in from.tables("require").into_iter().enumerate() {
        let mut inside = from.inside(&format!("require[{at}]"), table);
        let path = field_path(&mut inside, "path");
        let (values, absent) = (inside.values("values"), inside.flag("absent"));
        if values.is_empty() && !absent {
            inside.wrong("values", LintCode::FieldInvalid, "nothing could meet it");
        }
        requires.extend(path.map(|path| Requirement { path, values, absent }));
        inside.finish();
    }
    requires
}

fn field_path(from: &mut Section<'_>, key: &str) -> Option<FieldPath> {
    let text = from.text(key, LintCode::FieldInvalid)?;
    FieldPath::parse(&text).map_err(|error| from.wrong(key, LintCode::FieldInvalid, error.to_string())).ok()
}

fn source(from: &mut Section<'_>) -> Option<Source> {
    Some(match from.text("source", LintCode::FieldInvalid)?.as_str() {
        "chosen" => Source::Chosen(choice(from)?),
        "fixed" => Source::Fixed(from.value("value")?),
        "now" => Source::Now,
        "proposer" => Source::Proposer,
        "follows" => {
            let field = field_path(from, "field");
            let pairs = from.list("pairs");
            let pair = |pair: &Toml| match pair.as_array().map(Vec::as_slice) {
                Some([when, then]) => Some((storable(when)?, storable(then)?)),
                Some(_) | None => None,
            };
            let read: Option<Vec<_>> = pairs.iter().map(pair).collect();
            let Some(pairs) = read.filter(|pairs| !pairs.is_empty()) else {
                from.wrong("pairs", LintCode::FieldInvalid, "has to be a list of pairs: what goes with what");
                return None;
            };
            Source::Follows { field: field?, pairs }
        }
        _ => {
            from.wrong("source", LintCode::FieldInvalid, "has to be chosen, fixed, now, proposer or follows");
            return None;
        }
    })
}

fn choice(from: &mut Section<'_>) -> Option<Choice> {
    let word = from.text("kind", LintCode::FieldInvalid)?;
    let Some(kind) = ValueKind::ALL.into_iter().find(|kind| kind.word() == word) else {
        from.wrong("kind", LintCode::FieldInvalid, "has to be text, boolean or integer");
        return None;
    };
    let values = from.values("values");
    if values.iter().any(|value| !kind.fits(value)) {
        from.wrong("values", LintCode::FieldInvalid, format!("hold something that is no {word}"));
    }
    let mut transitions = Vec::new();
    for (at, table) in from.tables("transitions").into_iter().enumerate() {
        let mut inside = from.inside(&format!("transitions[{at}]"), table);
        let step = if inside.flag("absent") { None } else { inside.value("from") };
        let to = inside.values("to");
        if to.is_empty() || to.iter().any(|value| !values.contains(value)) {
            inside.wrong("to", LintCode::TransitionInvalid, "leads to a value that is not allowed");
        }
        if transitions.iter().any(|other: &Transition| other.from == step) {
            inside.wrong("from", LintCode::TransitionInvalid, "is there twice");
        }
        transitions.push(Transition { from: step, to });
        inside.finish();
    }
    let optional = from.flag("optional");
    let longest = if from.has("longest") { from.whole("longest", LintCode::FieldInvalid)? } else { 200 };
    if values.is_empty() && kind != ValueKind::Text {
        from.wrong("values", LintCode::FieldInvalid, "are needed for anything but text");
    }
    Some(Choice { kind, values, transitions, optional, longest: longest as usize })
}
