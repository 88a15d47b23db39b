//! What changes is told to open pages, over real connections: nothing is missed, nothing is told twice, nothing is told
//! that the page is not to know, and a stream ends when it should.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value as Json;
use tokio_util::sync::CancellationToken;

use studio_brain::domain::actor::Actor;
use studio_brain::domain::audit::{Action, Event, Target};
use studio_brain::domain::value::Value;

use crate::cockpit_stage::{INES, Studio};

/// Longer than any of these takes; a test that waits for it has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// An event as the browser gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    event: String,
    id: String,
    data: String,
}

impl Told {
    fn json(&self) -> Json {
        serde_json::from_str(&self.data).expect("data is JSON")
    }

    fn count(&self) -> u64 {
        self.json()["count"].as_u64().expect("a count")
    }
}

/// A page that listens.
struct Page {
    response: reqwest::Response,
    heard: String,
}

impl Page {
    /// The next event; `None` when the stream is over.
    async fn next(&mut self) -> Option<Told> {
        loop {
            while let Some((frame, rest)) = self.heard.split_once("\n\n") {
                let field = |name: &str| {
                    let lines = frame.lines().filter_map(|line| line.strip_prefix(name));
                    lines.map(|value| value.trim_start_matches([':', ' '])).collect::<String>()
                };
                let told = Told { event: field("event"), id: field("id"), data: field("data") };
                self.heard = rest.to_owned();
                if !told.event.is_empty() {
                    return Some(told);
                }
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await.expect("something in time");
            self.heard.push_str(std::str::from_utf8(&chunk.expect("the stream is whole")?).expect("text"));
        }
    }

    /// The next news, and not how long the session lasts.
    async fn news(&mut self) -> Option<Told> {
        loop {
            match self.next().await {
                Some(told) if told.event == "session" => {}
                other => return other,
            }
        }
    }
}

/// The service at a port of its own, with somebody signed in.
struct Live<'a> {
    studio: &'a Studio,
    address: SocketAddr,
    cookie: String,
    stop: CancellationToken,
}

