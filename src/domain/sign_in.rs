//! Signing in at a provider, and what is kept until somebody has.

use std::time::Duration;

use crate::domain::ids::{Hash, Uid};
use crate::domain::time::Timestamp;

/// How long somebody may take at the identity provider.
pub const ATTEMPT_LASTS: Duration = Duration::from_secs(10 * 60);

/// How long a form waits for its person.
pub const FORM_LASTS: Duration = Duration::from_secs(60 * 60);

/// The most forms that wait for one person.
pub const MOST_FORMS: u32 = 5;

/// How sure the provider has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Whoever is signed in there.
    Any,
    /// The person has to prove who they are again, now.
    Fresh,
}

/// Somebody has gone to the identity provider and is expected back.
#[derive(Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The hash of the `state` that was sent along.
    pub state: Hash,
    /// The hash of the secret of the browser that asked.
    pub browser: Hash,
    /// Comes back inside the ID token.
    pub nonce: String,
    /// Proves to the provider that the code is brought by whoever asked for it.
    pub verifier: String,
    /// How sure the provider has to be.
    pub proof: Proof,
    /// Where to go afterwards; empty: the start page.
    pub next: String,
    /// When it began.
    pub began: Timestamp,
}

/// A form that waits until its person has signed in again. What it holds is not logged.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptForm {
    /// The hash of the secret of the browser that sent it.
    pub browser: Hash,
    /// Whose it is.
    pub uid: Uid,
    /// Where it was sent.
    pub path: String,
    /// Where it stands.
    pub page: String,
    /// What was typed, as the browser encodes forms.
    pub fields: String,
    /// When.
    pub kept: Timestamp,
}

impl Proof {
    /// The word for it in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Fresh => "fresh",
        }
    }

    /// The proof that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Any, Self::Fresh].into_iter().find(|proof| proof.as_str() == word)
    }
}

impl Attempt {
    /// Is it too late to come back?
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.since(self.began) >= ATTEMPT_LASTS
    }
}

impl KeptForm {
    /// Is it too late to send it?
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.since(self.kept) >= FORM_LASTS
    }
}

impl std::fmt::Debug for Attempt {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Attempt").field("proof", &self.proof).field("began", &self.began).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for KeptForm {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("KeptForm").field("uid", &self.uid).field("path", &self.path).finish_non_exhaustive()
    }
}

/// As much of a browser's name for itself as tells a person their devices apart, such as `Firefox on Linux`.
///
/// Versions are left out: they tell a person nothing, and an observer much.
pub fn browser_family(user_agent: &str) -> String {
    // The order matters: most browsers also claim to be those further down.
    const BROWSERS: [(&str, &str); 7] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let named =
        |list: &[(&str, &'static str)]| list.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name);
    match (named(&BROWSERS), named(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_told_by_family_and_system_and_nothing_else() {
        for (agent, expect) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 \
                 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("curl/8.5", ""),
            ("", ""),
        ] {
            assert_eq!(browser_family(agent), expect, "{agent}");
        }
    }

    #[test]
    fn what_was_typed_can_not_be_printed() {
        let form = KeptForm {
            browser: Hash::of("x"),
            uid: Uid::parse("ines").expect("a uid"),
            path: "/policy/resume".to_owned(),
            page: "/policy".to_owned(),
            fields: "reason=the+secret+of+the+kiln".to_owned(),
            kept: Timestamp::from_parts(0, 0),
        };
        assert!(!format!("{form:?}").contains("secret"));
    }
}
