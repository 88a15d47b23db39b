//! What the policies are told: facts in Cedar's words, as the schema declares them.

use std::collections::HashMap;

use cedar_policy::{
    Context, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression as Cedar, Schema,
};

use crate::domain::actor::ActorKind;
use crate::domain::capability::{Access, Capability, Roles};
use crate::domain::decision::{Act, Base, Intake, Stop};
use crate::domain::time::Timestamp;
use crate::gate::Writes;
use crate::gate::facts::{About, Facts};

/// The schema's names, made once.
#[derive(Debug)]
pub(super) struct Names {
    kinds: HashMap<ActorKind, EntityTypeName>,
    acts: HashMap<Act, EntityUid>,
    capability: EntityTypeName,
}

/// A question can't be put into Cedar's words.
#[derive(Debug, thiserror::Error)]
#[error("could not tell the policies what is asked")]
pub(super) struct Untellable(#[source] Box<dyn std::error::Error + Send + Sync>);

impl Untellable {
    pub(super) fn because(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self(Box::new(error))
    }
}

impl Names {
    pub(super) fn new() -> Self {
        let name = |text: &str| text.parse::<EntityTypeName>().expect("BUG: our entity types have legal names");
        let kind = |kind: ActorKind| match kind {
            ActorKind::Human => "Human",
            ActorKind::Staff => "Staff",
            ActorKind::Admin => "Admin",
            ActorKind::Operator => "Operator",
            ActorKind::Agent => "Agent",
            ActorKind::System => "System",
        };
        let act = |act: Act| EntityUid::from_type_name_and_id(name("Action"), EntityId::new(act.word()));
        Self {
            kinds: ActorKind::ALL.into_iter().map(|each| (each, name(kind(each)))).collect(),
            acts: Act::ALL.into_iter().map(|each| (each, act(each))).collect(),
            capability: name("Capability"),
        }
    }

    /// The name of what an actor of this kind is.
    pub(super) fn kind(&self, kind: ActorKind) -> &EntityTypeName {
        &self.kinds[&kind]
    }

    /// The act's name.
    pub(super) fn act(&self, act: Act) -> &EntityUid {
        &self.acts[&act]
    }

    /// The capability's name.
    pub(super) fn capability(&self, capability: &Capability) -> EntityUid {
        EntityUid::from_type_name_and_id(self.capability.clone(), EntityId::new(capability.id.as_str()))
    }

    /// The capability with what the policies may know of it.
    pub(super) fn entity(&self, capability: &Capability) -> Result<Entity, Untellable> {
        let nobody = Roles::new();
        let (access, readers, rules) = match &capability.access {
            Access::Read { readers } => ("read", readers, None),
            Access::Write(rules) => ("write", &nobody, Some(rules)),
        };
        let roles =
            |roles: Option<&Roles>| Cedar::new_set(roles.unwrap_or(&nobody).iter().map(|kind| text(kind.as_str())));
        let attributes = HashMap::from([
            ("access".to_owned(), text(access)),
            ("risk".to_owned(), text(capability.risk.word())),
            ("readers".to_owned(), roles(Some(readers))),
            ("proposers".to_owned(), roles(rules.map(|rules| &rules.proposers))),
            ("approvers".to_owned(), roles(rules.map(|rules| &rules.approvers))),
            ("appliers".to_owned(), roles(rules.map(|rules| &rules.appliers))),
            ("freshness".to_owned(), seconds(capability.freshness)),
        ]);
        Entity::new(self.capability(capability), attributes, std::collections::HashSet::new())
            .map_err(Untellable::because)
    }

    /// The question in Cedar's words, checked against the schema.
    pub(super) fn request(&self, facts: &Facts<'_>, schema: &Schema) -> Result<Request, Untellable> {
        let uid = EntityId::new(facts.actor.uid().as_str());
        let principal = EntityUid::from_type_name_and_id(self.kind(facts.actor.kind()).clone(), uid);
        let context = Context::from_pairs(pairs(facts)?).map_err(Untellable::because)?;
        let resource = self.capability(facts.capability);
        Request::new(principal, self.act(facts.act).clone(), resource, context, Some(schema))
            .map_err(Untellable::because)
    }
}

fn text(text: impl AsRef<str>) -> Cedar {
    Cedar::new_string(text.as_ref().to_owned())
}

fn seconds(duration: std::time::Duration) -> Cedar {
    Cedar::new_long(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX))
}

fn moment(moment: Timestamp) -> Cedar {
    Cedar::new_long(moment.micros())
}

fn number(number: usize) -> Cedar {
    Cedar::new_long(i64::try_from(number).unwrap_or(i64::MAX))
}

fn record<const N: usize>(fields: [(&str, Cedar); N]) -> Result<Cedar, Untellable> {
    Cedar::new_record(fields.map(|(name, value)| (name.to_owned(), value))).map_err(Untellable::because)
}

fn pairs(facts: &Facts<'_>) -> Result<Vec<(String, Cedar)>, Untellable> {
    let (actor, around, beside) = (facts.actor, facts.around, facts.beside);
    let age = around.mirror_age(facts.capability, facts.path);
    let stop = match around.stop {
        Stop::Off => "off",
        Stop::On => "on",
        Stop::Unknown => "unknown",
    };
    let intake = match beside.intake {
        Intake::Clear => "clear",
        Intake::Granted => "granted",
        Intake::Review => "review",
        Intake::Denied => "denied",
    };
    let mut pairs = vec![
        ("now", moment(around.now)),
        ("studio", text(around.studio.as_str())),
        (
            "actor",
            record([
                ("kind", text(actor.kind().as_str())),
                ("uid", text(actor.uid().as_str())),
                ("studio", text(actor.studio().as_str())),
            ])?,
        ),
        ("writes", Cedar::new_bool(around.writes == Writes::On)),
        ("killSwitch", text(stop)),
        ("lease", text(around.lease.word())),
        ("mirror", record([("known", Cedar::new_bool(age.is_some())), ("age", seconds(age.unwrap_or_default()))])?),
        ("owner", text(facts.owner.map(|owner| owner.as_str()).unwrap_or_default())),
        ("agent", text(beside.agent.word())),
        ("delegation", text(beside.delegated.word())),
        ("quotaLeft", Cedar::new_bool(beside.quota_left)),
        ("intake", text(intake)),
        ("exempt", Cedar::new_bool(beside.exempt)),
    ];
    if let Some(about) = &facts.about {
        pairs.push(("proposal", proposal(about)?));
    }
    Ok(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn proposal(about: &About) -> Result<Cedar, Untellable> {
    let base = match about.base {
        Base::Current => "current",
        Base::Moved => "moved",
        Base::Unknown => "unknown",
    };
    record([
        ("proposer", text(about.proposer.as_str())),
        ("proposerKind", text(about.proposer_kind.as_str())),
        ("state", text(about.state.word())),
        ("expires", moment(about.expires)),
        ("base", text(base)),
        ("sameContent", Cedar::new_bool(about.same_content)),
        ("inside", Cedar::new_bool(about.inside)),
        ("decided", Cedar::new_bool(about.decided)),
        ("rejected", Cedar::new_bool(about.rejected)),
        ("approvals", number(about.counted.people)),
        ("approvalsNeeded", number(about.needed.people)),
        ("admins", number(about.counted.admins)),
        ("adminsNeeded", number(about.needed.admins)),
        ("delayedUntil", moment(about.delayed_until)),
    ])
}
