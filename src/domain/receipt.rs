//! The receipt of a write: created in the same commit, so that its existence proves that the write landed.
//!
//! It holds all that the ledger knows of the write, so that a ledger that is lost is made again from the receipts. The
//! one thing that it can't say is the update time that the commit gave the document: that is the receipt's own, since
//! documents of one commit share it.

use crate::domain::actor::Person;
use crate::domain::agent::KeyPrefix;
use crate::domain::canonical;
use crate::domain::capability::{CapabilityId, RECEIPTS};
use crate::domain::change::{Change, Changes};
use crate::domain::document::Document;
use crate::domain::ids::{DocPath, Hash, ProposalId, Uid, WriteId};
use crate::domain::ledger::{Landing, WriteRecord};
use crate::domain::proposal::{self, Behalf, Choice, GivenReason, Proposal, ProposalState, Verdict};
use crate::domain::time::Timestamp;
use crate::domain::value::{Fields, Value};
use crate::domain::write::Write;

/// The version of the receipts that are written now.
const VERSION: i64 = 2;

/// Where the receipt of a write is.
pub fn path(write: WriteId) -> DocPath {
    DocPath::parse(format!("{RECEIPTS}/{write}")).expect("BUG: a UUID is a legal id")
}

/// The creation of the receipt: enough to know what was done, for whom, and how to take it back.
pub fn creation(record: &WriteRecord, proposal: &Proposal, verdicts: &[Verdict]) -> Write {
    let text = |text: String| Value::Text(text);
    let person = |by: &Person, at: Timestamp, reason: &GivenReason| {
        [
            ("by".to_owned(), text(by.to_string())),
            ("name".to_owned(), text(by.name.clone())),
            ("at".to_owned(), Value::Timestamp(at)),
            ("reason".to_owned(), Value::text(reason.as_str())),
        ]
    };
    let approvals = proposal::standing(proposal, verdicts)
        .into_iter()
        .filter(|verdict| verdict.choice == Choice::Approve)
        .map(|verdict| Value::Map(Fields::from(person(&verdict.by, verdict.at, &verdict.reason))))
        .collect();
    let before = record.before.as_ref();
    let behalf = proposal.behalf.as_ref();
    let or_null = |told: Option<String>| told.map_or(Value::Null, Value::Text);
    let fields = Fields::from([
        ("version".to_owned(), Value::Integer(VERSION)),
        ("proposal".to_owned(), text(proposal.id.to_string())),
        ("place".to_owned(), whole(record.place)),
        ("of".to_owned(), whole(proposal.changes.len())),
        ("capability".to_owned(), Value::text(proposal.capability.as_str())),
        ("summary".to_owned(), text(proposal.summary.clone())),
        ("proposed".to_owned(), {
            Value::Map(Fields::from(person(&proposal.proposer, proposal.created, &proposal.reason)))
        }),
        ("owner".to_owned(), or_null(behalf.map(|behalf| behalf.owner.to_string()))),
        ("delegation".to_owned(), or_null(behalf.map(|behalf| behalf.delegation.clone()))),
        ("agentKey".to_owned(), or_null(behalf.map(|behalf| behalf.key.as_str().to_owned()))),
        ("finding".to_owned(), or_null(proposal.finding.clone())),
        ("expiresAt".to_owned(), Value::Timestamp(proposal.expires)),
        ("round".to_owned(), Value::Integer(i64::from(proposal.round))),
        ("approvals".to_owned(), Value::Array(approvals)),
        ("subject".to_owned(), {
            let subject = proposal.changes.iter().find(|change| change.write == record.write);
            or_null(subject.map(|change| change.subject.to_string()))
        }),
        ("path".to_owned(), Value::text(record.write.path().as_str())),
        ("write".to_owned(), text(record.write.canonical())),
        ("contentHash".to_owned(), text(record.content_hash.to_string())),
        ("before".to_owned(), before.map_or(Value::Null, |before| text(canonical::encode(&touched(record, before))))),
        ("beforeHash".to_owned(), or_null(record.before_hash().map(|hash| hash.to_string()))),
        ("intendedAt".to_owned(), Value::Timestamp(record.intended)),
        ("undoes".to_owned(), or_null(record.undoes.map(|undone| undone.to_string()))),
    ]);
    Write::Create { path: path(record.id), fields }
}

