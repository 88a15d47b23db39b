//! Why someone is not let in: a stable code for programs, a plain sentence for people.

use std::fmt;

/// Why someone is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// It is not an ID token at all, or lacks what every ID token has.
    TokenMalformed,
    /// Not signed with RS256.
    TokenAlg,
    /// Signed with a key that the issuer does not publish.
    TokenUnknownKey,
    /// The signature does not fit.
    TokenSignature,
    /// Its time is over.
    TokenExpired,
    /// It claims to be from the future.
    TokenNotYet,
    /// Made for another project.
    TokenAudience,
    /// Made by someone we do not know.
    TokenIssuer,
    /// It names nobody.
    TokenSubject,
    /// It belongs to another tenant of the project.
    TokenTenant,
    /// The issuer's keys are not at hand.
    TokenKeysUnavailable,
    /// The person proved who they are too long ago to begin a session.
    SignInTooOld,
    /// Nobody has verified the person's address.
    EmailUnverified,
    /// A person of the project, but not of the staff.
    NotStaff,
    /// The studio took this person's access back.
    StaffRevoked,
    /// The person's role is another one now.
    RoleChanged,
    /// The session lasted as long as any may.
    SessionExpired,
    /// The session was not used for too long.
    SessionIdle,
    /// There is no such session: it was ended, or never was.
    SessionUnknown,
    /// Not one of the operators of this box.
    NotOperator,
    /// No such made-up person.
    PersonaUnknown,
    /// There is no such way to sign in here.
    SourceUnknown,
    /// The identity provider can't be reached, or gives no sense.
    ProviderUnavailable,
    /// The person, or the provider, broke the sign-in off.
    ProviderDenied,
    /// The provider did not take the code that it had given.
    CodeRefused,
    /// Nobody here began this sign-in, or somebody came back from it already.
    AttemptUnknown,
    /// The sign-in began too long ago.
    AttemptExpired,
    /// The sign-in began in another browser.
    OtherBrowser,
    /// The token belongs to another sign-in.
    TokenNonce,
    /// The provider did not ask anew who it is.
    ProofNotFresh,
    /// Somebody is signed in, but too long ago for what they want to do.
    StepUpRequired,
}

impl Refusal {
    /// Every refusal.
    pub const ALL: [Self; 31] = [
        Self::TokenMalformed,
        Self::TokenAlg,
        Self::TokenUnknownKey,
        Self::TokenSignature,
        Self::TokenExpired,
        Self::TokenNotYet,
        Self::TokenAudience,
        Self::TokenIssuer,
        Self::TokenSubject,
        Self::TokenTenant,
        Self::TokenKeysUnavailable,
        Self::SignInTooOld,
        Self::EmailUnverified,
        Self::NotStaff,
        Self::StaffRevoked,
        Self::RoleChanged,
        Self::SessionExpired,
        Self::SessionIdle,
        Self::SessionUnknown,
        Self::NotOperator,
        Self::PersonaUnknown,
        Self::SourceUnknown,
        Self::ProviderUnavailable,
        Self::ProviderDenied,
        Self::CodeRefused,
        Self::AttemptUnknown,
        Self::AttemptExpired,
        Self::OtherBrowser,
        Self::TokenNonce,
        Self::ProofNotFresh,
        Self::StepUpRequired,
    ];

