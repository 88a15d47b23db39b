//! Agents' keys: issuing one, showing it once, taking it back.

use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use studio_cockpit::model::acts::ActProblem;
use studio_cockpit::model::agents::{KeyRow, KeyStanding};
use studio_cockpit::model::keys::{Issuing, KeyDetail, KeyField, KeyForm, ShownOnce};
use studio_cockpit::model::trouble::Unanswered;
use studio_cockpit::paths;
use studio_cockpit::render::{Page, RulesPage};

use crate::domain::agent::{AgentKey, KeyPrefix, may_manage_keys};
use crate::domain::audit::Target;
use crate::domain::capability::BadInput;
use crate::domain::ids::Uid;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::value::Value;
use crate::gate::GateError;
use crate::identity::agents::new_secret;
use crate::web::api::agents::KeyRequest;
use crate::web::body::FormBody;
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::facts;
use crate::web::cockpit::pages::{Asked, fresh_key, show, show_as};
use crate::web::cockpit::rules::once::Outcome;
use crate::web::cockpit::rules::told::{Ruled, lead};
use crate::web::cockpit::rules::typed::{ActFields, fresh, refused, sentence};
use crate::web::denial::kind_of;
use crate::web::desk::DeskState;
use crate::web::problem::Problem;

impl Cockpit {
    pub(in crate::web::cockpit) async fn issuing_page(&self) -> Result<Issuing, Unanswered> {
        let may = self.viewer().map(may_manage_keys)?;
        let agents = self.panel("The agents", self.gate().agents().await)?;
        let scopes = self.panel("The scopes", self.gate().scopes().await)?;
        let named = |document: &crate::domain::document::Document| {
            let id = document.path.id().to_owned();
            let name = document.fields.get("name").and_then(Value::as_text).unwrap_or(&id).to_owned();
            (id, name)
        };
        Ok(Issuing {
            may: facts::may(may),
            agents: agents.iter().map(named).collect(),
            scopes: scopes.iter().map(|scope| (scope.to_string(), self.meaning(scope.as_str()))).collect(),
        })
    }

    /// What a scope lets an agent do.
    fn meaning(&self, scope: &str) -> String {
        let registry = self.gate().registry();
        let capability = scope.strip_prefix("capability:").and_then(|rest| rest.strip_suffix(":execute"));
        match (capability.and_then(|id| registry.find(id)), scope.strip_suffix(":read")) {
            (Some(capability), _) => capability.title.clone(),
            (None, Some(collection)) => format!("Read {collection}"),
            (None, None) => "As the cloud defines it".to_owned(),
        }
    }

    pub(in crate::web::cockpit) async fn key_page(&self, prefix: &str) -> Result<KeyDetail, Unanswered> {
        let missing = || Unanswered::Missing { what: format!("Key {prefix}") };
        let prefix = KeyPrefix::parse(prefix).ok_or_else(missing)?;
        let (key, _) = self.panel("The key", self.store().agent_key(&prefix).await)?.ok_or_else(missing)?;
        let may = self.viewer().map_err(|_| Reason::NotSignedIn).and_then(may_manage_keys);
        let may_revoke = key.revoked.is_none().then(|| facts::may(may));
        let issued = key.issued.to_jiff();
        // That it was issued is told of the agent, not of the key.
        let of_agent = self.history(&[Target::Other(format!("agent:{}", key.agent))]).await;
        let of_key = self.history(&[Target::Other(format!("agent_key:{prefix}"))]).await;
        let timeline = of_agent.and_then(|events| {
            let issuing = events.into_iter().filter(|event| event.at == issued);
            of_key.map(|later| issuing.chain(later).collect())
        });
        Ok(KeyDetail { row: row(key, self.now()), may_revoke, timeline })
    }
}

/// A key in a list.
pub(super) fn row(key: AgentKey, now: Timestamp) -> KeyRow {
    let standing = match key.revoked {
        Some(at) => KeyStanding::Revoked { at: at.to_jiff() },
        None if key.check(now).is_ok() => KeyStanding::Good,
        None => KeyStanding::Expired,
    };
    KeyRow {
        prefix: key.prefix.to_string(),
        agent: key.agent.to_string(),
        name: key.name,
        scopes: key.scopes.iter().map(ToString::to_string).collect(),
        issued_by: facts::actor(&key.issued_by),
        issued: key.issued.to_jiff(),
        expires: key.expires.to_jiff(),
        standing,
    }
}

/// What is over already, said above the form.
pub(super) fn over(said: &str) -> (ActProblem, StatusCode) {
    (ActProblem::Whole(said.to_owned()), kind_of(Reason::NotWaiting).status())
}

/// `GET /agents/keys/new`
pub(in crate::web) async fn new(State(state): State<DeskState>, asked: Asked) -> Response {
    let agent = asked.pairs().find(|(name, _)| *name == "agent").map(|(_, agent)| agent.to_owned());
    let form = KeyForm { agent: agent.unwrap_or_default(), idempotency_key: fresh_key(), ..KeyForm::default() };
    show(&state, &asked, Page::Rules(RulesPage::NewKey(form))).await
}

