//! How fast the gate decides: `cargo bench --bench gate -- --decisions 20000`.
//!
//! 100 capabilities, 200 policies and 10,000 delegations in the mirror; every kind of question in turn, with everything
//! that the gate reads from the database for it. The baseline is Cedar's bare answer to the same question, already put
//! into its words, in the same run: what is above it is ours. One line of JSON per figure: `bench`, `measure`, `value`, `unit`, `baseline`, `ratio`.

/// Who asks.
#[path = "../people.rs"]
mod people;

/// What is printed.
#[path = "../figures.rs"]
mod figures;

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use studio_brain::domain::actor::{Actor, ActorKind, Issuer, Person};
use studio_brain::domain::agent::{AgentScope, WantedKey};
use studio_brain::domain::capability::Capability;
use studio_brain::domain::change::{Change, Changes};
use studio_brain::domain::decision::{Act, Base, Decision, Delegated, Lease, Stop};
use studio_brain::domain::document::Document;
use studio_brain::domain::ids::{CollectionId, DocPath, Hash, ProposalId, StudioId, Uid};
use studio_brain::domain::proposal::{Behalf, Choice, GivenReason, Proposal, ProposalState, Verdict};
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::value::{FieldPath, Value};
use studio_brain::domain::write::Write;
use studio_brain::gate::circumstances::Circumstances;
use studio_brain::gate::facts::{Facts, Surroundings};
use studio_brain::gate::policy::{Policy, PolicyFile, PolicyFiles};
use studio_brain::gate::{Gate, GateSettings, Writes};
use studio_brain::identity::agents::new_secret;
use studio_brain::store::Store;

use people::people;

use figures::line;

const NOW: Timestamp = Timestamp::from_micros(1_773_853_200_000_000);

/// The arguments of one run.
#[derive(clap::Parser, Clone, Debug)]
struct Arguments {
    /// How many decisions of each kind
    #[arg(long, default_value_t = 20_000)]
    decisions: usize,
    /// How many capabilities the registry has
    #[arg(long, default_value_t = 100)]
    capabilities: usize,
    /// How many policies there are
    #[arg(long, default_value_t = 200)]
    policies: usize,
    /// How many delegations are known
    #[arg(long, default_value_t = 10_000)]
    delegations: usize,
    /// What `cargo bench` adds by itself
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = <Arguments as clap::Parser>::parse();
    let started = Instant::now();
    let policy = policy(&arguments)?;
    line("policy compiled", started.elapsed().as_secs_f64() * 1_000.0, "ms", None);
    line("capabilities", policy.registry().iter().count() as f64, "", None);
    line("policies", policy.policies() as f64, "", None);
    let world = World::new(Arc::clone(&policy), arguments.delegations).await?;
    line("delegations", world.delegated.len() as f64, "", None);
    let (mut all, mut all_bare) = (Vec::new(), Vec::new());
    for kind in Kind::ALL {
        let (ours, bare) = measure(&policy, &world, kind, arguments.decisions).await?;
        report(kind.word(), &ours, &bare);
        all.extend(ours);
        all_bare.extend(bare);
    }
    report("any", &all, &all_bare);
    Ok(())
}

