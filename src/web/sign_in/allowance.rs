//! What the sign-in page may do beside what every page may: send a form that leads to the provider, and, only where
//! Firebase's script is configured, run that script and let it talk to its own hosts.

use crate::identity::sources::{FirebaseScript, Offer};
use crate::web::security_headers::Allowance;

/// Where Firebase's script fetches tokens; its own documentation names them.
const FIREBASE_SERVERS: &str = "https://identitytoolkit.googleapis.com https://securetoken.googleapis.com";

/// The script that Firebase's own loads to talk to its window.
const FIREBASE_WINDOW: &str = "https://apis.google.com";

/// What these ways to sign in need.
pub(super) fn of(offers: &[Offer]) -> Allowance {
    let mut allowance = Allowance::default();
    for offer in offers {
        match offer {
            Offer::Provider { issuer, .. } => allowance.form_action.extend(origin(issuer)),
            Offer::Firebase(script) => firebase(&mut allowance, script),
            Offer::Personas(_) => {}
        }
    }
    allowance
}

fn firebase(allowance: &mut Allowance, script: &FirebaseScript) {
    allowance.scripts.push("'self'".to_owned());
    allowance.scripts.extend(origin(&script.folder));
    allowance.scripts.push(FIREBASE_WINDOW.to_owned());
    allowance.connects.push(FIREBASE_SERVERS.to_owned());
    allowance.connects.extend(origin(&script.folder));
    allowance.frames.push(format!("https://{}", script.auth_domain));
    allowance.opens_windows = true;
}

/// Scheme, host and port of an address, if they may stand in a header.
fn origin(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let host = rest.split('/').next()?;
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
    let fits = ["http", "https"].contains(&scheme) && !host.is_empty() && host.bytes().all(legal);
    fits.then(|| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_origin_gets_into_the_header() {
        assert_eq!(origin("https://accounts.google.com/x?y"), Some("https://accounts.google.com".to_owned()));
        assert_eq!(origin("http://127.0.0.1:4000"), Some("http://127.0.0.1:4000".to_owned()));
        for bad in ["https://a; script-src *", "https://", "javascript:x", "https://a b/", "accounts.google.com"] {
            assert_eq!(origin(bad), None, "{bad}");
        }
    }
}
