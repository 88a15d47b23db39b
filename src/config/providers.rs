//! Where people sign in: an OpenID Connect provider, and Firebase's script in the browser. Each is set or absent.

use secrecy::SecretString;

use super::{
    parse::{Wrong, quoted},
    reader::Reader,
    source::{Nature, SettingDocs, Shape},
    web::web_address,
};

/// An OpenID Connect provider.
#[derive(Clone, Debug)]
pub struct OidcConfig {
    /// What people call it. Defaults to `Google`. Read from `STUDIO_BRAIN_IDENTITY_OIDC_NAME`.
    pub name: String,
    /// What it calls itself. No default. Read from `STUDIO_BRAIN_IDENTITY_OIDC_ISSUER`.
    pub issuer: String,
    /// What it calls us. No default. Read from `STUDIO_BRAIN_IDENTITY_OIDC_CLIENT_ID`.
    pub client_id: String,
    /// What only it and we know; a public client has none. Read from `STUDIO_BRAIN_IDENTITY_OIDC_CLIENT_SECRET`.
    pub client_secret: Option<SecretString>,
}

/// Firebase's own script, on the sign-in page only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirebaseScriptConfig {
    /// The folder that holds its modules. No default. Read from `STUDIO_BRAIN_IDENTITY_FIREBASE_SCRIPT`.
    pub folder: String,
    /// The project's key for browsers. No default. Read from `STUDIO_BRAIN_IDENTITY_FIREBASE_API_KEY`.
    pub api_key: String,
    /// The host on which Firebase asks who it is. Defaults to the project's.
    /// Read from `STUDIO_BRAIN_IDENTITY_FIREBASE_AUTH_DOMAIN`.
    pub auth_domain: Option<String>,
}

/// An https address, or http on this machine, without a query and a slash at the end.
fn base_address(text: &str) -> Result<String, Wrong> {
    let uri = web_address(text)?;
    if text.ends_with('/') || uri.query().is_some() {
        return Err(format!("{} has a query or a slash at the end", quoted(text)));
    }
    Ok(text.to_owned())
}

/// Something to be shown or sent that is neither empty nor strange.
fn printable(text: &str) -> Result<String, Wrong> {
    let fits = (1..=200).contains(&text.len()) && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err("is empty, too long or not printable".to_owned()) }
}

/// What may stand in a header that names a host or a key.
fn plain(text: &str) -> Result<String, Wrong> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    let fits = (1..=200).contains(&text.len()) && text.bytes().all(legal);
    if fits { Ok(text.to_owned()) } else { Err(format!("{} has other letters than it may", quoted(text))) }
}

impl OidcConfig {
    /// The outer `None` means that something was wrong; the inner one, that there is no provider.
    pub(super) fn read(from: &mut Reader) -> Option<Option<Self>> {
        let issuer = from.take_optional(
            SettingDocs::new(
                "identity.oidc_issuer",
                Shape::Text,
                "The OpenID Connect provider at which people sign in, such as https://accounts.google.com.",
            )
            .rule("an https address, or http on this machine; no query, no slash at the end")
            .unset("nobody signs in that way"),
            base_address,
        );
        let name = from.take(
            SettingDocs::new("identity.oidc_name", Shape::Text, "What people call that provider.")
                .rule("at most 200 letters")
                .default("Google"),
            printable,
        );
        let client_id = from.take_optional(
            SettingDocs::new(
                "identity.oidc_client_id",
                Shape::Text,
                "What that provider calls us; its tokens are made for this name.",
            )
            .rule("letters, digits, - _ . and :")
            .unset("identity.oidc_issuer may not be set either")
            .nature(Nature::Identifier),
            plain,
        );
        let client_secret = from.take_optional(
            SettingDocs::new("identity.oidc_client_secret", Shape::Text, "What only that provider and we know.")
                .rule("at most 200 letters")
                .unset("we are a public client, which the code verifier alone protects")
                .nature(Nature::Secret),
            |text| {
                let fits = (1..=200).contains(&text.len());
                if fits { Ok(HiddenText(SecretString::from(text))) } else { Err("is empty or too long".to_owned()) }
            },
        );
        let (issuer, name, client_id, client_secret) = (issuer?, name?, client_id?, client_secret?);
        match (issuer, client_id) {
            (None, None) => Some(None),
            (Some(issuer), Some(client_id)) => {
                let client_secret = client_secret.map(|HiddenText(secret)| secret);
                Some(Some(Self { name, issuer, client_id, client_secret }))
            }
            (Some(_), None) | (None, Some(_)) => {
                let what = "identity.oidc_issuer and identity.oidc_client_id are not set together";
                from.problem("identity.oidc_issuer", what, "both, or neither", "set the other one, or remove this one");
                None
            }
        }
    }
}

/// A text that is never shown.
struct HiddenText(SecretString);

impl super::parse::Shown for HiddenText {
    fn shown(&self) -> String {
        "[set]".to_owned()
    }
}

impl FirebaseScriptConfig {
    /// The outer `None` means that something was wrong; the inner one, that there is no script.
    pub(super) fn read(from: &mut Reader) -> Option<Option<Self>> {
        let folder = from.take_optional(
            SettingDocs::new(
                "identity.firebase_script",
                Shape::Text,
                "The folder of Firebase's script for browsers, such as https://www.gstatic.com/firebasejs/12.6.0; \
                 only the sign-in page loads it.",
            )
            .rule("an https address, or http on this machine; no query, no slash at the end")
            .unset("the sign-in page offers no Firebase and runs no script"),
            base_address,
        );
        let api_key = from.take_optional(
            SettingDocs::new("identity.firebase_api_key", Shape::Text, "The project's key for browsers; no secret.")
                .rule("letters, digits, - _ . and :")
                .unset("identity.firebase_script may not be set either")
                .nature(Nature::Identifier),
            plain,
        );
        let auth_domain = from.take_optional(
            SettingDocs::new(
                "identity.firebase_auth_domain",
                Shape::Text,
                "The host on which Firebase asks who it is.",
            )
            .rule("letters, digits, - _ . and :")
            .unset("the project's own at firebaseapp.com")
            .nature(Nature::Identifier),
            plain,
        );
        let (folder, api_key, auth_domain) = (folder?, api_key?, auth_domain?);
        match (folder, api_key) {
            (None, None) => Some(None),
            (Some(folder), Some(api_key)) => Some(Some(Self { folder, api_key, auth_domain })),
            (Some(_), None) | (None, Some(_)) => {
                let what = "identity.firebase_script and identity.firebase_api_key are not set together";
                from.problem(
                    "identity.firebase_script",
                    what,
                    "both, or neither",
                    "set the other one, or remove this one",
                );
                None
            }
        }
    }
}
