//! Signing in at a provider: the sandbox's speaks the real protocol, and everything that can go wrong does.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::http::Request;

use studio_brain::domain::actor::Issuer;
use studio_brain::domain::time::Timestamp;
use studio_brain::identity::operator::Operators;
use studio_brain::identity::sources::{IdentitySource, OpenId, OpenIdSettings};
use studio_brain::sandbox::identity::SandboxIdentity;
use studio_brain::sandbox::identity::provider::{CLIENT, Failure, OpenIdProvider};
use studio_brain::web::state::Now;

use crate::web_stage::{Answer, Browser, Stage};

const ORIGIN: &str = "http://127.0.0.1:8787";
const INES: &str = "uid_staff_ines";
const BACK: &str = "/session/provider/back";

/// A stage with a provider beside it.
struct Street {
    stage: Stage,
    identity: SandboxIdentity,
    provider: OpenIdProvider,
    client: reqwest::Client,
}

impl Street {
    async fn open() -> Self {
        let clock: Arc<OnceLock<Now>> = Arc::default();
        let shown = Arc::clone(&clock);
        let tell: Arc<dyn Fn() -> Timestamp + Send + Sync> = Arc::new(move || shown.get().expect("the stage is set")());
        let identity = SandboxIdentity::start("demo-studio").expect("a provider");
        let provider = OpenIdProvider::start(identity.clone(), tell).await.expect("a port");
        let settings = OpenIdSettings {
            name: "Clay ID".to_owned(),
            issuer: provider.issuer().to_owned(),
            client: CLIENT.to_owned(),
            secret: None,
            word: Issuer::Sandbox,
        };
        let source: Arc<dyn IdentitySource> = Arc::new(OpenId::new(settings).expect("a client"));
        let stage = Stage::beside(ORIGIN, Operators::ServiceUser, |now| {
            assert!(clock.set(now.clone()).is_ok(), "the clock is set once");
            Some(source)
        })
        .await;
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Self { stage, identity, provider, client }
    }

    /// The browser is sent away; where to.
    async fn go(&self, browser: &mut Browser<'_>, form: &[(&str, &str)]) -> String {
        let answer = browser.post("/session/provider", form).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.header("location").to_owned()
    }

    /// The person picks who to be at the provider; where that leads back to, as path and query.
    async fn pick(&self, place: &str, persona: &str) -> String {
        let page = self.client.get(place).send().await.expect("answers").text().await.expect("a page");
        assert!(page.contains("Who are you today?"), "{page}");
        let (address, query) = place.split_once('?').expect("a query");
        let body = format!("{query}&persona={persona}");
        let kind = "application/x-www-form-urlencoded";
        let answer = self.client.post(address).header("content-type", kind).body(body).send().await.expect("answers");
        let location = answer.headers().get("location").expect("leads back").to_str().expect("text").to_owned();
        location.strip_prefix(ORIGIN).expect("to the configured origin").to_owned()
    }

    /// All of it.
    async fn sign_in(&self, browser: &mut Browser<'_>, persona: &str, form: &[(&str, &str)]) -> Answer {
        let place = self.go(browser, form).await;
        let back = self.pick(&place, persona).await;
        browser.get(&back).await
    }

    async fn close(self) {
        self.provider.stop().await;
    }
}

/// The value of a parameter in an address.
fn parameter(address: &str, name: &str) -> String {
    let query = address.split_once('?').expect("a query").1;
    let found = form_urlencoded::parse(query.as_bytes()).find(|(found, _)| found == name);
    found.unwrap_or_else(|| panic!("{name} in {address}")).1.into_owned()
}

#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert!(answer.body.contains(&format!("why={code} ")), "{}", answer.body);
    assert!(!answer.headers.get_all("set-cookie").iter().any(|set| set.as_bytes().starts_with(b"sb-session=")));
}

