//! Who is let in, and on what proof: the sandbox's provider signs, the production verifier checks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use studio_brain::domain::actor::Issuer;
use studio_brain::domain::staff::StaffRole;
use studio_brain::domain::time::Timestamp;
use studio_brain::identity::key_source::{FetchError, KeySource, PublishedKeys};
use studio_brain::identity::keys::{LAST_GOOD, REFETCH_PAUSE};
use studio_brain::identity::verifier::TrustedIssuer;
use studio_brain::identity::{Refusal, Verifier};
use studio_brain::sandbox::identity::SandboxIdentity;

const INES: &str = "uid_staff_ines";

fn now() -> Timestamp {
    "2026-03-18T17:00:00Z".parse().expect("a moment")
}

fn provider() -> (SandboxIdentity, Verifier) {
    let provider = SandboxIdentity::start("demo-studio").expect("a provider");
    let verifier = Verifier::new(vec![provider.trusted()]);
    (provider, verifier)
}

fn claims(provider: &SandboxIdentity, change: impl FnOnce(&mut Value)) -> Value {
    let mut claims = provider.claims_of(INES, now()).expect("Ines");
    change(&mut claims);
    claims
}

/// `header.claims.signature` with a header of our choice and no real signature.
fn forged(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}

fn kid(provider: &SandboxIdentity) -> String {
    provider.jwks().keys[0].common.key_id.clone().expect("a kid")
}

#[tokio::test]
async fn a_genuine_token_proves_who_someone_is() {
    let (provider, verifier) = provider();
    let verify = async |uid| {
        let token = provider.token_for(uid, now()).expect("a token");
        verifier.verify(&token, now()).await.expect("genuine")
    };
    let ines = verify(INES).await;
    assert_eq!((ines.uid().as_str(), ines.name()), (INES, "Ines Okafor"));
    assert_eq!((ines.claimed(), ines.issuer()), (Some(StaffRole::Staff), Issuer::Sandbox));
    assert_eq!(ines.proved(), now());
    assert_eq!(verify("uid_admin_juno").await.claimed(), Some(StaffRole::Admin));
    assert_eq!(verify("uid_mara_quill").await.claimed(), None);
    assert_eq!(provider.token_for("uid_nobody", now()), Err(Refusal::PersonaUnknown));
}

#[tokio::test]
async fn a_signature_by_anything_but_the_issuers_key_is_refused() {
    let (provider, verifier) = provider();
    let check = async |token: String, expect| assert_eq!(verifier.verify(&token, now()).await, Err(expect), "{token}");
    let genuine = provider.token_for(INES, now()).expect("a token");
    let (kid, good) = (kid(&provider), claims(&provider, |_| ()));
    let parts: Vec<&str> = genuine.split('.').collect();

    for alg in ["none", "None", "HS256", "RS384", "PS256", "ES256", "EdDSA", "rs256", ""] {
        check(forged(&json!({ "alg": alg, "kid": kid }), &good, ""), Refusal::TokenAlg).await;
    }
    // The public key as an HMAC secret, the oldest trick of all.
    let public = serde_json::to_vec(&provider.jwks().keys[0]).expect("JSON");
    let header = Header { kid: Some(kid.clone()), ..Header::new(Algorithm::HS256) };
    let hmac = jsonwebtoken::encode(&header, &good, &EncodingKey::from_secret(&public)).expect("a token");
    check(hmac, Refusal::TokenAlg).await;
    check(forged(&json!({ "alg": "RS256", "kid": kid, "crit": ["b64"] }), &good, parts[2]), Refusal::TokenAlg).await;

    check(forged(&json!({ "alg": "RS256" }), &good, parts[2]), Refusal::TokenUnknownKey).await;
    check(forged(&json!({ "alg": "RS256", "kid": "" }), &good, parts[2]), Refusal::TokenUnknownKey).await;
    check(forged(&json!({ "alg": "RS256", "kid": "other" }), &good, parts[2]), Refusal::TokenUnknownKey).await;

    check(forged(&json!({ "alg": "RS256", "kid": kid }), &good, ""), Refusal::TokenSignature).await;
    let more = claims(&provider, |claims| claims["admin"] = json!(true));
    check(forged(&json!({ "alg": "RS256", "kid": kid }), &more, parts[2]), Refusal::TokenSignature).await;
    let stranger = SandboxIdentity::start("demo-studio").expect("a provider");
    let strange = stranger.sign(&good);
    let strange: Vec<&str> = strange.split('.').collect();
    let under_our_kid = forged(&json!({ "alg": "RS256", "kid": kid }), &good, strange[2]);
    check(under_our_kid, Refusal::TokenSignature).await;
}

