//! What the tests of cockpit and API share: a studio with documents in its mirror, and people to look at it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use jiff::tz::TimeZone;
use scraper::{Html, Selector};
use serde_json::Value as Json;
use studio_cockpit::model::viewer::Environment;
use tower::ServiceExt as _;

use studio_brain::domain::actor::Actor;
use studio_brain::domain::agent::{AgentScope, AgentSecret, WantedKey};
use studio_brain::domain::audit::Entry;
use studio_brain::domain::document::Document;
use studio_brain::domain::finding::{FindingKind, in_document};
use studio_brain::domain::freshness::FreshnessBounds;
use studio_brain::domain::ids::{CollectionId, DocPath, ProposalId, Uid, WriteId};
use studio_brain::domain::ledger::{Landing, WriteRecord, WriteState};
use studio_brain::domain::proposal::ProposalState;
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::value::{Fields, Value};
use studio_brain::gate::{Gate, GateSettings, Writes};
use studio_brain::identity::operator::{Ends, LocalUser, Operators};
use studio_brain::identity::session_audit::AuditedSessions;
use studio_brain::store::audit::AuditQuery;
use studio_brain::web::cockpit::{self, CockpitPages};
use studio_brain::web::desk::{Desk, DeskSettings, Installation};
use studio_brain::web::{self, Door, api};

use crate::web_stage::{Answer, Browser, Furniture, Stage};

pub(crate) const INES: &str = "uid_staff_ines";
pub(crate) const DOV: &str = "uid_staff_dov";
pub(crate) const JUNO: &str = "uid_admin_juno";

/// The user id of the operator at the socket.
const OPERATOR: u32 = 4_000_001;

/// The two ends of the socket.
pub(crate) const ENDS: Ends = Ends { caller: OPERATOR, service: 0 };

/// A studio whose mirror holds a few documents.
pub(crate) struct Studio {
    pub(crate) stage: Stage,
    pub(crate) desk: Desk,
}

impl Studio {
    pub(crate) async fn open() -> Self {
        Self::called("monsoon-west").await
    }

    pub(crate) async fn called(name: &str) -> Self {
        Self::installed(name, Installation::default()).await
    }

    /// A studio whose pages know of the process that serves it.
    pub(crate) async fn installed(name: &str, installation: Installation) -> Self {
        let mut made = None;
        let furniture = |store: &studio_brain::store::Store, now: &web::state::Now| {
            let settings = GateSettings { writes: Writes::On, lifetime: Duration::from_secs(3_600) };
            let bounds = FreshnessBounds::of_all(Duration::from_secs(120), Duration::from_secs(900));
            let desk = Desk::new(
                store.clone(),
                Gate::new(store.clone(), settings),
                now.clone(),
                DeskSettings {
                    studio_name: "Monsoon West".to_owned(),
                    zone: TimeZone::UTC,
                    environment: Environment::Sandbox,
                    bounds,
                },
            )
            .installed(installation);
            made = Some(desk.clone());
            let pages = Arc::new(CockpitPages::new(desk.clone()));
            let rooms =
                move |state: &web::state::WebState| cockpit::routes(state, &desk).merge(api::routes(state, &desk));
            Furniture { pages, audit: Arc::new(AuditedSessions), rooms: Box::new(rooms), provider: None }
        };
        let operators = Operators::Listed(vec![LocalUser::Number(OPERATOR)]);
        let stage = Stage::of(name, "http://127.0.0.1:8787", operators, furniture).await;
        let studio = Self { stage, desk: made.expect("the stage was furnished") };
        studio.mirror().await;
        studio
    }