/// The content that a receipt says was approved; `None` when it says none.
pub fn content_hash(receipt: &Document) -> Option<Hash> {
    receipt.fields.get("contentHash").and_then(Value::as_text)?.parse().ok()
}

/// The before-image of exactly the fields that the write touches.
fn touched(record: &WriteRecord, before: &Fields) -> Fields {
    match &record.write {
        Write::Create { .. } | Write::Delete { .. } => before.clone(),
        Write::Update { changes, .. } => {
            let mut image = Fields::new();
            for field in changes.keys() {
                field.set(&mut image, field.get(before).cloned());
            }
            image
        }
    }
}

/// What one receipt says of its proposal and of its own part in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The proposal, with only this receipt's change.
    pub proposal: Proposal,
    /// Who approved it.
    pub verdicts: Vec<Verdict>,
    /// The write, landed.
    pub record: WriteRecord,
    /// How many changes the proposal has.
    pub of: usize,
}

/// A receipt can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {problem}")]
pub struct BadReceipt {
    field: &'static str,
    problem: &'static str,
}

/// A proposal that is known again, with everything that became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// The proposal: it was sent.
    pub proposal: Proposal,
    /// Who approved it.
    pub verdicts: Vec<Verdict>,
    /// Its writes: they landed.
    pub records: Vec<WriteRecord>,
}

impl Receipt {
    /// Reads a receipt, as seen at `now`.
    ///
    /// # Errors
    /// The field that is wrong, and what is wrong with it.
    pub fn parse(receipt: &Document, now: Timestamp) -> Result<Self, BadReceipt> {
        let from = Fieldwise(&receipt.fields);
        if from.whole("version")? != 2 {
            return Err(bad("version", "is none that this version can read"));
        }
        let write = Write::from_canonical(from.text("write")?).ok_or_else(|| bad("write", "is no write"))?;
        let id: ProposalId = from.parsed("proposal")?;
        let content_hash: Hash = from.parsed("contentHash")?;
        let place = from.whole("place")?;
        let before = match from.maybe("before")? {
            Some(text) => Some(canonical::decode(text).map_err(|_| bad("before", "is no document"))?),
            None => None,
        };
        let mut record = WriteRecord::intended(id, (place, write), content_hash, before, from.moment("intendedAt")?);
        record.undoes = from.maybe_parsed("undoes")?;
        record.rebuilt = true;
        let update_time = record.update_time(receipt.create_time);
        let record = record.landed(Landing { at: now, update_time });
        if receipt.path != path(record.id) {
            return Err(bad("write", "belongs to another receipt"));
        }
        let subject = match from.maybe("subject")? {
            Some(text) => DocPath::parse(text).map_err(|_| bad("subject", "is no document's path"))?,
            None => record.write.path().clone(),
        };
        let round = u32::try_from(from.whole("round")?).map_err(|_| bad("round", "is too large"))?;
        let (proposer, created, reason) = from.person("proposed")?;
        let proposal = Proposal {
            id,
            capability: CapabilityId::parse(from.text("capability")?)
                .map_err(|_| bad("capability", "is no capability's id"))?,
            changes: Changes::one(Change { subject, write: record.write.clone(), undoes: record.undoes }),
            summary: from.text("summary")?.to_owned(),
            reason,
            proposer,
            behalf: from.behalf()?,
            created,
            expires: from.moment("expiresAt")?,
            finding: from.maybe("finding")?.map(str::to_owned),
            state: ProposalState::Sent,
            state_since: record.intended,
            round,
            held: None,
        };
        let verdicts = from
            .people("approvals")?
            .into_iter()
            .map(|(by, at, reason)| Verdict {
                by,
                choice: Choice::Approve,
                code: None,
                reason,
                content_hash,
                at,
                round,
            })
            .collect();
        Ok(Self { proposal, verdicts, record, of: from.whole("of")? })
    }
}