#[tokio::test]
async fn what_is_no_token_is_refused_without_a_fuss() {
    let (provider, verifier) = provider();
    let genuine = provider.token_for(INES, now()).expect("a token");
    let not_an_object = format!("{}.{}.x", URL_SAFE_NO_PAD.encode("[]"), URL_SAFE_NO_PAD.encode("{}"));
    for token in ["", ".", "..", "...", "a.b.c", "ö.ö.ö", &genuine[1..], &not_an_object, &"a".repeat(1 << 20)] {
        assert_eq!(verifier.verify(token, now()).await, Err(Refusal::TokenMalformed));
    }
    assert_eq!(verifier.verify(&format!("{genuine}.x"), now()).await, Err(Refusal::TokenMalformed));
}

#[tokio::test]
async fn every_claim_must_be_right() {
    let (provider, verifier) = provider();
    let seconds = now().parts().0;
    let check = async |change: &dyn Fn(&mut Value), expect| {
        let claims = claims(&provider, change);
        assert_eq!(verifier.verify(&provider.sign(&claims), now()).await.err(), expect, "{claims}");
    };
    let remove =
        |name: &'static str| move |claims: &mut Value| drop(claims.as_object_mut().expect("object").remove(name));
    let set = |name: &'static str, value: Value| move |claims: &mut Value| claims[name] = value.clone();

    check(&set("aud", json!("other-project")), Some(Refusal::TokenAudience)).await;
    check(&set("aud", json!(["demo-studio"])), Some(Refusal::TokenAudience)).await;
    check(&remove("aud"), Some(Refusal::TokenAudience)).await;
    check(&set("iss", json!("https://securetoken.google.com/demo-studio")), Some(Refusal::TokenIssuer)).await;
    check(&set("iss", json!("https://identity.sandbox.invalid/other")), Some(Refusal::TokenIssuer)).await;
    check(&remove("iss"), Some(Refusal::TokenIssuer)).await;
    check(&set("exp", json!(seconds)), Some(Refusal::TokenExpired)).await;
    check(&set("exp", json!(seconds + 1)), None).await;
    check(&set("exp", json!("tomorrow")), Some(Refusal::TokenMalformed)).await;
    check(&remove("exp"), Some(Refusal::TokenMalformed)).await;
    for moment in ["iat", "auth_time"] {
        check(&set(moment, json!(seconds + 31)), Some(Refusal::TokenNotYet)).await;
        check(&set(moment, json!(seconds + 30)), None).await;
        check(&remove(moment), Some(Refusal::TokenMalformed)).await;
    }
    for sub in [json!(""), json!("x".repeat(129)), json!("a\nb"), json!(7), Value::Null] {
        check(&set("sub", sub), Some(Refusal::TokenSubject)).await;
    }
    check(&remove("sub"), Some(Refusal::TokenSubject)).await;
    check(&set("email_verified", json!(false)), Some(Refusal::EmailUnverified)).await;
    check(&set("email_verified", json!("true")), Some(Refusal::EmailUnverified)).await;
    check(&remove("email_verified"), Some(Refusal::EmailUnverified)).await;
    check(&remove("email"), Some(Refusal::EmailUnverified)).await;
    check(&set("firebase", json!({ "tenant": "other" })), Some(Refusal::TokenTenant)).await;
    check(&set("roles", json!("staff")), None).await;
}

#[tokio::test]
async fn only_exact_claims_make_a_role() {
    let (provider, verifier) = provider();
    let check = async |change: Value, expect| {
        let claims = claims(&provider, |claims| {
            let claims = claims.as_object_mut().expect("object");
            claims.remove("staff");
            claims.extend(change.as_object().expect("object").clone());
        });
        let identity = verifier.verify(&provider.sign(&claims), now()).await.expect("genuine");
        assert_eq!(identity.claimed(), expect, "{change}");
    };
    check(json!({ "staff": true }), Some(StaffRole::Staff)).await;
    check(json!({ "roles": ["staff"] }), Some(StaffRole::Staff)).await;
    check(json!({ "admin": true }), Some(StaffRole::Admin)).await;
    check(json!({ "roles": ["admin"] }), Some(StaffRole::Admin)).await;
    check(json!({ "staff": "true" }), None).await;
    check(json!({ "staff": 1 }), None).await;
    check(json!({ "roles": "staff" }), None).await;
    check(json!({ "roles": ["STAFF", "staffer"] }), None).await;
    check(json!({}), None).await;
}

/// A provider whose keys can be counted, and withheld.
fn counted(provider: &SandboxIdentity, max_age: Duration) -> (Verifier, Arc<AtomicUsize>, Arc<AtomicBool>) {
    let (asked, gone) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let source = KeySource::Local(Arc::new({
        let (provider, asked, gone) = (provider.clone(), asked.clone(), gone.clone());
        move || {
            asked.fetch_add(1, Ordering::Relaxed);
            if gone.load(Ordering::Relaxed) {
                return Err(FetchError::Strange { url: "keys".to_owned(), what: "gone".to_owned() });
            }
            Ok(PublishedKeys { keys: provider.jwks(), max_age })
        }
    }));
    let issuer = TrustedIssuer::sandbox(provider.issuer(), "demo-studio", source);
    (Verifier::new(vec![issuer]), asked, gone)
}