    /// Collections as if they had just been read: some with documents, some empty, one never read.
    async fn mirror(&self) {
        let text = Value::text;
        let ids = ["batches", "reservations", "studioBrainDrills", "studioBrainOpsNotes", "kilns"];
        let ids = ids.map(|id| CollectionId::parse(id).expect("legal"));
        let store = &self.stage.store;
        store.targets_declare(&ids).await.expect("targets");
        for (path, status) in [("r-1", "REQUESTED"), ("r-2", "CANCELED"), ("r-3", "CANCELLED"), ("r-4", "CONFIRMED")] {
            let fields =
                [("status", text(status)), ("ownerUid", text("uid_mara_quill")), ("firingType", text("glaze"))];
            self.put(&format!("reservations/{path}"), &fields).await;
        }
        self.put("batches/b-1", &[("state", text("SHELVED")), ("title", text("Wedding platter <b>"))]).await;
        self.put("batches/b-2", &[("state", text("ON_HOLD")), ("title", text("Two tall vases"))]).await;
        self.freshen().await;
        self.find().await;
    }

    /// Mirrors these collections, too.
    pub(crate) async fn also_mirror(&self, more: &[&str]) {
        let store = &self.stage.store;
        let known = store.targets().await.expect("targets").into_iter().map(|target| target.collection);
        let ids: Vec<CollectionId> =
            known.chain(more.iter().map(|id| CollectionId::parse(*id).expect("legal"))).collect();
        store.targets_declare(&ids).await.expect("targets");
    }

    /// Two agents as the cloud registers them, one of them out of service, and what an owner lets the other one do.
    pub(crate) async fn agents(&self) {
        let text = Value::text;
        self.also_mirror(&["agentClients", "delegations"]).await;
        for (id, name, status) in
            [("agent-glaze-scout", "Glaze scout", "active"), ("agent-front-desk", "Front desk", "suspended")]
        {
            self.put(&format!("agentClients/{id}"), &[("name", text(name)), ("status", text(status))]).await;
        }
        let expires = Value::Timestamp(self.stage.now().plus(Duration::from_secs(3_600)));
        let fields = [
            ("ownerUid", text("uid_mara_quill")),
            ("agentClientId", text("agent-glaze-scout")),
            ("scopes", Value::Array(vec![text("capability:ops_note.append:execute")])),
            ("status", text("active")),
            ("expiresAt", expires),
        ];
        self.put("delegations/dlg-1", &fields).await;
        self.freshen().await;
    }

    /// The mirror was just told that nothing has changed; of the kilns it never heard.
    pub(crate) async fn freshen(&self) {
        self.hear_of(|collection| collection.as_str() != "kilns").await;
    }

    /// The mirror was just told that nothing has changed, in any collection.
    pub(crate) async fn hear_of_all(&self) {
        self.hear_of(|_| true).await;
    }

    async fn hear_of(&self, which: impl Fn(&CollectionId) -> bool) {
        let (store, now) = (&self.stage.store, self.stage.now());
        let targets = store.targets().await.expect("targets").into_iter().filter(|target| which(&target.collection));
        let mut tx = store.begin().await.expect("begins");
        for target in targets {
            tx.targets_advance([(target.id, None)], now, now).await.expect("advances");
        }
        tx.commit().await.expect("commits");
    }

    /// Puts a document into the mirror, changed now.
    pub(crate) async fn put(&self, path: &str, fields: &[(&str, Value)]) -> Document {
        let fields: Fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let now = self.stage.now();
        let path = DocPath::parse(path).expect("legal");
        let document = Document { path, fields, create_time: now, update_time: now };
        let mut tx = self.stage.store.begin().await.expect("begins");
        tx.document_put(&document, now).await.expect("puts");
        tx.commit().await.expect("commits");
        document
    }

    /// Looks for what the vocabulary does not know, as the drift job does.
    async fn find(&self) {
        let now = self.stage.now();
        for id in ["batches", "reservations"] {
            let collection = CollectionId::parse(id).expect("legal");
            for held in self.stage.store.documents_page(&collection, None, 100).await.expect("reads") {
                let words = in_document(&held.document).into_iter();
                for finding in words.filter(|finding| finding.kind == FindingKind::UnknownWord) {
                    let mut tx = self.stage.store.begin().await.expect("begins");
                    tx.finding_seen(&finding, now).await.expect("stores");
                    tx.commit().await.expect("commits");
                }
            }
        }
    }

