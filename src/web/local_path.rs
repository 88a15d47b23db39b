//! A path of this site, safe to redirect to.

use std::fmt;

use axum::http::Uri;

/// A path of this site, with its query.
///
/// Invariant: begins with one `/`, and no browser reads it as another site's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPath(String);

impl LocalPath {
    /// Parses a path that came from outside; anything that could lead elsewhere is none.
    pub fn parse(text: &str) -> Option<Self> {
        let legal = |letter: char| letter.is_ascii_graphic() && letter != '\\';
        if text.len() > 2_048 || !text.starts_with('/') || text.starts_with("//") || !text.chars().all(legal) {
            return None;
        }
        let uri: Uri = text.parse().ok()?;
        // Coming back to the doors themselves would be a circle.
        let door = ["/sign-in", "/session"].contains(&uri.path()) || uri.path().starts_with("/session/");
        (uri.authority().is_none() && !door).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LocalPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_to_another_site() {
        for good in [
            "/",
            "/sessions",
            "/sessions/staff?person=x",
            "/proposals?show=mine",
            "/writes/0198#x",
            "/a//b",
            "/%2f%2fevil.example",
        ] {
            assert!(LocalPath::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "evil.example",
            "https://evil.example",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            " /x",
            "/ x",
            "/ö",
            "javascript:alert(1)",
            "/sign-in",
            "/sign-in?next=/",
            "/session",
            "/session/end",
        ] {
            assert!(LocalPath::parse(bad).is_none(), "{bad:?}");
        }
    }
}