#[tokio::test]
async fn somebody_signs_in_at_the_provider_and_comes_back_where_they_were() {
    let street = Street::open().await;
    let mut ines = street.stage.browser();
    let place = street.go(&mut ines, &[("next", "/writes?state=unknown")]).await;
    assert!(place.starts_with(&format!("{}/authorize?", street.provider.issuer())), "{place}");
    assert_eq!(parameter(&place, "redirect_uri"), format!("{ORIGIN}{BACK}"));
    assert_eq!(parameter(&place, "code_challenge_method"), "S256");
    assert!(!place.contains("prompt="), "nobody is asked twice for nothing");
    let secrets = [parameter(&place, "state"), parameter(&place, "nonce"), parameter(&place, "code_challenge")];
    assert!(secrets.iter().all(|secret| secret.len() == 43), "256 bits each");
    assert!(ines.jar.contains_key("sb-attempt"));
    let back = street.pick(&place, INES).await;
    let answer = ines.get(&back).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/writes?state=unknown"));
    assert!(!ines.jar.contains_key("sb-attempt"), "the attempt is over");
    let me = ines.get("/api/me").await;
    assert!(me.body.contains("sandbox:staff:oidc:account-uid_staff_ines"), "{}", me.body);
    assert_eq!(street.stage.told(), ["started sandbox:staff:oidc:account-uid_staff_ines"]);
    street.close().await;
}

#[tokio::test]
async fn one_person_by_two_doors_is_one_person() {
    let street = Street::open().await;
    let (mut first, mut second) = (street.stage.browser(), street.stage.browser());
    first.sign_in(INES).await;
    street.sign_in(&mut second, INES, &[]).await;
    let me = second.get("/api/me").await;
    assert!(me.body.contains("\"sandbox:staff:uid_staff_ines\""), "nobody is their own colleague: {}", me.body);
    let mut third = street.stage.browser();
    street.sign_in(&mut third, "uid_staff_dov", &[]).await;
    let me = third.get("/api/me").await;
    assert!(me.body.contains("oidc:account-uid_staff_dov"), "{}", me.body);
    third.sign_in("uid_staff_dov").await;
    let me = third.get("/api/me").await;
    assert!(me.body.contains("oidc:account-uid_staff_dov"), "the other way round, too: {}", me.body);
    street.close().await;
}

#[tokio::test]
async fn a_state_is_ours_and_good_once_and_for_ten_minutes_in_one_browser() {
    let street = Street::open().await;
    let stage = &street.stage;
    let mut ines = stage.browser();
    for state in ["", "x", &"A".repeat(43)] {
        refused(&ines.get(&format!("{BACK}?code=x&state={state}")).await, 403, "ATTEMPT_UNKNOWN");
    }
    refused(&ines.get(BACK).await, 403, "ATTEMPT_UNKNOWN");

    let place = street.go(&mut ines, &[]).await;
    let back = street.pick(&place, INES).await;
    let mut thief = stage.browser();
    refused(&thief.get(&back).await, 403, "OTHER_BROWSER");
    refused(&ines.get(&back).await, 403, "ATTEMPT_UNKNOWN");

    let place = street.go(&mut ines, &[]).await;
    let back = street.pick(&place, INES).await;
    assert_eq!(ines.get(&back).await.status, 303);
    refused(&stage.browser().get(&back).await, 403, "ATTEMPT_UNKNOWN");

    let mut late = stage.browser();
    let place = street.go(&mut late, &[]).await;
    let back = street.pick(&place, INES).await;
    stage.advance(Duration::from_secs(600));
    refused(&late.get(&back).await, 403, "ATTEMPT_EXPIRED");
    assert_eq!(stage.store.sessions().await.expect("sessions").len(), 1);
    street.close().await;
}

#[tokio::test]
async fn a_code_is_worth_nothing_without_the_verifier_of_its_own_attempt() {
    let street = Street::open().await;
    let (mut victim, mut attacker) = (street.stage.browser(), street.stage.browser());
    let theirs = street.go(&mut victim, &[]).await;
    let theirs = street.pick(&theirs, INES).await;
    let own = street.go(&mut attacker, &[]).await;
    let (code, state) = (parameter(&theirs, "code"), parameter(&own, "state"));
    refused(&attacker.get(&format!("{BACK}?code={code}&state={state}")).await, 403, "CODE_REFUSED");
    let own = street.go(&mut attacker, &[]).await;
    let state = parameter(&own, "state");
    refused(&attacker.get(&format!("{BACK}?code=guessed&state={state}")).await, 403, "CODE_REFUSED");
    street.close().await;
}

