//! Signing in.

/// How one can sign in here.
#[derive(Debug, Clone)]
pub enum SignIn {
    /// The sandbox's identity provider: anyone may be any of these.
    Sandbox {
        /// The personas.
        personas: Vec<Persona>,
    },
    /// No identity provider is configured.
    Nowhere,
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
