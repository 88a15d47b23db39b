//! The whole service, and its cloud is gone: pages stay, and say how old they are.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use studio_brain::clock::Clock;
use studio_brain::config::Config;
use studio_brain::config::firestore::EmulatorAddress;
use studio_brain::config::sandbox::{SANDBOX_PROJECT, SandboxWorld};
use studio_brain::domain::time::Timestamp;
use studio_brain::edge::{Edge, People};
use studio_brain::sandbox::firestore::{FirestoreServer, Options};
use studio_brain::sandbox::identity::SandboxIdentity;
use studio_brain::sandbox::studio;
use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;

use super::judging::judge;
use super::stage::pages_asked_for;
use crate::web_stage::Answer;

/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(60);

#[tokio::test]
async fn every_page_is_whole_while_the_cloud_is_gone() {
    let options = Options { heartbeat: Duration::from_millis(100), ..Options::default() };
    let cloud = FirestoreServer::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), options).await.expect("starts");
    let database = cloud.world().database(&format!("projects/{SANDBOX_PROJECT}/databases/(default)"));
    let sample = studio::seen_at(Clock::system().now(), studio::monsoon_west(0));
    database.seed(sample.into_iter().map(|document| (document.path, document.fields)));
    let directory = tempfile::tempdir().expect("a directory");
    let provider = SandboxIdentity::start(SANDBOX_PROJECT).expect("a provider");
    let config = Config::for_sandbox(SandboxWorld {
        data: directory.path().to_owned(),
        firestore: EmulatorAddress::parse(&cloud.address().to_string()).expect("an address"),
        jwks_url: "http://127.0.0.1:9/keys".to_owned(),
        provider: None,
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        staff: Vec::new(),
    })
    .expect("is legal");
    let edge = Edge::build(config, People::sandbox(&provider), Clock::system()).await.expect("builds");
    let (store, origin) = (edge.store().clone(), format!("http://{}", edge.address()));
    let (stop, stopped) = oneshot::channel::<()>();
    let running = TaskTracker::new().spawn(edge.run_until(async {
        let _ = stopped.await;
    }));
    let now: Timestamp = Clock::system().now().into();
    tokio::time::timeout(LIMIT, store.targets_reach(now)).await.expect("in time").expect("reads");

    cloud.stop().await;
    let noticed = async {
        let mut changed = store.changed();
        while !store.targets().await.expect("reads").iter().any(|target| target.error.is_some()) {
            changed.changed().await.expect("the store lives");
        }
    };
    tokio::time::timeout(LIMIT, noticed).await.expect("the mirror notices");

    let browser = Visitor::arrive(&origin).await;
    let mut seen = 0;
    for route in pages_asked_for() {
        let address = match route.split_once('{') {
            Some((before, _)) => format!("{before}1"),
            None => route,
        };
        let Some(answer) = browser.get(&address).await else { continue };
        assert_eq!(judge(&address, &answer), Ok(()), "{address}");
        assert!(!answer.status.is_server_error(), "{address} is answered with {}", answer.status);
        seen += 1;
    }
    assert!(seen > 10, "{seen} pages");
    let overview = browser.get("/").await.expect("a page");
    assert!(overview.body.contains("Cloud out of reach"), "{}", overview.body);
    let _ = stop.send(());
    tokio::time::timeout(LIMIT, running).await.expect("in time").expect("no panic").expect("stops as asked");
}

/// A signed-in browser on the other side of a socket.
struct Visitor {
    client: reqwest::Client,
    origin: String,
    cookie: String,
}

impl Visitor {
    async fn arrive(origin: &str) -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let request = client.post(format!("{origin}/session/persona")).header("sec-fetch-site", "same-origin");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body("persona=uid_staff_ines").send().await.expect("is answered");
        let set = answer.headers()["set-cookie"].to_str().expect("text");
        let cookie = set.split(';').next().expect("a pair").to_owned();
        Self { client, origin: origin.to_owned(), cookie }
    }

    /// The page at this address; `None` for what is no page.
    async fn get(&self, address: &str) -> Option<Answer> {
        let request = self.client.get(format!("{}{address}", self.origin)).header("accept", "text/html");
        let answer = request.header("cookie", &self.cookie).send().await.expect("is answered");
        let (status, headers) = (answer.status(), answer.headers().clone());
        let kind = headers.get("content-type").map_or("", |kind| kind.to_str().expect("text"));
        if !kind.starts_with("text/html") {
            return None;
        }
        Some(Answer { status, headers, body: answer.text().await.expect("a body") })
    }
}
