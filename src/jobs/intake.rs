//! Members' and agents' requests in the cloud: the intake reads every one that the mirror shows, and sends to review
//! what needs a person's look.

use std::time::Duration;

use anyhow::Context as _;

use crate::clock::Clock;
use crate::domain::actor::{ActorKind, Issuer, Person};
use crate::domain::audit::Target;
use crate::domain::document::Document;
use crate::domain::ids::Uid;
use crate::domain::intake::{Text, classify};
use crate::domain::time::Timestamp;
use crate::domain::value::Value;
use crate::gate::Gate;
use crate::jobs::drive::{Job, Pass};
use crate::store::Store;
use crate::telemetry::ReasonCode;

/// How often to look.
const EVERY: Duration = Duration::from_secs(5);

/// Most requests that are read in one transaction: those who want to write wait for it.
const BATCH: u16 = 100;

const READ: ReasonCode = ReasonCode::new("requests_read");

/// Reads requests.
#[derive(Debug)]
pub struct Intake {
    store: Store,
    clock: Clock,
    gate: Gate,
    last: Option<Timestamp>,
}

impl Intake {
    /// The intake of a studio.
    pub const fn new(store: Store, clock: Clock, gate: Gate) -> Self {
        Self { store, clock, gate, last: None }
    }

    /// Reads what was not read by these rules; how much.
    async fn read(&self, now: Timestamp) -> anyhow::Result<usize> {
        let rules = self.gate.policy().intake();
        let mut read = 0;
        loop {
            let requests = self.store.requests_unread(rules.version(), BATCH).await?;
            if requests.is_empty() {
                return Ok(read);
            }
            let mut tx = self.store.begin().await?;
            for request in &requests {
                let found = classify(rules, &Text::of_fields(&request.document.fields));
                let subject = Target::Document(request.document.path.clone());
                let requester = requester(&request.document).context("could not tell who wrote a request")?;
                tx.intake_record(self.store.studio(), &subject, &requester, &found, now).await?;
                tx.request_read(request, rules.version()).await?;
            }
            tx.commit().await?;
            read += requests.len();
        }
    }
}

/// Who wrote a request, as the document says. Where it says nothing, it is nobody whom we know.
fn requester(document: &Document) -> anyhow::Result<Person> {
    let named = document.fields.get("createdByUid").and_then(Value::as_text).and_then(|uid| Uid::parse(uid).ok());
    let uid = match named {
        Some(uid) => uid,
        None => Uid::parse("unknown")?,
    };
    Ok(Person { name: uid.to_string(), uid, kind: ActorKind::Human, issuer: Issuer::Real })
}

impl Job for Intake {
    const NAME: &'static str = "intake";
    const ABOUT: &'static str =
        "Reads what members and agents ask for, and routes what needs a person's look to review.";

    fn period(&self) -> Duration {
        EVERY
    }

    async fn pass(&mut self) -> anyhow::Result<Pass> {
        let now: Timestamp = self.clock.now().into();
        if self.last.is_some_and(|last| now.since(last) < EVERY) {
            return Ok(Pass::Idle);
        }
        self.last = Some(now);
        Ok(if self.read(now).await? == 0 { Pass::Idle } else { Pass::Worked(READ) })
    }
}
