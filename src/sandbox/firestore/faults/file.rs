//! A plan of faults as a TOML file. What is unknown or out of range is refused, with its place.

use std::num::{NonZeroU64, NonZeroUsize};
use std::time::Duration;

use serde::Deserialize;
use tonic::Code;

use super::method::{Method, UnknownMethod};
use super::plan::{BadNumber, CallFault, Chance, CutEnd, Fault, Faults, Latency, ListenFault, When};

/// Why a text is not a plan of faults.
#[derive(Debug, thiserror::Error)]
#[error("this is not a plan of faults")]
pub struct BadFaults(#[source] Box<toml::de::Error>);

impl Faults {
    /// Parses a plan: `seed`, and one `[[fault]]` for each fault.
    ///
    /// # Errors
    /// If it is not TOML, or holds a key, a name or a number that a plan does not have.
    pub fn parse(text: &str) -> Result<Self, BadFaults> {
        let file: File = toml::from_str(text).map_err(|error| BadFaults(Box::new(error)))?;
        Ok(Self { seed: file.seed, faults: file.fault.into_iter().map(|entry| entry.0).collect() })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    seed: u64,
    #[serde(default)]
    fault: Vec<Checked>,
}

#[derive(Deserialize)]
#[serde(try_from = "Entry")]
struct Checked(Fault);

/// One `[[fault]]`.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum Entry {
    Delay {
        method: Option<MethodName>,
        #[serde(default)]
        when: Occasion,
        least_ms: u64,
        most_ms: Option<u64>,
    },
    Fail {
        method: Option<MethodName>,
        #[serde(default)]
        when: Occasion,
        code: CodeName,
        #[serde(default = "made_up")]
        message: String,
    },
    LoseReply {
        method: Option<MethodName>,
        #[serde(default)]
        when: Occasion,
    },
    Cut {
        method: Option<MethodName>,
        #[serde(default)]
        when: Occasion,
        #[serde(default)]
        after: usize,
        #[serde(default)]
        end: End,
    },
    Stall {
        method: Option<MethodName>,
        #[serde(default)]
        when: Occasion,
        #[serde(default)]
        after: usize,
    },
    Reset {
        #[serde(default)]
        when: Occasion,
    },
    Remove {
        #[serde(default)]
        when: Occasion,
        code: CodeName,
        #[serde(default = "made_up")]
        message: String,
    },
    WrongCount {
        #[serde(default)]
        when: Occasion,
        by: i32,
    },
    RejectToken {
        #[serde(default)]
        when: Occasion,
    },
    Duplicate {
        #[serde(default)]
        when: Occasion,
    },
    Reorder {
        #[serde(default)]
        when: Occasion,
    },
    SlowConsumer {
        #[serde(default)]
        when: Occasion,
        buffer: NonZeroUsize,
        patience_ms: u64,
    },
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum Occasion {
    #[default]
    Always,
    Next(u64),
    Every(NonZeroU64),
    Chance(Probability),
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum End {
    #[default]
    Stream,
    Connection,
}

#[derive(Deserialize)]
#[serde(try_from = "f64")]
struct Probability(Chance);

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct MethodName(Method);

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct CodeName(Code);

/// The codes of errors, by their names in the protocol.
const CODES: [(&str, Code); 16] = [
    ("CANCELLED", Code::Cancelled),
    ("UNKNOWN", Code::Unknown),
    ("INVALID_ARGUMENT", Code::InvalidArgument),
    ("DEADLINE_EXCEEDED", Code::DeadlineExceeded),
    ("NOT_FOUND", Code::NotFound),
    ("ALREADY_EXISTS", Code::AlreadyExists),
    ("PERMISSION_DENIED", Code::PermissionDenied),
    ("RESOURCE_EXHAUSTED", Code::ResourceExhausted),
    ("FAILED_PRECONDITION", Code::FailedPrecondition),
    ("ABORTED", Code::Aborted),
    ("OUT_OF_RANGE", Code::OutOfRange),
    ("UNIMPLEMENTED", Code::Unimplemented),
    ("INTERNAL", Code::Internal),
    ("UNAVAILABLE", Code::Unavailable),
    ("DATA_LOSS", Code::DataLoss),
    ("UNAUTHENTICATED", Code::Unauthenticated),
];

fn made_up() -> String {
    "a fault of the sandbox's plan".to_owned()
}

impl TryFrom<f64> for Probability {
    type Error = BadNumber;

    fn try_from(number: f64) -> Result<Self, BadNumber> {
        Chance::parse(number).map(Self)
    }
}

impl TryFrom<String> for MethodName {
    type Error = UnknownMethod;

    fn try_from(name: String) -> Result<Self, UnknownMethod> {
        Method::parse(&name).map(Self)
    }
}

impl TryFrom<String> for CodeName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let found = CODES.iter().find(|(known, _)| *known == name);
        let known = || CODES.map(|(known, _)| known).join(", ");
        found.map(|(_, code)| Self(*code)).ok_or_else(|| format!("`{name}` is not one of the codes {}", known()))
    }
}

impl From<Occasion> for When {
    fn from(occasion: Occasion) -> Self {
        match occasion {
            Occasion::Always => Self::Always,
            Occasion::Next(times) => Self::Next(times),
            Occasion::Every(step) => Self::Every(step),
            Occasion::Chance(chance) => Self::Chance(chance.0),
        }
    }
}

impl TryFrom<Entry> for Checked {
    type Error = String;

    fn try_from(entry: Entry) -> Result<Self, String> {
        let call = |method: Option<MethodName>, when: Occasion, what| {
            let method = method.map(|name| name.0);
            Fault::Call { method, when: when.into(), what }
        };
        let listen = |when: Occasion, what| Fault::listen(when.into(), what);
        Ok(Self(match entry {
            Entry::Delay { method, when, least_ms, most_ms } => {
                let [least, most] = [least_ms, most_ms.unwrap_or(least_ms)].map(Duration::from_millis);
                let latency = Latency::between(least, most).map_err(|error| error.to_string())?;
                call(method, when, CallFault::Delay(latency))
            }
            Entry::Fail { method, when, code, message } => {
                call(method, when, CallFault::Fail { code: code.0, message })
            }
            Entry::LoseReply { method: Some(MethodName(Method::Listen)), .. } => {
                return Err("`lose_reply` is for calls that end with a reply, and Listen does not".to_owned());
            }
            Entry::LoseReply { method, when } => call(method, when, CallFault::LoseReply),
            Entry::Cut { method, when, after, end } => {
                let end = match end {
                    End::Stream => CutEnd::Stream,
                    End::Connection => CutEnd::Connection,
                };
                call(method, when, CallFault::Cut { after, end })
            }
            Entry::Stall { method, when, after } => call(method, when, CallFault::Stall { after }),
            Entry::Reset { when } => listen(when, ListenFault::Reset),
            Entry::Remove { when, code, message } => listen(when, ListenFault::Remove { code: code.0, message }),
            Entry::WrongCount { when, by } => listen(when, ListenFault::WrongCount { by }),
            Entry::RejectToken { when } => listen(when, ListenFault::RejectToken),
            Entry::Duplicate { when } => listen(when, ListenFault::Duplicate),
            Entry::Reorder { when } => listen(when, ListenFault::Reorder),
            Entry::SlowConsumer { when, buffer, patience_ms } => {
                let patience = Duration::from_millis(patience_ms);
                listen(when, ListenFault::SlowConsumer { buffer: buffer.get(), patience })
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn a_file_says_what_goes_wrong() {
        let plan = Faults::parse(
            r#"
            seed = 7
            [[fault]]
            do = "delay"
            least_ms = 5
            most_ms = 40
            [[fault]]
            do = "fail"
            method = "Commit"
            when = { next = 2 }
            code = "ABORTED"
            message = "too busy"
            [[fault]]
            do = "cut"
            method = "Listen"
            when = { every = 3 }
            after = 10
            end = "connection"
            [[fault]]
            do = "reset"
            when = { chance = 0.25 }
            "#,
        )
        .unwrap();
        let latency = Latency::between(Duration::from_millis(5), Duration::from_millis(40)).unwrap();
        let busy = CallFault::Fail { code: Code::Aborted, message: "too busy".to_owned() };
        let cut = CallFault::Cut { after: 10, end: CutEnd::Connection };
        let faults = vec![
            Fault::Call { method: None, when: When::Always, what: CallFault::Delay(latency) },
            Fault::call(Method::Commit, When::Next(2), busy),
            Fault::call(Method::Listen, When::Every(NonZeroU64::new(3).unwrap()), cut),
            Fault::listen(When::Chance(Chance::parse(0.25).unwrap()), ListenFault::Reset),
        ];
        assert_eq!(plan, Faults { seed: 7, faults });
        assert_eq!(Faults::parse("").unwrap(), Faults::default());
    }

    #[track_caller]
    fn refused(entry: &str, words: &str) {
        let error = Faults::parse(&format!("[[fault]]\n{entry}")).unwrap_err();
        let cause = error.source().expect("a cause").to_string();
        assert!(cause.contains(words), "{cause}");
    }

    #[test]
    fn what_a_plan_does_not_have_is_refused_by_its_name() {
        refused("do = 'explode'", "unknown variant `explode`");
        refused("do = 'stall'\nafetr = 3", "unknown field `afetr`");
        refused("do = 'stall'\nmethod = 'Comit'", "`Comit` is not one of the methods GetDocument");
        refused("do = 'fail'\ncode = 'OK'", "`OK` is not one of the codes CANCELLED");
        refused("do = 'fail'", "missing field `code`");
        refused("do = 'reset'\nwhen = { chance = 2.0 }", "2 is not a probability");
        refused("do = 'reset'\nwhen = { every = 0 }", "nonzero");
        refused("do = 'reset'\nwhen = 'never'", "unknown variant `never`");
        refused("do = 'delay'\nleast_ms = 2\nmost_ms = 1", "is not a range");
        refused("do = 'lose_reply'\nmethod = 'Listen'", "`lose_reply` is for calls");
        refused("do = 'reset'\n[[fault]]\ndo = 3", "line");
    }
}