    /// Somebody who has signed in.
    pub(crate) async fn person(&self, persona: &str) -> Browser<'_> {
        let mut browser = self.stage.browser();
        assert_eq!(browser.sign_in(persona).await.status, 303);
        browser
    }

    /// The operator of this box, who may issue keys.
    pub(crate) fn box_operator(&self) -> Actor {
        let operators = Operators::Listed(vec![LocalUser::Number(OPERATOR)]);
        operators.admit(ENDS, self.stage.store.studio()).expect("is listed")
    }

    /// Gives an agent a new key that lasts an hour.
    pub(crate) async fn key_of(&self, agent: &str) -> AgentSecret {
        let secret = studio_brain::identity::agents::new_secret().expect("randomness");
        let wanted = WantedKey {
            agent: Uid::parse(agent).expect("a uid"),
            name: "Glaze scout".to_owned(),
            scopes: vec![AgentScope::parse("reservations:read").expect("a scope")],
            lasts: Duration::from_secs(3_600),
        };
        let store = &self.stage.store;
        let mut tx = store.begin().await.expect("begins");
        let issued = tx.agent_key_issue(store.studio(), &wanted, &secret, &self.box_operator(), self.stage.now()).await;
        assert_eq!(issued.expect("answers"), Ok(()));
        tx.commit().await.expect("commits");
        secret
    }

    /// The operator asks at the socket; returns the answer's status and JSON.
    pub(crate) async fn operator(&self, method: &str, path: &str, body: Option<&Json>) -> Answer {
        let router = web::with_layers(api::routes(&self.stage.state, &self.desk), &self.stage.state, Door::Socket);
        let request = Request::builder().method(method).uri(path).header("host", "socket");
        let request = match body {
            Some(body) => {
                request.header("content-type", "application/json").body(Body::from(body.to_string())).expect("legal")
            }
            None => request.body(Body::empty()).expect("legal"),
        };
        let mut request = request;
        request.extensions_mut().insert(ConnectInfo(Some(ENDS)));
        let (parts, body) = router.oneshot(request).await.expect("infallible").into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    /// Carries an approved proposal out as the push job does, without a cloud: claimed, landed, seen by the mirror.
    pub(crate) async fn push(&self, id: ProposalId) -> WriteId {
        let (store, now) = (&self.stage.store, self.stage.now());
        let proposal = store.proposal(id).await.expect("reads").expect("is there");
        assert_eq!(proposal.state, ProposalState::Approved);
        let change = proposal.changes.only().expect("one document");
        let before = store.document(change.write.path()).await.expect("reads").map(|held| held.document);
        let fields = before.as_ref().map(|document| document.fields.clone());
        let mut record = WriteRecord::intended(id, (1, change.write.clone()), proposal.content_hash(), fields, now)
            .undoing(change.undoes);
        let landed = now.plus(Duration::from_secs(1));
        record.state = WriteState::Observed { landing: Landing { at: now, update_time: landed }, at: now };
        let mut tx = store.begin().await.expect("begins");
        tx.writes_intend(&[&record]).await.expect("stores");
        tx.proposal_move(id, ProposalState::Sent, now).await.expect("moves");
        match record.after() {
            Some(fields) => {
                let create_time = before.map_or(landed, |document| document.create_time);
                let path = change.write.path().clone();
                let after = Document { path, fields, create_time, update_time: landed };
                tx.document_put(&after, landed).await.expect("puts");
            }
            None => tx.document_delete(change.write.path(), landed).await.expect("deletes"),
        }
        tx.commit().await.expect("commits");
        record.id
    }

    /// The audit log, oldest first, as action and reason code.
    pub(crate) async fn log(&self) -> Vec<(String, &'static str)> {
        let mut entries: Vec<Entry> = self.stage.store.audit_entries(&AuditQuery::default(), 500).await.expect("reads");
        entries.reverse();
        entries.iter().map(|entry| (entry.event.action.word().to_owned(), entry.event.reason.code())).collect()
    }

    pub(crate) async fn state_of(&self, id: &str) -> ProposalState {
        let id: ProposalId = id.parse().expect("an id");
        self.stage.store.proposal(id).await.expect("reads").expect("is there").state
    }
}

