//! Signing in.

/// How one can sign in here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The ways that are set up, in the order to offer them; none: nobody can sign in yet.
    pub ways: Vec<Way>,
}

/// A way to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// At an identity provider, which the browser is sent to.
    Provider {
        /// What people call it, such as `Google`.
        name: String,
    },
    /// With Firebase's script, which this page alone loads.
    Firebase(FirebaseScript),
    /// The sandbox's identity provider: anyone may be any of these.
    Sandbox {
        /// The personas.
        personas: Vec<Persona>,
    },
}

/// What Firebase's script has to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirebaseScript {
    /// The folder of its modules.
    pub folder: String,
    /// The project's key for browsers.
    pub api_key: String,
    /// The host on which it asks who one is.
    pub auth_domain: String,
    /// The project.
    pub project: String,
}

/// A made-up person of the sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Persona {
    /// Sent back as the form field `persona`.
    pub id: String,
    /// The name.
    pub name: String,
    /// The role in words, such as `Staff`.
    pub role: String,
    /// One sentence: what this person can try.
    pub about: String,
}

/// A form that was sent when its session was over or its sign-in too old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeptForm {
    /// It waited for its person, who can send it now.
    Ready(SentForm),
    /// Nobody is signed in, so it could not be kept; here is what was typed.
    SignedOut(SentForm),
    /// None waits for this person in this browser.
    Nothing,
}

/// A form as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentForm {
    /// Where it was sent.
    pub path: String,
    /// Where it stands.
    pub page: String,
    /// Its fields.
    pub fields: Vec<(String, String)>,
}