/// The shipped rules, with more of the same until there are as many as wanted.
fn policy(arguments: &Arguments) -> anyhow::Result<Arc<Policy>> {
    let mut files = PolicyFiles::shipped();
    let shipped = Policy::parse(&files)?;
    let template = files
        .registry
        .text
        .split("[[capability]]")
        .find(|entry| entry.contains("id = \"report.triage.set\""))
        .expect("the registry has it")
        .to_owned();
    let more = arguments.capabilities.saturating_sub(shipped.registry().iter().count());
    for number in 0..more {
        let entry = template.replace("report.triage.set\"", &format!("bench.capability.number{number}\""));
        write!(files.registry.text, "\n[[capability]]{entry}")?;
    }
    let mut text = String::new();
    for number in 0..arguments.policies.saturating_sub(shipped.policies()) {
        let capability = format!("bench.capability.number{}", number % more.max(1));
        write!(
            text,
            "@id(\"bench.{number}\") @reason(\"BLOCKED_BY_POLICY\")\n\
             forbid (principal, action in [Action::\"propose\", Action::\"apply\"], resource == Capability::\"{capability}\")\n\
             when {{ context.actor.kind == \"agent\" && context.mirror.age > {number} && !context.exempt }};\n"
        )?;
    }
    files.policies.push(PolicyFile { name: "bench.cedar".to_owned(), text });
    Ok(Arc::new(Policy::parse(&files)?))
}

/// The questions that are asked.
#[derive(Clone, Copy)]
enum Kind {
    ProposeAllowed,
    ApplyAllowedWithDelegation,
    ApproveDenied,
    ApplyDeniedForMany,
}

impl Kind {
    const ALL: [Self; 4] =
        [Self::ProposeAllowed, Self::ApplyAllowedWithDelegation, Self::ApproveDenied, Self::ApplyDeniedForMany];

    const fn word(self) -> &'static str {
        match self {
            Self::ProposeAllowed => "propose, allowed",
            Self::ApplyAllowedWithDelegation => "apply under a delegation, allowed",
            Self::ApproveDenied => "approve one's own, denied",
            Self::ApplyDeniedForMany => "apply, denied for six reasons",
        }
    }
}

struct World {
    _directory: tempfile::TempDir,
    gate: Gate,
    staff: Actor,
    push: Actor,
    calm: Surroundings,
    stopped: Surroundings,
    capabilities: Vec<Arc<Capability>>,
    approved: Vec<(Proposal, Vec<Verdict>)>,
    /// Proposals by agents, each by another one's delegation.
    delegated: Vec<(Proposal, Vec<Verdict>)>,
}

/// How many agents each owner lets act.
const AGENTS: usize = 10;

fn uid(text: &str) -> Uid {
    Uid::parse(text).expect("legal")
}

fn document(path: String, fields: &[(&str, Value)]) -> Document {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Document { path: DocPath::parse(path).expect("legal"), fields, create_time: NOW, update_time: NOW }
}

