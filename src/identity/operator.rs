//! People on the box, known by the operating system: the user id at the other end of the socket.

use std::fs;
use std::path::Path;

use crate::domain::actor::{Actor, ActorKind, Issuer};
use crate::domain::ids::{StudioId, Uid};
use crate::identity::Refusal;

/// The users of this machine, in the one form we read. Users of a directory service are known by number.
const USERS: &str = "/etc/passwd";

/// A user of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalUser {
    /// By name, such as `kiln`.
    Name(String),
    /// By number, such as `1001`.
    Number(u32),
}

/// Who may act as an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operators {
    /// Only the user who runs the service.
    ServiceUser,
    /// Exactly these.
    Listed(Vec<LocalUser>),
}

/// The two ends of the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// The user who asks.
    pub caller: u32,
    /// The user who runs the service.
    pub service: u32,
}

impl Operators {
    /// The operator at the other end, if they are one.
    pub fn admit(&self, ends: Ends, studio: &StudioId) -> Result<Actor, Refusal> {
        let users = fs::read_to_string(Path::new(USERS)).unwrap_or_default();
        let name = name_of(&users, ends.caller);
        let admitted = match self {
            Self::ServiceUser => ends.caller == ends.service,
            Self::Listed(list) => list.iter().any(|user| match user {
                LocalUser::Name(listed) => Some(listed.as_str()) == name,
                LocalUser::Number(number) => *number == ends.caller,
            }),
        };
        if !admitted {
            return Err(Refusal::NotOperator);
        }
        let uid = Uid::parse(format!("unix:{}", ends.caller)).expect("BUG: a number is printable");
        let name = name.map_or_else(|| uid.to_string(), str::to_owned);
        Ok(Actor::verified(uid, ActorKind::Operator, name, studio.clone(), Issuer::Real))
    }
}

fn name_of(users: &str, number: u32) -> Option<&str> {
    users.lines().find_map(|line| {
        let mut columns = line.split(':');
        let name = columns.next().filter(|name| !name.is_empty())?;
        (columns.nth(1)?.parse() == Ok(number)).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_listed_users_are_operators() {
        let studio = StudioId::parse("west").expect("a studio");
        let check = |operators: &Operators, caller| operators.admit(Ends { caller, service: 4_000_001 }, &studio);
        assert_eq!(check(&Operators::ServiceUser, 4_000_002), Err(Refusal::NotOperator));
        assert_eq!(check(&Operators::ServiceUser, 0), Err(Refusal::NotOperator), "not even root, unless listed");
        let actor = check(&Operators::ServiceUser, 4_000_001).expect("an operator");
        assert_eq!(actor.person().to_string(), "operator:unix:4000001");
        let listed = Operators::Listed(vec![LocalUser::Name("root".to_owned()), LocalUser::Number(4_000_002)]);
        assert_eq!(check(&listed, 4_000_001), Err(Refusal::NotOperator));
        assert!(check(&listed, 4_000_002).is_ok());
        assert_eq!(check(&listed, 0).expect("root has a name everywhere").name(), "root");
    }

    #[test]
    fn a_damaged_user_list_names_nobody() {
        let users = "root:x:0:0:root:/root:/bin/sh\n:x:7:7::/:\nbroken\nkiln:x:1001:1001:Kiln:/home/kiln:/bin/sh\n";
        assert_eq!(name_of(users, 1_001), Some("kiln"));
        assert_eq!(name_of(users, 7), None);
        assert_eq!(name_of(users, 8), None);
    }
}