impl Rebuilt {
    /// Puts the receipts of one proposal together.
    ///
    /// # Errors
    /// They are not all of them, or not of what was approved.
    pub fn of(mut receipts: Vec<Receipt>) -> Result<Self, BadReceipt> {
        receipts.sort_by_key(|receipt| receipt.record.place);
        let first =
            receipts.first().cloned().ok_or_else(|| bad("of", "says that there are receipts, and there are none"))?;
        if receipts.len() != first.of || receipts.iter().enumerate().any(|(at, receipt)| receipt.record.place != at + 1)
        {
            return Err(bad("of", "says that there are more receipts of this proposal"));
        }
        let changes = receipts.iter().map(|receipt| receipt.proposal.changes.first().clone()).collect();
        let changes = Changes::parse(changes).map_err(|_| bad("place", "makes no legal proposal with the others"))?;
        let proposal = Proposal { changes, ..first.proposal };
        if proposal.content_hash() != first.record.content_hash {
            return Err(bad("contentHash", "is not that of what was written"));
        }
        let records = receipts.into_iter().map(|receipt| receipt.record).collect();
        Ok(Self { proposal, verdicts: first.verdicts, records })
    }
}

const fn bad(field: &'static str, problem: &'static str) -> BadReceipt {
    BadReceipt { field, problem }
}

fn whole(number: usize) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// The fields of a receipt, read one by one.
struct Fieldwise<'a>(&'a Fields);

impl<'a> Fieldwise<'a> {
    fn text(&self, field: &'static str) -> Result<&'a str, BadReceipt> {
        self.maybe(field)?.ok_or_else(|| bad(field, "is missing"))
    }

    fn maybe(&self, field: &'static str) -> Result<Option<&'a str>, BadReceipt> {
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_text().map(Some).ok_or_else(|| bad(field, "is no text")),
        }
    }

    fn parsed<T: std::str::FromStr>(&self, field: &'static str) -> Result<T, BadReceipt> {
        self.text(field)?.parse().map_err(|_| bad(field, "is not what it has to be"))
    }

    fn maybe_parsed<T: std::str::FromStr>(&self, field: &'static str) -> Result<Option<T>, BadReceipt> {
        self.maybe(field)?.map(|text| text.parse().map_err(|_| bad(field, "is not what it has to be"))).transpose()
    }

    fn whole(&self, field: &'static str) -> Result<usize, BadReceipt> {
        match self.0.get(field) {
            Some(Value::Integer(number)) => usize::try_from(*number).map_err(|_| bad(field, "is out of range")),
            Some(_) => Err(bad(field, "is no whole number")),
            None => Err(bad(field, "is missing")),
        }
    }

    fn moment(&self, field: &'static str) -> Result<Timestamp, BadReceipt> {
        match self.0.get(field) {
            Some(Value::Timestamp(at)) => Ok(*at),
            Some(_) => Err(bad(field, "is no moment")),
            None => Err(bad(field, "is missing")),
        }
    }

    fn behalf(&self) -> Result<Option<Behalf>, BadReceipt> {
        let (Some(owner), Some(delegation), Some(key)) =
            (self.maybe("owner")?, self.maybe("delegation")?, self.maybe("agentKey")?)
        else {
            return Ok(None);
        };
        Ok(Some(Behalf {
            owner: Uid::parse(owner).map_err(|_| bad("owner", "is no person's id"))?,
            delegation: delegation.to_owned(),
            key: KeyPrefix::parse(key).ok_or_else(|| bad("agentKey", "is no key's beginning"))?,
        }))
    }

    fn person(&self, field: &'static str) -> Result<(Person, Timestamp, GivenReason), BadReceipt> {
        match self.0.get(field) {
            Some(Value::Map(fields)) => person(field, fields),
            Some(_) | None => Err(bad(field, "is no map")),
        }
    }

    fn people(&self, field: &'static str) -> Result<Vec<(Person, Timestamp, GivenReason)>, BadReceipt> {
        let Some(Value::Array(people)) = self.0.get(field) else { return Err(bad(field, "is no list")) };
        let each = |value: &Value| {
            let Value::Map(fields) = value else { return Err(bad(field, "holds something that is no map")) };
            person(field, fields)
        };
        people.iter().map(each).collect()
    }
}

fn person(field: &'static str, fields: &Fields) -> Result<(Person, Timestamp, GivenReason), BadReceipt> {
    let from = Fieldwise(fields);
    let by = Person::parse(from.text("by")?, from.text("name")?).ok_or_else(|| bad(field, "names nobody"))?;
    let reason = GivenReason::parse(from.text("reason")?).map_err(|_| bad(field, "gives no reason"))?;
    Ok((by, from.moment("at")?, reason))
}