impl Live<'_> {
    async fn ask(&self, query: &str, headers: &[(&'static str, &str)]) -> reqwest::Response {
        let asked = reqwest::Client::new()
            .get(format!("http://{}/live{query}", self.address))
            .header("host", "127.0.0.1:8787")
            .header("cookie", &self.cookie);
        let asked = headers.iter().fold(asked, |asked, (name, value)| asked.header(*name, *value));
        asked.send().await.expect("an answer")
    }

    async fn listen(&self, query: &str, last: Option<&str>) -> Page {
        let last = last.map(|last| ("last-event-id", last));
        let headers: Vec<_> = [("sec-fetch-site", "same-origin")].into_iter().chain(last).collect();
        let response = self.ask(query, &headers).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Page { response, heard: String::new() }
    }

    /// So many entries of this action, each in a transaction of its own.
    async fn happen(&self, action: Action, times: usize) {
        let store = &self.studio.stage.store;
        for _ in 0..times {
            let actor = Actor::system(store.studio(), "test").person();
            let event = Event::new(self.studio.stage.now(), actor, action, Target::Service).detail("secret", "kiln 7");
            let mut tx = store.begin().await.expect("begins");
            tx.audit(store.studio(), event).await.expect("appends");
            tx.commit().await.expect("commits");
        }
    }
}

/// Serves a studio for as long as `asking` takes.
async fn serve(studio: &Studio, asking: impl AsyncFnOnce(Live<'_>)) {
    let mut browser = studio.stage.browser();
    browser.sign_in(INES).await;
    let cookie = browser.cookie.clone().expect("signed in");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (address, stop) = (listener.local_addr().expect("an address"), CancellationToken::new());
    let router = studio.stage.router.clone();
    let serving = studio_brain::web::serve::serve(listener, router, |_, address| *address, stop.clone());
    let asking = async {
        asking(Live { studio, address, cookie, stop: stop.clone() }).await;
        stop.cancel();
    };
    let both = async { tokio::join!(serving, asking) };
    tokio::time::timeout(2 * PATIENCE, both).await.expect("the service stops in time");
}

#[tokio::test]
async fn what_changes_is_told_by_topic_and_count_and_nothing_else() {
    let studio = Studio::open().await;
    serve(&studio, async |live| {
        let mut page = live.listen("", None).await;
        let first = page.next().await.expect("how long the session lasts");
        assert_eq!((first.event.as_str(), first.json()["can_stay"].as_bool()), ("session", Some(true)));
        live.happen(Action::ProposalApproved, 1).await;
        let told = page.news().await.expect("told");
        assert_eq!((told.event.as_str(), told.data.as_str()), ("changed", r#"{"topic":"proposals","count":1}"#));
        studio.put("batches/b-9", &[("title", Value::text("a secret vase"))]).await;
        let told = page.news().await.expect("told");
        assert_eq!((told.event.as_str(), told.data.as_str()), ("changed", r#"{"topic":"documents","count":1}"#));
        assert!(!page.heard.contains("secret"));
    })
    .await;
}

#[tokio::test]
async fn a_stream_that_is_cut_goes_on_without_a_gap() {
    let studio = Studio::open().await;
    serve(&studio, async |live| {
        let before = studio.stage.store.place().await.expect("reads");
        let mut page = live.listen("", None).await;
        live.happen(Action::WriteLanded, 1).await;
        let mut last = page.news().await.expect("told");
        let mut heard = last.count();
        for (action, times) in [(Action::ProposalCreated, 3), (Action::DriftFound, 2), (Action::ProposalCreated, 1)] {
            drop(page);
            live.happen(action, times).await;
            page = live.listen("?after=1.1", Some(&last.id)).await;
            live.happen(Action::WriteObserved, 1).await;
            while studio.stage.store.place().await.expect("reads").audit > before.audit + heard {
                let told = page.news().await.expect("told");
                assert_ne!(told.id, last.id, "every event has a place of its own");
                heard += told.count();
                last = told;
            }
        }
        assert_eq!(heard, 10, "each of them, once");
        let mut first_time = live.listen(&format!("?after={}.{}", before.audit, before.feed), None).await;
        let mut all = 0;
        while all < 10 {
            all += first_time.news().await.expect("told").count();
        }
        assert_eq!(all, 10, "a page made before all of it hears the same");
        let mut newest = live.listen(&format!("?after={}", last.id), None).await;
        live.happen(Action::AgentResumed, 1).await;
        assert_eq!(newest.news().await.expect("told").json()["topic"], "agents", "and nothing of before");
    })
    .await;
}

#[tokio::test]
async fn past_a_bound_changes_are_many() {
    let studio = Studio::open().await;
    serve(&studio, async |live| {
        let place = studio.stage.store.place().await.expect("reads");
        live.happen(Action::WriteLanded, 257).await;
        let mut page = live.listen(&format!("?after={}", place.audit), None).await;
        let told = page.news().await.expect("told");
        assert_eq!((told.event.as_str(), told.count()), ("many", 257));
        live.happen(Action::WriteLanded, 1).await;
        let next = page.news().await.expect("told");
        assert_eq!((next.event.as_str(), next.count()), ("changed", 1), "from then on one by one");
        let mut ahead = live.listen("?after=999999.1", None).await;
        assert_eq!(ahead.news().await.expect("told").event, "many", "a page of before the database came back");
        for nonsense in ["?after=x", "?after=1.2.3", "?after=-1"] {
            assert_eq!(live.ask(nonsense, &[("sec-fetch-site", "same-origin")]).await.status(), 400, "{nonsense}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_open_stream_does_not_keep_the_service_from_stopping() {
    let studio = Studio::open().await;
    serve(&studio, async |live| {
        let mut page = live.listen("", None).await;
        assert!(page.next().await.is_some());
        live.stop.cancel();
        assert_eq!(page.next().await, None, "it ends, and is not broken off");
    })
    .await;
}

#[tokio::test]
async fn a_stream_ends_with_its_session_and_keeps_none_alive() {
    let studio = Studio::open().await;
    serve(&studio, async |live| {
        let mut page = live.listen("", None).await;
        assert!(page.next().await.is_some());
        studio.stage.advance(Duration::from_secs(59 * 60));
        let mut second = live.listen("", None).await;
        assert_eq!(second.next().await.expect("told").json()["seconds"], 60, "to listen is not to use");
        studio.stage.advance(Duration::from_secs(61));
        live.happen(Action::WriteLanded, 1).await;
        for page in [&mut page, &mut second] {
            assert_eq!(page.news().await.expect("told").event, "ended", "before anything that happened");
            assert_eq!(page.next().await, None);
        }
    })
    .await;
    serve(&studio, async |live| {
        let mut page = live.listen("", None).await;
        assert!(page.next().await.is_some());
        let mut browser = studio.stage.browser();
        browser.cookie = Some(live.cookie.clone());
        browser.post("/session/end", &[]).await;
        assert_eq!(page.news().await.expect("told").event, "ended", "signed out in another window");
        assert_eq!(page.next().await, None);
    })
    .await;
}

#[tokio::test]
async fn only_our_own_pages_listen_and_not_too_many_of_them() {
    let studio = Studio::open().await;
    serve(&studio, async |live| {
        for headers in [&[("sec-fetch-site", "cross-site")][..], &[("sec-fetch-site", "same-site")], &[]] {
            assert_eq!(live.ask("", headers).await.status(), 403, "{headers:?}");
        }
        let stranger =
            Live { cookie: String::new(), stop: live.stop.clone(), studio: live.studio, address: live.address };
        let answer = stranger.ask("", &[("sec-fetch-site", "same-origin"), ("accept", "application/json")]).await;
        assert_eq!(answer.status(), 401);
        let mut pages = Vec::new();
        for _ in 0..8 {
            pages.push(live.listen("", None).await);
        }
        let refused = live.ask("", &[("sec-fetch-site", "same-origin")]).await;
        assert_eq!(
            (refused.status().as_u16(), &refused.headers()["retry-after"]),
            (429, &"30".parse().expect("a value"))
        );
    })
    .await;
}