/// `GET /agents/keys/{prefix}`. Right after it was issued, and only then, it shows the whole key.
pub(in crate::web) async fn one(
    State(state): State<DeskState>,
    Path(prefix): Path<String>,
    method: Method,
    asked: Asked,
) -> Response {
    // `HEAD` has no page that could show it.
    let shown = KeyPrefix::parse(&prefix)
        .filter(|_| method == Method::GET)
        .and_then(|prefix| state.desk.once().take(&asked.session.key, &prefix, state.desk.now()))
        .map(ShownOnce::new);
    show(&state, &asked, Page::Rules(RulesPage::Key { prefix, shown, form: fresh() })).await
}

/// `POST /agents/keys`
pub(in crate::web) async fn issue(
    State(state): State<DeskState>,
    mut asked: Asked,
    FormBody(pairs): FormBody<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    paths::NEW_KEY.clone_into(&mut asked.here);
    let mut form = KeyForm::default();
    for (name, value) in pairs {
        match name.as_str() {
            "agent" => form.agent = value,
            "name" => form.name = value,
            "scopes" => form.scopes.push(value),
            "days" => form.days = value,
            "idempotency_key" => form.idempotency_key = value,
            other => {
                let field: String = other.chars().filter(|letter| !letter.is_control()).take(60).collect();
                return Err(BadInput { field, rule: "there is no such field".to_owned() }.into());
            }
        }
    }
    let now = state.desk.now();
    let act = async {
        let wanted = request(&form)?.wanted()?;
        let secret = new_secret().map_err(Failed::Randomness)?;
        state.desk.gate().issue_agent_key(&asked.actor, &wanted, &secret, now).await?;
        let to = paths::agent_key(secret.prefix().as_str());
        state.desk.once().keep(&asked.session.key, secret, now);
        Ok(Outcome { told: Ruled::KeyIssued, to })
    };
    let (problem, status) = match state.desk.once().run((&asked.session.key, &form.idempotency_key), now, act).await {
        Ok(outcome) => return lead(&state, &asked, outcome).await,
        Err(Failed::Randomness(cause)) => return Err(Problem::internal(cause)),
        Err(Failed::Gate(GateError::Input(input))) => {
            ((field_of(&input), sentence(&input)), kind_of(Reason::InputInvalid).status())
        }
        Err(Failed::Gate(GateError::Denied(reason))) => {
            ((KeyField::Whole, reason.sentence().to_owned()), kind_of(reason).status())
        }
        Err(Failed::Gate(
            error @ (GateError::Overwritten(_)
            | GateError::Limited(_)
            | GateError::Missing { .. }
            | GateError::Store(_)),
        )) => return Err(error.into()),
    };
    form.problem = Some(problem);
    Ok(show_as(&state, &asked, Page::Rules(RulesPage::NewKey(form)), status).await)
}

/// What the form asks for, as the API has it.
fn request(form: &KeyForm) -> Result<KeyRequest, BadInput> {
    let bad = |field: &str, rule: &str| BadInput { field: field.to_owned(), rule: rule.to_owned() };
    Ok(KeyRequest {
        agent: Uid::parse(form.agent.trim()).map_err(|_| bad("agent", "choose an agent"))?,
        name: form.name.clone(),
        scopes: form.scopes.clone(),
        days: form.days.parse().map_err(|_| bad("days", "choose 1 to 366"))?,
    })
}

fn field_of(input: &BadInput) -> KeyField {
    match input.field.as_str() {
        "agent" => KeyField::Agent,
        "name" => KeyField::Name,
        "scopes" => KeyField::Scopes,
        "days" => KeyField::Days,
        _ => KeyField::Whole,
    }
}

/// Why there is no new key.
enum Failed {
    Gate(GateError),
    Randomness(crate::identity::agents::NoRandomness),
}

impl From<GateError> for Failed {
    fn from(error: GateError) -> Self {
        Self::Gate(error)
    }
}

impl From<BadInput> for Failed {
    fn from(input: BadInput) -> Self {
        Self::Gate(input.into())
    }
}

/// `POST /agents/keys/{prefix}/revoke`
pub(in crate::web) async fn revoke(
    State(state): State<DeskState>,
    Path(prefix): Path<String>,
    mut asked: Asked,
    FormBody(typed): FormBody<ActFields>,
) -> Result<Response, Problem> {
    let key = KeyPrefix::parse(&prefix).ok_or_else(|| Problem::not_found("There is no such key."))?;
    asked.here = paths::agent_key(&prefix);
    let now = state.desk.now();
    let act = async {
        state.desk.gate().revoke_agent_key(&asked.actor, &key, &typed.reason, now).await?;
        Ok(Outcome { told: Ruled::KeyRevoked, to: paths::agent_key(&prefix) })
    };
    let (problem, status) = match state.desk.once().run((&asked.session.key, &typed.idempotency_key), now, act).await {
        Ok(outcome) => return lead(&state, &asked, outcome).await,
        Err(GateError::Missing { .. }) => over("It was revoked already: nothing more was done."),
        Err(error) => refused(error)?,
    };
    let page = Page::Rules(RulesPage::Key { prefix, shown: None, form: typed.back(problem) });
    Ok(show_as(&state, &asked, page, status).await)
}
