//! How fast the gate decides: `cargo bench --bench gate -- --decisions 20000`.
//!
//! 100 capabilities, 200 policies and 10,000 delegations; every kind of question in turn. The baseline is Cedar's bare
//! answer to the same question, already put into its words, in the same run: what is above it is ours. One line of JSON
//! per figure: `bench`, `measure`, `value`, `unit`, `baseline`, `ratio`.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use studio_brain::domain::actor::Actor;
use studio_brain::domain::capability::Capability;
use studio_brain::domain::decision::{Act, Base, Delegated, Stop};
use studio_brain::domain::document::Document;
use studio_brain::domain::ids::{CollectionId, DocPath, Hash, ProposalId, StudioId, Uid};
use studio_brain::domain::proposal::{Choice, GivenReason, Proposal, ProposalState, Verdict};
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::value::{FieldPath, Value};
use studio_brain::domain::write::Write;
use studio_brain::gate::Writes;
use studio_brain::gate::facts::{Facts, Surroundings};
use studio_brain::gate::policy::{Policy, PolicyFile, PolicyFiles};
use studio_brain::identity::Verifier;
use studio_brain::identity::session_audit::AuditedSessions;
use studio_brain::identity::sessions::{SessionRules, Sessions};
use studio_brain::identity::staff::StaffList;
use studio_brain::sandbox::identity::SandboxIdentity;
use studio_brain::store::Store;

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
    let world = World::new(&policy, arguments.delegations).await?;
    line("delegations", world.delegations.len() as f64, "", None);
    let (mut all, mut all_bare) = (Vec::new(), Vec::new());
    for kind in Kind::ALL {
        let (ours, bare) = measure(&policy, &world, kind, arguments.decisions);
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
    staff: Actor,
    push: Actor,
    calm: Surroundings,
    stopped: Surroundings,
    capabilities: Vec<Arc<Capability>>,
    approved: Vec<(Proposal, Vec<Verdict>)>,
    delegations: HashMap<(Uid, Uid), Delegated>,
    owners: Vec<Uid>,
}

fn uid(text: &str) -> Uid {
    Uid::parse(text).expect("legal")
}