#[tokio::test]
async fn what_the_provider_does_wrong_is_told_in_words_and_lets_nobody_in() {
    let street = Street::open().await;
    for (failure, status, code) in [
        (Failure::Denied, 403, "PROVIDER_DENIED"),
        (Failure::OtherNonce, 403, "TOKEN_NONCE"),
        (Failure::OtherAudience, 403, "TOKEN_AUDIENCE"),
        (Failure::Unverified, 403, "EMAIL_UNVERIFIED"),
    ] {
        street.provider.fail(Some(failure));
        refused(&street.sign_in(&mut street.stage.browser(), INES, &[]).await, status, code);
        assert!(street.stage.told().last().is_some_and(|told| told.ends_with(code)), "{code} is in the audit log");
    }
    street.provider.fail(None);
    refused(&street.sign_in(&mut street.stage.browser(), "uid_mara_quill", &[]).await, 403, "NOT_STAFF");

    let mut ines = street.stage.browser();
    let place = street.go(&mut ines, &[]).await;
    let back = street.pick(&place, INES).await;
    street.provider.fail(Some(Failure::Down));
    refused(&ines.get(&back).await, 503, "PROVIDER_UNAVAILABLE");
    street.stage.advance(Duration::from_secs(2 * 86_400));
    refused(&ines.post("/session/provider", &[]).await, 503, "PROVIDER_UNAVAILABLE");
    assert!(street.stage.store.sessions().await.expect("sessions").is_empty());
    street.provider.fail(None);
    assert_eq!(street.sign_in(&mut ines, INES, &[]).await.status, 303, "and then it works again");
    street.close().await;
}

#[tokio::test]
async fn a_provider_that_does_not_ask_again_proves_nothing_anew() {
    let street = Street::open().await;
    street.provider.fail(Some(Failure::OldProof));
    let mut ines = street.stage.browser();
    assert_eq!(street.sign_in(&mut ines, INES, &[]).await.status, 303, "good enough to come in");
    let place = street.go(&mut ines, &[("again", "yes")]).await;
    assert_eq!((parameter(&place, "prompt").as_str(), parameter(&place, "max_age").as_str()), ("login", "0"));
    let back = street.pick(&place, INES).await;
    refused(&ines.get(&back).await, 403, "PROOF_NOT_FRESH");
    street.provider.fail(None);
    assert_eq!(street.sign_in(&mut ines, INES, &[("again", "yes")]).await.status, 303);
    street.close().await;
}

#[tokio::test]
async fn a_token_of_the_provider_is_no_way_in_without_its_question() {
    let street = Street::open().await;
    let now = street.stage.now();
    let mut claims = street.identity.claims_of(INES, now).expect("Ines");
    claims["iss"] = street.provider.issuer().into();
    claims["aud"] = CLIENT.into();
    let token = street.identity.sign(&claims);
    refused(&street.stage.browser().post("/session", &[("id_token", &token)]).await, 403, "TOKEN_ISSUER");
    street.close().await;
}

#[tokio::test]
async fn only_the_sign_in_page_may_lead_to_the_provider() {
    let street = Street::open().await;
    let mut ines = street.stage.browser();
    let page = ines.get("/sign-in").await;
    let policy = page.header("content-security-policy").to_owned();
    let form_action = policy.split("; ").find(|part| part.starts_with("form-action")).expect("a directive");
    assert_eq!(form_action, format!("form-action 'self' {}", street.provider.issuer()));
    let ours = if studio_cockpit::assets::BUNDLE.is_some() { "'self' 'wasm-unsafe-eval'" } else { "'none'" };
    assert!(policy.contains(&format!("script-src {ours};")), "no script of anybody else is needed: {policy}");
    ines.sign_in(INES).await;
    let home = ines.get("/").await;
    assert!(home.header("content-security-policy").contains("form-action 'self';"));
    street.close().await;
}

#[tokio::test]
async fn under_another_name_of_this_machine_one_is_led_to_the_configured_one() {
    let street = Street::open().await;
    let mut ines = street.stage.browser();
    let request = Request::post("/session/provider")
        .header("host", "localhost:8787")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded");
    let answer = ines.send(request, "next=%2Fdrift".into()).await;
    let expect = format!("{ORIGIN}/sign-in?next=%2Fdrift");
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, expect.as_str()));
    assert!(ines.jar.is_empty());
    street.close().await;
}

#[tokio::test]
async fn another_site_can_not_begin_a_sign_in() {
    let street = Street::open().await;
    let mut ines = street.stage.browser();
    let request = Request::post("/session/provider")
        .header("sec-fetch-site", "cross-site")
        .header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(ines.send(request, "".into()).await.status, 403);
    street.close().await;
}

#[tokio::test]
async fn without_a_provider_there_is_no_such_sign_in() {
    let stage = Stage::open().await;
    let mut ines = stage.browser();
    let answer = ines.post("/session/provider", &[]).await;
    assert_eq!(answer.status, 404);
    assert!(answer.body.contains("why=SOURCE_UNKNOWN"), "{}", answer.body);
}
