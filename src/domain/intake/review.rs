use crate::domain::actor::{Actor, ActorKind, Person};
use crate::domain::reason::Reason;

use super::Category;

/// What a reviewer decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ruling {
    /// It may go on.
    Grant,
    /// It may not.
    Deny,
}

impl Ruling {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Deny => "deny",
        }
    }

    /// The ruling that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Grant, Self::Deny].into_iter().find(|ruling| ruling.word() == word)
    }
}

/// Why a reviewer decides so: the code says what was checked, and with it what is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReviewCode {
    /// The words mean something harmless here.
    ContextVerified,
    /// The requester has proved their rights.
    RightsAttested,
    /// It is what it seems to be.
    ConfirmedBlock,
    /// It is against the law.
    ConfirmedIllegal,
}

impl ReviewCode {
    /// Every code.
    pub const ALL: [Self; 4] =
        [Self::ContextVerified, Self::RightsAttested, Self::ConfirmedBlock, Self::ConfirmedIllegal];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ContextVerified => "staff_override_context_verified",
            Self::RightsAttested => "staff_override_rights_attested",
            Self::ConfirmedBlock => "policy_confirmed_block",
            Self::ConfirmedIllegal => "policy_confirmed_illegal",
        }
    }

    /// The code that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.word() == word)
    }

    /// What it decides.
    pub const fn ruling(self) -> Ruling {
        match self {
            Self::ContextVerified | Self::RightsAttested => Ruling::Grant,
            Self::ConfirmedBlock | Self::ConfirmedIllegal => Ruling::Deny,
        }
    }
}

/// Where a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IntakeStanding {
    /// No review is needed.
    Clear,
    /// It waits for a review.
    Waiting,
    /// The newest review lets it pass.
    Granted,
    /// The newest review stops it.
    Denied,
}

impl IntakeStanding {
    /// May it be approved and pushed?
    pub const fn may_go_on(self) -> Result<(), Reason> {
        match self {
            Self::Clear | Self::Granted => Ok(()),
            Self::Waiting | Self::Denied => Err(Reason::BlockedByIntake),
        }
    }
}

/// May `by` decide so about a text of this category that `requester` wrote?
///
/// Nobody lets their own text pass; anybody of the studio may stop one.
pub fn may_review(by: &Actor, requester: &Person, category: Category, code: ReviewCode) -> Result<(), Reason> {
    match by.kind() {
        ActorKind::Staff | ActorKind::Admin | ActorKind::Operator => {}
        ActorKind::Agent => return Err(Reason::AgentCannotDecide),
        ActorKind::Human | ActorKind::System => return Err(Reason::RoleMissing),
    }
    match code {
        ReviewCode::ContextVerified | ReviewCode::RightsAttested if by.is_same_person(requester) => {
            Err(Reason::SelfApproval)
        }
        // Rights cure a borrowed design, not a weapon or a fraud.
        ReviewCode::RightsAttested if category != Category::IpInfringement => Err(Reason::InputInvalid),
        ReviewCode::ContextVerified
        | ReviewCode::RightsAttested
        | ReviewCode::ConfirmedBlock
        | ReviewCode::ConfirmedIllegal => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::Issuer;
    use crate::domain::ids::{StudioId, Uid};

    fn actor(uid: &str, kind: ActorKind) -> Actor {
        let studio = StudioId::parse("west").expect("a studio");
        Actor::verified(Uid::parse(uid).expect("a uid"), kind, uid.to_owned(), studio, Issuer::Real)
    }

    #[test]
    fn nobody_lets_their_own_text_pass() {
        let (ines, theo) = (actor("ines", ActorKind::Staff), actor("theo", ActorKind::Staff).person());
        let review = |by: &Actor, code| may_review(by, &theo, Category::IpInfringement, code);
        for code in ReviewCode::ALL {
            assert_eq!(review(&ines, code), Ok(()));
            assert_eq!(review(&actor("bot", ActorKind::Agent), code), Err(Reason::AgentCannotDecide));
            assert_eq!(review(&actor("push", ActorKind::System), code), Err(Reason::RoleMissing));
            let own = review(&actor("theo", ActorKind::Admin), code);
            assert_eq!(own.is_ok(), code.ruling() == Ruling::Deny);
        }
    }

    #[test]
    fn rights_cure_only_a_borrowed_design() {
        let (ines, theo) = (actor("ines", ActorKind::Staff), actor("theo", ActorKind::Staff).person());
        for category in Category::ALL {
            let answer = may_review(&ines, &theo, category, ReviewCode::RightsAttested);
            assert_eq!(answer.is_ok(), category == Category::IpInfringement);
        }
    }

    #[test]
    fn codes_and_rulings_survive_their_words() {
        for code in ReviewCode::ALL {
            assert_eq!(ReviewCode::parse(code.word()), Some(code));
            assert_eq!(Ruling::parse(code.ruling().word()), Some(code.ruling()));
        }
    }
}
