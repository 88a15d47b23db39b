//! Who may use the socket on this machine.

use std::fmt;

use super::{
    parse::{Shown, quoted, shown_by_display},
    reader::Reader,
    source::{SettingDocs, Shape},
};

/// Who may use the socket on this machine, as an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperatorsConfig {
    /// Only the user who runs the service. The default.
    ServiceUser,
    /// Exactly these. Read from `STUDIO_BRAIN_OPERATORS_USERS`.
    Listed(Vec<OperatorUser>),
}

/// A user of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperatorUser {
    /// By name, such as `kiln`.
    Name(String),
    /// By number, such as `1001`.
    Uid(u32),
}

impl OperatorUser {
    /// Parses a user name or a number.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Ok(uid) = text.parse() {
            return Ok(Self::Uid(uid));
        }
        let fits = (1..=32).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte));
        if fits {
            Ok(Self::Name(text.to_owned()))
        } else {
            Err(format!("holds {}, which is neither a user name nor a number", quoted(text)))
        }
    }
}

impl fmt::Display for OperatorUser {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => out.write_str(name),
            Self::Uid(uid) => write!(out, "{uid}"),
        }
    }
}

shown_by_display!(OperatorUser);

impl OperatorsConfig {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let users = from.take_list(
            SettingDocs::new(
                "operators.users",
                Shape::List,
                "Users of this machine who may use the socket in the data directory, with the role operator.",
            )
            .rule("user names or numbers of this machine")
            .unset("only the user who runs the service"),
            OperatorUser::parse,
        );
        Some(users?.map_or(Self::ServiceUser, Self::Listed))
    }
}
