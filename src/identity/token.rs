//! What an ID token claims, and the rules for it
//! (<https://firebase.google.com/docs/auth/admin/verify-id-tokens>).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

use crate::domain::ids::Uid;
use crate::domain::staff::StaffRole;
use crate::domain::time::Timestamp;
use crate::identity::Refusal;

/// How far the issuer's clock may be ahead of ours.
pub const CLOCK_SKEW: Duration = Duration::from_secs(30);

/// The longest token we look at; a real one has one or two thousand bytes.
const LONGEST: usize = 8 * 1024;

/// The longest name we show.
const LONGEST_NAME: usize = 80;

/// The only algorithm. It is fixed by us; the token may only agree.
const ALGORITHM: &str = "RS256";

/// A token taken apart. Nothing in it is believed yet.
pub(super) struct Unverified {
    /// The key that it says it is signed with.
    pub(super) kid: String,
    /// Who it says made it.
    pub(super) claims: Claims,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

/// What a token claims. Unknown claims are of no interest.
#[derive(Clone, Deserialize)]
pub(super) struct Claims {
    #[serde(default)]
    pub(super) iss: String,
    aud: Option<Value>,
    sub: Option<Value>,
    exp: Option<i64>,
    iat: Option<i64>,
    auth_time: Option<i64>,
    #[serde(default)]
    email: String,
    email_verified: Option<Value>,
    name: Option<Value>,
    staff: Option<Value>,
    admin: Option<Value>,
    roles: Option<Value>,
    firebase: Option<Value>,
    nonce: Option<Value>,
}

/// What a token has to be good for.
pub(super) struct Expected<'a> {
    /// For whom it was made.
    pub(super) audience: &'a str,
    /// The sign-in that it has to answer. None: it stands for itself, and says when the person proved who they are.
    pub(super) nonce: Option<&'a str>,
}

/// What is left of a token when every rule holds.
pub(super) struct Accepted {
    pub(super) uid: Uid,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) claimed: Option<StaffRole>,
    /// When the person proved who they are; long ago, when the issuer does not say.
    pub(super) proved: Timestamp,
    /// When this sign-in happened.
    pub(super) happened: Timestamp,
}

impl Unverified {
    /// Takes a token apart, and refuses what no key could make acceptable.
    pub(super) fn parse(token: &str) -> Result<Self, Refusal> {
        if token.len() > LONGEST {
            return Err(Refusal::TokenMalformed);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Refusal::TokenMalformed);
        };
        let header: Header = part(header)?;
        // A `crit` names extensions that must be understood; we understand none (RFC 7515, 4.1.11).
        if header.alg != ALGORITHM || header.crit.is_some() {
            return Err(Refusal::TokenAlg);
        }
        let kid = header.kid.filter(|kid| !kid.is_empty()).ok_or(Refusal::TokenUnknownKey)?;
        Ok(Self { kid, claims: part(claims)? })
    }
}

fn part<T: for<'de> Deserialize<'de>>(encoded: &str) -> Result<T, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| Refusal::TokenMalformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Refusal::TokenMalformed)
}

impl Claims {
    /// Applies every rule to claims whose signature was checked.
    pub(super) fn accept(self, expected: &Expected<'_>, now: Timestamp) -> Result<Accepted, Refusal> {
        if self.aud.as_ref().and_then(Value::as_str) != Some(expected.audience) {
            return Err(Refusal::TokenAudience);
        }
        if expected.nonce.is_some_and(|nonce| self.nonce.as_ref().and_then(Value::as_str) != Some(nonce)) {
            return Err(Refusal::TokenNonce);
        }
        if moment(self.exp)? <= now {
            return Err(Refusal::TokenExpired);
        }
        let issued = moment(self.iat)?;
        let (proved, happened) = match (expected.nonce, self.auth_time) {
            // It answers a question of ours, so the sign-in is new even when the proof is old or not told.
            (Some(_), auth_time) => (moment(auth_time).unwrap_or_default(), issued),
            (None, auth_time) => (moment(auth_time)?, moment(auth_time)?),
        };
        if issued.max(proved) > now.plus(CLOCK_SKEW) {
            return Err(Refusal::TokenNotYet);
        }
        let sub = self.sub.as_ref().and_then(Value::as_str).ok_or(Refusal::TokenSubject)?;
        let uid = Uid::parse(sub).map_err(|_| Refusal::TokenSubject)?;
        if self.firebase.as_ref().is_some_and(|firebase| firebase.get("tenant").is_some()) {
            return Err(Refusal::TokenTenant);
        }
        if self.email.is_empty() || self.email_verified != Some(Value::Bool(true)) {
            return Err(Refusal::EmailUnverified);
        }
        let claimed = self.role();
        let email = self.email.to_lowercase();
        let name = shown_name(self.name.as_ref().and_then(Value::as_str).unwrap_or_default(), &email);
        Ok(Accepted { uid, name, email, claimed, proved, happened })
    }

    /// The role as the studio's Firestore rules read it: `staff` is true, or `roles` contains `"staff"`.
    fn role(&self) -> Option<StaffRole> {
        let roles = self.roles.as_ref().and_then(Value::as_array);
        let has = |claim: &Option<Value>, word: &str| {
            *claim == Some(Value::Bool(true)) || roles.is_some_and(|roles| roles.iter().any(|role| role == word))
        };
        if has(&self.admin, "admin") {
            return Some(StaffRole::Admin);
        }
        has(&self.staff, "staff").then_some(StaffRole::Staff)
    }
}

fn moment(seconds: Option<i64>) -> Result<Timestamp, Refusal> {
    seconds.map(|seconds| Timestamp::from_parts(seconds, 0)).ok_or(Refusal::TokenMalformed)
}

fn shown_name(name: &str, email: &str) -> String {
    let name: String = name.chars().filter(|letter| !letter.is_control()).take(LONGEST_NAME).collect();
    let name = name.trim();
    if name.is_empty() { email.chars().take(LONGEST_NAME).collect() } else { name.to_owned() }
}