#[tokio::test]
async fn replaced_keys_are_fetched_once_and_forgers_can_not_hurry_us() {
    let provider = SandboxIdentity::start("demo-studio").expect("a provider");
    let (verifier, asked, _) = counted(&provider, Duration::from_secs(600));
    let mut clock = now();
    let verify = async |clock: Timestamp| {
        let token = provider.token_for(INES, clock).expect("a token");
        verifier.verify(&token, clock).await.map(|_| ())
    };
    assert_eq!((verify(clock).await, verify(clock).await), (Ok(()), Ok(())));
    assert_eq!(asked.load(Ordering::Relaxed), 1, "the keys are kept");

    let old = provider.token_for(INES, clock).expect("a token");
    provider.rotate().expect("a new key");
    assert_eq!(verify(clock).await, Err(Refusal::TokenUnknownKey), "asked a moment ago");
    clock = clock.plus(REFETCH_PAUSE);
    assert_eq!(verify(clock).await, Ok(()), "the new key is fetched");
    assert_eq!(
        verifier.verify(&old, clock).await.err(),
        Some(Refusal::TokenUnknownKey),
        "the old one is worth nothing"
    );
    let good = claims(&provider, |_| ());
    for number in 0..100 {
        let forged = forged(&json!({ "alg": "RS256", "kid": format!("k{number}") }), &good, "x");
        assert_eq!(verifier.verify(&forged, clock).await.err(), Some(Refusal::TokenUnknownKey));
    }
    assert_eq!(asked.load(Ordering::Relaxed), 2);
    clock = clock.plus(Duration::from_secs(600));
    assert_eq!(verify(clock).await, Ok(()));
    assert_eq!(asked.load(Ordering::Relaxed), 3, "after max-age they are fetched again");
}

#[tokio::test]
async fn the_last_good_keys_outlive_their_publisher_for_a_day() {
    let provider = SandboxIdentity::start("demo-studio").expect("a provider");
    let (verifier, _, gone) = counted(&provider, Duration::from_secs(600));
    let verify = async |clock: Timestamp| {
        let token = provider.token_for(INES, clock).expect("a token");
        verifier.verify(&token, clock).await.err()
    };
    gone.store(true, Ordering::Relaxed);
    assert_eq!(verify(now()).await, Some(Refusal::TokenKeysUnavailable), "there are none yet");
    gone.store(false, Ordering::Relaxed);
    let fetched = now().plus(REFETCH_PAUSE);
    assert_eq!(verify(fetched).await, None);
    gone.store(true, Ordering::Relaxed);
    assert_eq!(verify(fetched.plus(LAST_GOOD).minus(Duration::from_secs(1))).await, None);
    assert_eq!(verify(fetched.plus(LAST_GOOD)).await, Some(Refusal::TokenKeysUnavailable));
}

#[tokio::test]
async fn keys_come_over_http_with_their_time_to_live() {
    let provider = SandboxIdentity::start("demo-studio").expect("a provider");
    let jwks = serde_json::to_string(&provider.jwks()).expect("JSON");
    let answer = ([("cache-control", "public, max-age=120")], jwks);
    let router = axum::Router::new()
        .route("/keys", axum::routing::get(move || async move { answer }))
        .route("/nonsense", axum::routing::get(|| async { "<html>" }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let stop = tokio_util::sync::CancellationToken::new();
    let serving = studio_brain::web::serve::serve(listener, router, |_, address| *address, stop.clone());
    let verifying = async {
        let token = provider.token_for(INES, now()).expect("a token");
        for (path, expect) in [
            ("keys", None),
            ("nonsense", Some(Refusal::TokenKeysUnavailable)),
            ("none", Some(Refusal::TokenKeysUnavailable)),
        ] {
            let source = KeySource::web(&format!("http://{address}/{path}")).expect("a source");
            let verifier = Verifier::new(vec![TrustedIssuer::sandbox(provider.issuer(), "demo-studio", source)]);
            assert_eq!(verifier.verify(&token, now()).await.err(), expect, "{path}");
        }
        stop.cancel();
    };
    tokio::join!(serving, verifying);
}

#[test]
fn every_refusal_has_its_own_code_and_a_sentence() {
    for refusal in Refusal::ALL {
        assert_eq!(Refusal::parse(refusal.code()), Some(refusal));
        assert!(refusal.sentence().ends_with(['.', '`']), "{}", refusal.sentence());
    }
}
