//! Keeps secrets and personal data out: by the name of a field, and by what a text looks like.

use serde_json::Value;

const REDACTED: &str = "[redacted]";

/// A field whose name contains one of these, in lower case and without `_` and `-`, is not shown.
const SENSITIVE: [&str; 8] = ["password", "secret", "token", "authorization", "apikey", "email", "phone", "cookie"];

/// What keys and tokens of known kinds begin with.
const KEY_STARTS: [&str; 17] = [
    "AIza",
    "ya29.",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "rk_test_",
    "pk_live_",
    "whsec_",
    "ghp_",
    "gho_",
    "github_pat_",
    "xoxb-",
    "xoxp-",
    "mf_agent_v1.",
    "mf_pat_v1.",
    "mf_dlg_v1.",
    "GOCSPX-",
];

/// Redacts one field in place, by its dotted name and then by what its texts look like.
pub(super) fn field(name: &str, value: &mut Value) {
    if is_sensitive(name) {
        *value = REDACTED.into();
        return;
    }
    if let Value::String(content) = value {
        *content = text(content);
    }
}

/// The text without what looks like a bearer token, a JWT, a key, a password or an address.
pub(super) fn text(text: &str) -> String {
    if text.contains("-----BEGIN ") {
        return REDACTED.to_owned();
    }
    let mut clean = String::with_capacity(text.len());
    let mut next_is_secret = false;
    let mut rest = text;
    while !rest.is_empty() {
        let word_end = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(word_end);
        let gap_end = after.find(is_word).unwrap_or(after.len());
        let (gap, after) = after.split_at(gap_end);
        let scheme = word.eq_ignore_ascii_case("bearer") || word.eq_ignore_ascii_case("basic");
        let secret = !word.is_empty() && ((next_is_secret && !scheme) || looks_secret(word));
        clean.push_str(if secret { REDACTED } else { word });
        clean.push_str(gap);
        if !word.is_empty() {
            let assigned = gap.contains(['=', ':']);
            next_is_secret = word.eq_ignore_ascii_case("bearer")
                || (next_is_secret && scheme)
                || (!secret && assigned && is_sensitive(word));
        }
        rest = after;
    }
    clean
}

fn is_sensitive(name: &str) -> bool {
    let name: String = name.chars().filter(|letter| !matches!(letter, '_' | '-')).collect::<String>().to_lowercase();
    SENSITIVE.into_iter().any(|word| name.contains(word))
}

/// Letters of keys, tokens and addresses.
fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | '~' | '+' | '/' | '@' | '%')
}

fn looks_secret(word: &str) -> bool {
    let part = |part: &str| {
        let jwt = part.starts_with("eyJ") && part.len() >= 20 && part.matches('.').count() >= 1;
        jwt || KEY_STARTS.into_iter().any(|start| part.starts_with(start) && part.len() >= start.len() + 8)
    };
    let address = word.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.'));
    address || word.split('/').any(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, after: &str) {
        assert_eq!(text(before), after);
    }

    #[test]
    fn what_looks_like_a_secret_is_redacted_and_the_rest_is_not() {
        check("Authorization: Bearer abc.def-123 was refused", "Authorization: Bearer [redacted] was refused");
        check("authorization: Basic dXNlcjpw, next", "authorization: Basic [redacted], next");
        check("got eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln here", "got [redacted] here");
        check("GET /x/eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "GET [redacted]");
        check("key=AIzaSyA1234567890abcdef", "key=[redacted]");
        check("password=hunter2&user=kim", "password=[redacted]&user=kim");
        check("api_key: \"abc\"", "api_key: \"[redacted]\"");
        check("agent mf_agent_v1.a-1.s3cr3t0", "agent [redacted]");
        check("mail to kim@studio.org failed", "mail to [redacted] failed");
        check("-----BEGIN PRIVATE KEY-----\nMII", REDACTED);
        check(
            "Pushed proposal 0190f2 to `batches/b-1042`: basic glaze",
            "Pushed proposal 0190f2 to `batches/b-1042`: basic glaze",
        );
        check("token bucket is empty — 3 left", "token bucket is empty — 3 left");
    }

    #[test]
    fn sensitive_names_hide_any_value() {
        for name in ["session.token", "apiKey", "api-key", "user.email", "Set-Cookie", "phoneNumber", "client_secret"] {
            let mut value = Value::from(7);
            field(name, &mut value);
            assert_eq!(value, REDACTED, "{name}");
        }
        let mut path = Value::from("batches/b-1042");
        field("doc.path", &mut path);
        assert_eq!(path, "batches/b-1042");
    }
}