impl World {
    /// A studio whose mirror holds all the delegations, and their owners' documents.
    async fn new(policy: Arc<Policy>, delegations: usize) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let studio = StudioId::parse("monsoon-west")?;
        let store = Store::open(directory.path(), &studio, NOW).await?;
        let collections = ["communityReports", "delegations", "agentClients"];
        store.targets_declare(&collections.map(|name| CollectionId::parse(name).expect("legal"))).await?;
        let [staff, colleague, admin] = people(&store, NOW).await?;
        let capabilities: Vec<Arc<Capability>> = policy
            .registry()
            .iter()
            .filter(|capability| {
                capability.id.as_str().starts_with("bench.") || capability.id.as_str() == "report.triage.set"
            })
            .cloned()
            .collect();
        let mut tx = store.begin().await?;
        for target in store.targets().await? {
            tx.targets_advance([(target.id, None)], NOW, NOW).await?;
        }
        let mut keys = Vec::new();
        for agent in 0..AGENTS {
            let secret = new_secret()?;
            let wanted = WantedKey {
                agent: uid(&format!("agent-{agent}")),
                name: format!("Agent {agent}"),
                scopes: vec![AgentScope::parse("capability:*:execute")?],
                lasts: Duration::from_secs(86_400),
            };
            let issued = tx.agent_key_issue(&studio, &wanted, &secret, &admin, NOW).await?;
            anyhow::ensure!(issued.is_ok(), "an admin may issue keys");
            keys.push(secret.prefix().clone());
            let active = [("status", Value::text("active"))];
            tx.document_put(&document(format!("agentClients/agent-{agent}"), &active), NOW).await?;
        }
        let mut delegated = Vec::new();
        for number in 0..delegations {
            let (agent, owner) = (number % AGENTS, number / AGENTS);
            let owner_uid = uid(&format!("owner-{owner}"));
            let fields = [
                ("ownerUid", Value::text(owner_uid.as_str())),
                ("agentClientId", Value::text(format!("agent-{agent}"))),
                ("scopes", Value::Array(vec![Value::text("capability:*:execute")])),
                ("resources", Value::Array(vec![Value::text(format!("owner:{owner_uid}"))])),
                ("status", Value::text("active")),
                ("expiresAt", Value::Timestamp(NOW.plus(Duration::from_secs(3_600)))),
            ];
            tx.document_put(&document(format!("delegations/d-{number}"), &fields), NOW).await?;
            let owned = [("ownerUid", Value::text(owner_uid.as_str()))];
            if agent == 0 {
                tx.document_put(&document(format!("communityReports/c-{owner}"), &owned), NOW).await?;
            }
            let behalf = Behalf { owner: owner_uid, delegation: format!("d-{number}"), key: keys[agent].clone() };
            let proposer = Person {
                uid: uid(&format!("agent-{agent}")),
                kind: ActorKind::Agent,
                name: format!("Agent {agent}"),
                issuer: Issuer::Real,
            };
            let capability = &capabilities[number % capabilities.len()];
            delegated.push(approved(capability, proposer, Some(behalf), &colleague, &format!("c-{owner}")));
        }
        tx.commit().await?;
        let gate = Gate::new(store.clone(), GateSettings { writes: Writes::On, lifetime: Duration::from_secs(3_600) });
        let gate = gate.with_policy(Arc::clone(&policy));
        let calm = Surroundings { lease: Lease::Ours, ..gate.around(NOW).await? };
        let approved = capabilities
            .iter()
            .map(|capability| approved(capability, staff.person(), None, &colleague, "c-1"))
            .collect();
        let stopped = Surroundings { stop: Stop::On, writes: Writes::Off, targets: Vec::new(), ..calm.clone() };
        let push = Actor::system(&studio, "push");
        Ok(Self { _directory: directory, gate, staff, push, calm, stopped, capabilities, approved, delegated })
    }

    /// The question of this number and kind, for the policies alone.
    fn facts(&self, kind: Kind, number: usize) -> Facts<'_> {
        let at = number % self.capabilities.len();
        let (capability, (proposal, verdicts)) = (&self.capabilities[at], &self.approved[at]);
        match kind {
            Kind::ProposeAllowed => Facts::asking(&self.staff, Act::Propose, capability, &self.calm).on(proposal
                .changes
                .first()
                .write
                .path()),
            Kind::ApplyAllowedWithDelegation => {
                let (proposal, verdicts) = self.delegation(number);
                let permitted = Circumstances { delegated: Delegated::Permitted, ..Circumstances::CALM };
                let capability = self.gate.registry().get(&proposal.capability).expect("is there");
                Facts::asking(&self.push, Act::Apply, capability, &self.calm)
                    .about(proposal, verdicts, Base::Current, None)
                    .beside(permitted)
            }
            Kind::ApproveDenied => Facts::asking(&self.staff, Act::Approve, capability, &self.calm).about(
                proposal,
                verdicts,
                Base::Current,
                Some(Hash::of("something else")),
            ),
            Kind::ApplyDeniedForMany => {
                Facts::asking(&self.push, Act::Apply, capability, &self.stopped).about(proposal, &[], Base::Moved, None)
            }
        }
    }

    /// One delegation after the other, in no order that a cache would like.
    fn delegation(&self, number: usize) -> &(Proposal, Vec<Verdict>) {
        &self.delegated[number * 7_919 % self.delegated.len()]
    }

    /// The gate's whole decision: what it rests on is read from the database.
    async fn decide(&self, kind: Kind, number: usize) -> anyhow::Result<Decision> {
        let at = number % self.capabilities.len();
        let (capability, (proposal, verdicts)) = (&self.capabilities[at], &self.approved[at]);
        let about = (proposal, verdicts.as_slice());
        Ok(match kind {
            Kind::ProposeAllowed => self.gate.may_propose(&self.staff, capability, &self.calm),
            Kind::ApplyAllowedWithDelegation => {
                let (proposal, verdicts) = self.delegation(number);
                let about = (proposal, verdicts.as_slice());
                self.gate.may(&self.push, Act::Apply, about, (Base::Current, None), &self.calm).await?
            }
            Kind::ApproveDenied => {
                let seen = Some(Hash::of("something else"));
                self.gate.may(&self.staff, Act::Approve, about, (Base::Current, seen), &self.calm).await?
            }
            Kind::ApplyDeniedForMany => {
                let about = (proposal, &[][..]);
                self.gate.may(&self.push, Act::Apply, about, (Base::Moved, None), &self.stopped).await?
            }
        })
    }
}