    /// The stable reason code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TokenMalformed => "TOKEN_MALFORMED",
            Self::TokenAlg => "TOKEN_ALG",
            Self::TokenUnknownKey => "TOKEN_UNKNOWN_KEY",
            Self::TokenSignature => "TOKEN_SIGNATURE",
            Self::TokenExpired => "TOKEN_EXPIRED",
            Self::TokenNotYet => "TOKEN_NOT_YET",
            Self::TokenAudience => "TOKEN_AUDIENCE",
            Self::TokenIssuer => "TOKEN_ISSUER",
            Self::TokenSubject => "TOKEN_SUBJECT",
            Self::TokenTenant => "TOKEN_TENANT",
            Self::TokenKeysUnavailable => "TOKEN_KEYS_UNAVAILABLE",
            Self::SignInTooOld => "SIGN_IN_TOO_OLD",
            Self::EmailUnverified => "EMAIL_UNVERIFIED",
            Self::NotStaff => "NOT_STAFF",
            Self::StaffRevoked => "STAFF_REVOKED",
            Self::RoleChanged => "ROLE_CHANGED",
            Self::SessionExpired => "SESSION_EXPIRED",
            Self::SessionIdle => "SESSION_IDLE",
            Self::SessionUnknown => "SESSION_UNKNOWN",
            Self::NotOperator => "NOT_OPERATOR",
            Self::PersonaUnknown => "PERSONA_UNKNOWN",
            Self::SourceUnknown => "SOURCE_UNKNOWN",
            Self::ProviderUnavailable => "PROVIDER_UNAVAILABLE",
            Self::ProviderDenied => "PROVIDER_DENIED",
            Self::CodeRefused => "CODE_REFUSED",
            Self::AttemptUnknown => "ATTEMPT_UNKNOWN",
            Self::AttemptExpired => "ATTEMPT_EXPIRED",
            Self::OtherBrowser => "OTHER_BROWSER",
            Self::TokenNonce => "TOKEN_NONCE",
            Self::ProofNotFresh => "PROOF_NOT_FRESH",
            Self::StepUpRequired => "STEP_UP_REQUIRED",
        }
    }

    /// The refusal with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.code() == code)
    }

    /// What a person reads.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::TokenMalformed => "The sign-in could not be read. Please sign in again.",
            Self::TokenAlg | Self::TokenUnknownKey | Self::TokenSignature => {
                "The sign-in is not genuine, or its key was replaced. Please sign in again."
            }
            Self::TokenExpired => "The sign-in took too long. Please sign in again.",
            Self::TokenNotYet => "The sign-in is dated in the future: a clock is wrong.",
            Self::TokenAudience | Self::TokenTenant => "This sign-in is for another project.",
            Self::TokenIssuer => "This sign-in comes from somewhere that this studio does not accept.",
            Self::TokenSubject => "The sign-in names nobody.",
            Self::TokenKeysUnavailable | Self::ProviderUnavailable => {
                "The identity provider can't be reached at the moment. Try again in a minute."
            }
            Self::SignInTooOld => "You signed in with your provider some time ago. Please do it again now.",
            Self::EmailUnverified => "Your e-mail address is not verified yet. Verify it, then sign in again.",
            Self::NotStaff => "You are not on this studio's staff. An administrator can add you.",
            Self::StaffRevoked => "Your access to this studio was taken back. Ask an administrator.",
            Self::RoleChanged => "Your role has changed. Please sign in again.",
            Self::SessionExpired => "Your session reached its longest time. Please sign in again.",
            Self::SessionIdle => "You were away for a while. Please sign in again.",
            Self::SessionUnknown => "You are signed out. Please sign in again.",
            Self::NotOperator => "You are not an operator of this box. An operator can add you to `operators.users`.",
            Self::SourceUnknown => "There is no such sign-in here. Choose one of those shown.",
            Self::ProviderDenied => "The sign-in was broken off at the identity provider. Please try again.",
            Self::CodeRefused => "The identity provider did not confirm the sign-in. Please try again.",
            Self::AttemptUnknown => "This sign-in was not begun here, or was used already. Please begin anew.",
            Self::AttemptExpired => "The sign-in took longer than ten minutes. Please begin anew.",
            Self::OtherBrowser => "This sign-in was begun in another browser. Please begin anew in this one.",
            Self::TokenNonce => "The identity provider answered another sign-in than yours. Please begin anew.",
            Self::ProofNotFresh => {
                "Your provider did not ask you again who you are, which this needs. An operator can change that there."
            }
            Self::StepUpRequired => {
                "Sign in again to go on: what you want to do needs a sign-in of the last few minutes."
            }
            Self::PersonaUnknown => "There is no such person here. Choose one of those shown.",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.sentence())
    }
}

impl std::error::Error for Refusal {}