/// A page taken apart.
pub(crate) struct Page(Html);

impl Page {
    pub(crate) fn of(answer: &Answer) -> Self {
        assert!(answer.header("content-type").starts_with("text/html"), "{}: {}", answer.status, answer.body);
        Self(Html::parse_document(&answer.body))
    }

    /// The text of everything that a selector finds, white space evened out.
    pub(crate) fn texts(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).expect("a selector");
        let even = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.0.select(&selector).map(|element| even(element.text().collect())).collect()
    }

    /// The rows of every table, cell by cell.
    pub(crate) fn rows(&self) -> Vec<String> {
        let (rows, cells) = (Selector::parse("tbody tr"), Selector::parse("th, td"));
        let (rows, cells) = (rows.expect("a selector"), cells.expect("a selector"));
        let cell = |cell: scraper::ElementRef<'_>| cell.text().collect::<String>().trim().to_owned();
        self.0.select(&rows).map(|row| row.select(&cells).map(cell).collect::<Vec<_>>().join(" ")).collect()
    }

    pub(crate) fn text(&self, selector: &str) -> String {
        self.texts(selector).join(" | ")
    }

    pub(crate) fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let selector = Selector::parse(selector).expect("a selector");
        self.0.select(&selector).next()?.value().attr(name).map(str::to_owned)
    }

    /// The attribute of everything that a selector finds and that has it.
    pub(crate) fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let selector = Selector::parse(selector).expect("a selector");
        self.0.select(&selector).filter_map(|element| element.value().attr(name).map(str::to_owned)).collect()
    }

    /// The fields that the form with this action would send as it is, without its buttons.
    pub(crate) fn form(&self, action: &str) -> BTreeMap<String, String> {
        let form = Selector::parse(&format!("form[action='{action}'][method='post']")).expect("a selector");
        let form = self.0.select(&form).next().unwrap_or_else(|| panic!("no form posts to {action}"));
        let fields = Selector::parse("input, textarea").expect("a selector");
        let mut sent = BTreeMap::new();
        for field in form.select(&fields) {
            let attributes = field.value();
            let Some(name) = attributes.attr("name") else { continue };
            if attributes.attr("type") == Some("radio") && attributes.attr("checked").is_none() {
                continue;
            }
            let text = match attributes.name() {
                "textarea" => field.text().collect(),
                _ => attributes.attr("value").unwrap_or_default().to_owned(),
            };
            sent.insert(name.to_owned(), text);
        }
        sent
    }
}

/// Fills a form in and sends it, as a browser would.
pub(crate) async fn send(browser: &mut Browser<'_>, page: &Page, action: &str, typed: &[(&str, &str)]) -> Answer {
    let mut fields = page.form(action);
    for (name, value) in typed {
        fields.insert((*name).to_owned(), (*value).to_owned());
    }
    let pairs: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(action, &pairs).await
}

/// Asks for a page that is there.
pub(crate) async fn page(browser: &mut Browser<'_>, path: &str) -> Page {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    Page::of(&answer)
}

/// A moment of the stage's clock as text.
pub(crate) fn moment(seconds: i64) -> String {
    let start: Timestamp = "2026-03-18T17:00:00Z".parse().expect("a moment");
    start.plus(Duration::from_secs(seconds.unsigned_abs())).to_string()
}