fn approved(
    capability: &Capability,
    proposer: Person,
    behalf: Option<Behalf>,
    approver: &Actor,
    report: &str,
) -> (Proposal, Vec<Verdict>) {
    let path = DocPath::parse(format!("communityReports/{report}")).expect("legal");
    let proposal = Proposal {
        id: ProposalId::from_uuid(uuid::Uuid::nil()),
        capability: capability.id.clone(),
        changes: Changes::one(Change {
            subject: path.clone(),
            write: Write::Update {
                path,
                changes: [(FieldPath::top("status"), Some(Value::text("triaged")))].into(),
                base: NOW,
            },
            undoes: None,
        }),
        summary: "Triage".to_owned(),
        reason: GivenReason::parse("The member asked at the desk.").expect("a reason"),
        proposer,
        behalf,
        created: NOW,
        expires: NOW.plus(Duration::from_secs(3_600)),
        finding: None,
        state: ProposalState::Approved,
        state_since: NOW,
        round: 1,
        held: None,
    };
    let verdict = Verdict {
        by: approver.person(),
        choice: Choice::Approve,
        code: None,
        reason: GivenReason::parse("Seen and agreed with her.").expect("a reason"),
        content_hash: proposal.content_hash(),
        at: NOW,
        round: 1,
    };
    (proposal, vec![verdict])
}

/// How long each decision took, and each bare evaluation of the same question, taking turns; in microseconds.
async fn measure(policy: &Policy, world: &World, kind: Kind, decisions: usize) -> anyhow::Result<(Vec<f64>, Vec<f64>)> {
    let micros = |started: Instant| started.elapsed().as_secs_f64() * 1_000_000.0;
    let (mut ours, mut bares) = (Vec::with_capacity(decisions), Vec::with_capacity(decisions));
    for number in 0..decisions + decisions / 10 {
        let bare = policy.bare(&world.facts(kind, number));
        let started = Instant::now();
        black_box(bare());
        let bare_took = micros(started);
        let started = Instant::now();
        black_box(world.decide(kind, number).await?);
        let took = micros(started);
        // The first tenth warms up.
        if number >= decisions / 10 {
            ours.push(took);
            bares.push(bare_took);
        }
    }
    Ok((ours, bares))
}

fn report(what: &str, ours: &[f64], bare: &[f64]) {
    let rate = |took: &[f64]| took.len() as f64 / took.iter().sum::<f64>() * 1_000_000.0;
    line(&format!("decisions per second: {what}"), rate(ours), "1/s", Some(rate(bare)));
    for (name, part) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
        line(&format!("decision {name}: {what}"), quantile(ours, part), "us", Some(quantile(bare, part)));
    }
}

fn quantile(took: &[f64], part: f64) -> f64 {
    let mut sorted = took.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * part).round() as usize]
}
