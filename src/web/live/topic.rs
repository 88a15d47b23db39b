//! What changed, in words that pages know.

use crate::domain::audit::Action;

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    Documents,
    Proposals,
    Writes,
    Drift,
    State,
    Policy,
    Agents,
    Intake,
    Box,
    /// The audit log and nothing else: who signed in, what was denied.
    Record,
}

impl Topic {
    /// The word in an event.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Documents => "documents",
            Self::Proposals => "proposals",
            Self::Writes => "writes",
            Self::Drift => "drift",
            Self::State => "state",
            Self::Policy => "policy",
            Self::Agents => "agents",
            Self::Intake => "intake",
            Self::Box => "box",
            Self::Record => "record",
        }
    }

    /// What an entry of the audit log changed. One that cannot be read any more changed the log.
    pub(super) fn of(action: Option<Action>) -> Self {
        action.and_then(|action| Self::named(action.word())).unwrap_or(Self::Record)
    }

    /// An action's word begins with what it is about. What is only counted beside something else is no news of its own.
    fn named(action: &str) -> Option<Self> {
        if ["quota.taken", "quota.returned", "rate_limit_triggered"].contains(&action) {
            return Some(Self::Record);
        }
        Some(match action.split('.').next().unwrap_or_default() {
            "proposal" => Self::Proposals,
            "push" | "write" | "ledger" => Self::Writes,
            "drift" => Self::Drift,
            "snapshot" => Self::State,
            "kill_switch" | "exemption" | "quota" | "capability" => Self::Policy,
            "agent" | "delegation" => Self::Agents,
            "intake" => Self::Intake,
            "service" | "database" | "mirror" | "drill" | "lease" | "connector" | "job" => Self::Box,
            "session" | "staff" | "request" | "audit" => Self::Record,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_topic() {
        for action in Action::ALL {
            assert!(Topic::named(action.word()).is_some(), "{} is in no topic", action.word());
        }
        assert_eq!(Topic::of(Some(Action::WriteLanded)), Topic::Writes);
        assert_eq!(Topic::of(Some(Action::QuotaTaken)), Topic::Record, "one proposal is one change");
        assert_eq!(Topic::of(None), Topic::Record);
    }
}
