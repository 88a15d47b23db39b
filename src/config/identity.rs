//! Who may sign in.

use std::fmt;

use super::{
    firestore::project_id,
    parse::{Shown, quoted, shown_by_display},
    providers::{FirebaseScriptConfig, OidcConfig},
    reader::Reader,
    source::{Nature, SettingDocs, Shape},
    web::web_address,
};

const GOOGLE_KEYS: &str = "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com";

/// Who may sign in.
#[derive(Clone, Debug)]
pub struct IdentityConfig {
    /// The Firebase project whose ID tokens are accepted.
    /// Defaults to the Firestore project. Read from `STUDIO_BRAIN_IDENTITY_FIREBASE_PROJECT`.
    pub firebase_project: String,
    /// Who may sign in, and as what. Nobody by default. Read from `STUDIO_BRAIN_IDENTITY_STAFF`.
    pub staff: Vec<StaffMember>,
    /// Where the keys that sign ID tokens are. Defaults to Google's. Read from `STUDIO_BRAIN_IDENTITY_JWKS_URL`.
    pub jwks_url: String,
    /// The OpenID Connect provider, if there is one.
    pub oidc: Option<OidcConfig>,
    /// Firebase's script on the sign-in page, if it is there.
    pub firebase_script: Option<FirebaseScriptConfig>,
}

/// One person who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffMember {
    /// Who it is.
    pub who: StaffIdentity,
    /// What they may do.
    pub role: StaffRole,
}

/// By what a person is recognised in a verified ID token.
#[derive(Clone, PartialEq, Eq)]
pub enum StaffIdentity {
    /// The Firebase user id.
    Uid(String),
    /// The address, in lower case, if the token says that it is verified.
    Email(String),
}

/// Leaves out the address: it is personal, and what is formatted gets logged.
impl fmt::Debug for StaffIdentity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uid(uid) => write!(out, "Uid({uid:?})"),
            Self::Email(_) => out.write_str("Email([hidden])"),
        }
    }
}

/// What a person who signs in may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffRole {
    /// Look, propose, and decide about the proposals of others.
    Staff,
    /// Everything staff may, and change switches and people.
    Admin,
}

impl StaffMember {
    /// Parses `uid:…=staff` or `email:…=admin`.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| format!("holds {}, which {why}", quoted(text));
        let (who, role) = text.rsplit_once('=').ok_or_else(|| wrong("has no role"))?;
        let role = match role.trim() {
            "staff" => StaffRole::Staff,
            "admin" => StaffRole::Admin,
            _ => return Err(wrong("has a role other than staff or admin")),
        };
        let who = match who.trim().split_once(':') {
            Some(("uid", uid)) => StaffIdentity::Uid(uid_of(uid).ok_or_else(|| wrong("has no valid uid"))?),
            Some(("email", email)) => {
                StaffIdentity::Email(email_of(email).ok_or_else(|| wrong("has no valid address"))?)
            }
            _ => return Err(wrong("names nobody")),
        };
        Ok(Self { who, role })
    }
}

fn uid_of(text: &str) -> Option<String> {
    let fits = (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| text.to_owned())
}

fn email_of(text: &str) -> Option<String> {
    let (name, domain) = text.split_once('@')?;
    let fits = !name.is_empty()
        && domain.contains('.')
        && !domain.contains('@')
        && text.len() <= 254
        && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| text.to_lowercase())
}

impl fmt::Display for StaffMember {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.who {
            StaffIdentity::Uid(uid) => write!(out, "uid:{uid}")?,
            StaffIdentity::Email(email) => write!(out, "email:{email}")?,
        }
        match self.role {
            StaffRole::Staff => out.write_str("=staff"),
            StaffRole::Admin => out.write_str("=admin"),
        }
    }
}

shown_by_display!(StaffMember);

impl IdentityConfig {
    pub(super) fn read(from: &mut Reader, firestore_project: Option<&String>) -> Option<Self> {
        let firebase_project = from.take_optional(
            SettingDocs::new(
                "identity.firebase_project",
                Shape::Text,
                "The Firebase project whose ID tokens are accepted.",
            )
            .rule("a project id: 6 to 30 lower-case letters, digits and hyphens")
            .unset("firestore.project")
            .nature(Nature::Identifier),
            project_id,
        );
        let staff = from.take_list(
            SettingDocs::new("identity.staff", Shape::Staff, "Who may sign in, and as what.")
                .rule("a list of { uid = \"…\", role = \"staff\" } or { email = \"…\", role = \"admin\" }; in the variable uid:…=staff,email:…=admin")
                .unset("nobody can sign in")
                .nature(Nature::Identifier),
            StaffMember::parse,
        );
        let jwks_url = from.take(
            SettingDocs::new("identity.jwks_url", Shape::Text, "Where the keys that sign ID tokens are published.")
                .rule("an https address, or http on this machine")
                .default(GOOGLE_KEYS),
            |text| web_address(text).map(|_| text.to_owned()),
        );
        let (oidc, firebase_script) = (OidcConfig::read(from), FirebaseScriptConfig::read(from));
        let staff = staff?.unwrap_or_default();
        if let Some(person) =
            staff.iter().enumerate().find(|(index, person)| staff[..*index].iter().any(|other| other.who == person.who))
        {
            let what = format!("names {} twice", quoted(&person.1.to_string()));
            from.problem("identity.staff", what, "each person once", "remove one of the two");
            return None;
        }
        Some(Self {
            firebase_project: firebase_project?.or_else(|| firestore_project.cloned())?,
            staff,
            jwks_url: jwks_url?,
            oidc: oidc?,
            firebase_script: firebase_script?,
        })
    }
}