impl World {
    async fn new(policy: &Policy, delegations: usize) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let studio = StudioId::parse("monsoon-west")?;
        let store = Store::open(directory.path(), &studio, NOW).await?;
        store.targets_declare(&[CollectionId::parse("communityReports")?]).await?;
        let mut tx = store.begin().await?;
        for target in store.targets().await? {
            tx.targets_advance([(target.id, None)], NOW, NOW).await?;
        }
        tx.commit().await?;
        let [staff, colleague] = people(&store).await?;
        let calm = Surroundings {
            studio: studio.clone(),
            now: NOW,
            writes: Writes::On,
            stop: Stop::Off,
            targets: store.targets().await?,
        };
        store.close().await;
        let capabilities: Vec<Arc<Capability>> = policy
            .registry()
            .iter()
            .filter(|capability| {
                capability.id.as_str().starts_with("bench.") || capability.id.as_str() == "report.triage.set"
            })
            .cloned()
            .collect();
        let mut agents: Vec<Uid> = (0..9).map(|number| uid(&format!("agent-{number}"))).collect();
        let owners: Vec<Uid> = (0..delegations.div_ceil(10)).map(|number| uid(&format!("owner-{number}"))).collect();
        agents.push(staff.uid().clone());
        let grants = owners.iter().flat_map(|owner| agents.iter().map(move |agent| (owner, agent)));
        let delegations = grants
            .take(delegations)
            .map(|(owner, agent)| ((owner.clone(), agent.clone()), delegated(owner, agent)))
            .collect();
        let approved = capabilities.iter().map(|capability| approved(capability, &staff, &colleague)).collect();
        let stopped = Surroundings { stop: Stop::On, writes: Writes::Off, targets: Vec::new(), ..calm.clone() };
        let push = Actor::system(&studio, "push");
        Ok(Self { staff, push, calm, stopped, capabilities, approved, delegations, owners })
    }

    /// Asks the question of this number and kind.
    fn facts(&self, kind: Kind, number: usize) -> Facts<'_> {
        let at = number % self.capabilities.len();
        let (capability, (proposal, verdicts)) = (&self.capabilities[at], &self.approved[at]);
        match kind {
            Kind::ProposeAllowed => {
                Facts::asking(&self.staff, Act::Propose, capability, &self.calm).on(proposal.write.path())
            }
            Kind::ApplyAllowedWithDelegation => {
                let owner = &self.owners[number % self.owners.len()];
                let found = self.delegations.get(&(owner.clone(), proposal.proposer.uid.clone()));
                Facts::asking(&self.push, Act::Apply, capability, &self.calm)
                    .about(proposal, verdicts, Base::Current, None)
                    .for_owner(owner, found)
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
}

fn delegated(owner: &Uid, agent: &Uid) -> Delegated {
    Delegated {
        id: format!("{owner}-{agent}"),
        owner: owner.clone(),
        agent: agent.clone(),
        revoked: false,
        expires: Some(NOW.plus(Duration::from_secs(3_600))),
        scopes: BTreeSet::from(["capability:*:execute".to_owned()]),
        resources: BTreeSet::from([format!("owner:{owner}")]),
        age: Duration::from_secs(1),
    }
}

fn approved(capability: &Capability, proposer: &Actor, approver: &Actor) -> (Proposal, Vec<Verdict>) {
    let document = Document {
        path: DocPath::parse("communityReports/c-1").expect("legal"),
        fields: Default::default(),
        create_time: NOW,
        update_time: NOW,
    };
    let proposal = Proposal {
        id: ProposalId::from_uuid(uuid::Uuid::nil()),
        capability: capability.id.clone(),
        write: Write::Update {
            path: document.path,
            changes: [(FieldPath::top("status"), Some(Value::text("triaged")))].into(),
            base: document.update_time,
        },
        summary: "Triage".to_owned(),
        reason: GivenReason::parse("The member asked at the desk.").expect("a reason"),
        proposer: proposer.person(),
        created: NOW,
        expires: NOW.plus(Duration::from_secs(3_600)),
        undoes: None,
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

/// Two members of staff, through real tokens and real sessions.
async fn people(store: &Store) -> anyhow::Result<[Actor; 2]> {
    let provider = SandboxIdentity::start("demo-studio").expect("a provider");
    let verifier = Verifier::new(vec![provider.trusted()]);
    let audit = Arc::new(AuditedSessions);
    let sessions = Sessions::new(store.studio().clone(), SessionRules::default(), StaffList::default(), audit);
    let mut actors = Vec::new();
    for uid in ["uid_staff_ines", "uid_staff_dov"] {
        let token = provider.token_for(uid, NOW).expect("a token");
        let identity = verifier.verify(&token, NOW).await.expect("is genuine");
        let mut tx = store.begin().await?;
        actors.push(sessions.start(&mut tx, &identity, None, NOW).await?.expect("may come in").actor);
        tx.commit().await?;
    }
    Ok(actors.try_into().expect("two"))
}

/// How long each decision took, and each bare evaluation of the same question, taking turns; in microseconds.
fn measure(policy: &Policy, world: &World, kind: Kind, decisions: usize) -> (Vec<f64>, Vec<f64>) {
    let micros = |started: Instant| started.elapsed().as_secs_f64() * 1_000_000.0;
    let (mut ours, mut bares) = (Vec::with_capacity(decisions), Vec::with_capacity(decisions));
    for number in 0..decisions + decisions / 10 {
        let bare = policy.bare(&world.facts(kind, number));
        let started = Instant::now();
        black_box(bare());
        let bare_took = micros(started);
        let started = Instant::now();
        black_box(policy.judge(&world.facts(kind, number)));
        let took = micros(started);
        // The first tenth warms up.
        if number >= decisions / 10 {
            ours.push(took);
            bares.push(bare_took);
        }
    }
    (ours, bares)
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

/// Prints one figure. The baseline is Cedar's bare evaluation, in the same unit.
fn line(measure: &str, value: f64, unit: &str, baseline: Option<f64>) {
    let round = |number: f64| (number * 1_000.0).round() / 1_000.0;
    let ratio = baseline.map(|baseline| round(value / baseline));
    println!(
        "{}",
        json!({
            "bench": "gate", "measure": measure, "value": round(value), "unit": unit,
            "baseline": baseline.map(round), "ratio": ratio,
        })
    );
}
