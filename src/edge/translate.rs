//! What the configuration says, in each room's own words.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::authority::{self, Connect, Credentials, PlainEndpoint};
use crate::clock::Clock;
use crate::config::Config;
use crate::config::firestore::{self as from, Endpoint};
use crate::config::identity::{StaffIdentity, StaffRole as ConfiguredRole};
use crate::config::operators::{OperatorUser, OperatorsConfig};
use crate::domain::actor::Issuer;
use crate::domain::finding::Threshold;
use crate::domain::freshness::FreshnessBounds;
use crate::domain::ids::{CollectionId, Uid};
use crate::domain::quota::Limit;
use crate::domain::staff::StaffRole;
use crate::domain::time::Timestamp;
use crate::edge::People;
use crate::gate::policy::{Policy, PolicyFiles};
use crate::gate::{Gate, GateSettings, Writes};
use crate::identity::Verifier;
use crate::identity::key_source::KeySource;
use crate::identity::operator::{LocalUser, Operators};
use crate::identity::sessions::SessionRules;
use crate::identity::sources::{
    FirebaseScript, FirebaseTokens, IdentitySource, MadeUp, OpenId, OpenIdSettings, Sources,
};
use crate::identity::staff::StaffList;
use crate::identity::verifier::TrustedIssuer;
use crate::jobs::drift::{Configured, DriftBounds, DriftSettings, Reread};
use crate::jobs::mirror::MirrorSettings;
use crate::jobs::push::PushSettings;
use crate::jobs::snapshot::SnapshotSettings;
use crate::jobs::verify::VerifySettings;
use crate::store::Store;
use crate::telemetry::{AnsweredRequest, JobBoard, Trace};
use crate::web::desk::{DeskSettings, Installation};
use crate::web::limits::HttpLimits;
use crate::web::trace::{Answered, Named, Telemetry};
use anyhow::Context as _;
use studio_cockpit::model::viewer::Environment;

/// The door to Firestore.
pub(super) fn authority(config: &Config) -> anyhow::Result<authority::Settings> {
    let connect = match &config.firestore.endpoint {
        Endpoint::Production { credentials } => Connect::Production(match credentials {
            from::Credentials::ApplicationDefault => Credentials::ApplicationDefault,
            from::Credentials::KeyFile(path) => Credentials::KeyFile(path.clone()),
            from::Credentials::KeyJson(json) => Credentials::KeyJson(json.clone()),
        }),
        Endpoint::Emulator(address) => Connect::Plain(PlainEndpoint::parse_anywhere(&address.to_string())?),
    };
    Ok(authority::Settings {
        connect,
        project: config.firestore.project.clone(),
        database: config.firestore.database.clone(),
        request_timeout: config.firestore.request_timeout,
    })
}

/// What the mirror has to be told.
pub(super) fn mirror(config: &Config) -> anyhow::Result<MirrorSettings> {
    let collections = config.mirror.collections.iter().map(CollectionId::parse).collect::<Result<_, _>>()?;
    let heartbeat_every = match &config.firestore.endpoint {
        Endpoint::Production { .. } => Duration::from_secs(10),
        Endpoint::Emulator(_) => Duration::from_secs(1),
    };
    Ok(MirrorSettings {
        heartbeat_every,
        page_size: config.mirror.page_size,
        watchdog: config.mirror.watchdog,
        reconnect_after: config.mirror.reconnect_after,
        read_budget: config.mirror.read_budget,
        ..MirrorSettings::for_collections(collections)
    })
}

/// Whether anything here is real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum World {
    /// The people are.
    Real,
    /// The cloud and the people are made up.
    Sandbox,
}

/// What pages and API have to be told.
pub(super) fn desk(config: &Config, world: World) -> DeskSettings {
    let environment = match (&config.firestore.endpoint, world) {
        (Endpoint::Production { .. }, _) => Environment::Production { project: config.firestore.project.clone() },
        (Endpoint::Emulator(_), World::Sandbox) => Environment::Sandbox,
        (Endpoint::Emulator(address), World::Real) => Environment::Emulator { host: address.to_string() },
    };
    DeskSettings {
        studio_name: config.studio.name.clone(),
        zone: config.studio.time_zone.clone(),
        environment,
        bounds: freshness(config),
    }
}

/// What pages may say of this process and what it is connected to.
pub(super) fn installation(config: &Config, since: Timestamp, jobs: JobBoard) -> Installation {
    let (project, database) = (config.firestore.project.clone(), config.firestore.database.clone());
    Installation { project: Some(project), database: Some(database), since: Some(since), jobs }
}

/// How old the mirror may be.
pub(super) fn freshness(config: &Config) -> FreshnessBounds {
    let bound = |(id, bound): &(String, Duration)| Some((CollectionId::parse(id.clone()).ok()?, *bound));
    FreshnessBounds {
        fresh_within: config.mirror.fresh_within,
        stale_after: config.mirror.stale_after,
        stale_after_of: config.mirror.stale_after_of.iter().filter_map(bound).collect(),
    }
}

/// From when on something differs.
pub(super) fn drift_bounds(config: &Config) -> DriftBounds {
    let drift = &config.drift;
    let threshold =
        Threshold { absolute: drift.numbers_absolute, per_mille: drift.numbers_per_mille, floor: drift.numbers_floor };
    DriftBounds { freshness: freshness(config), threshold, clock: drift.clock }
}

/// The configuration as it is now, held against the one that runs.
pub(super) fn reread(config: &Config) -> Reread {
    let config = config.clone();
    Reread::by(move || match config.changed_since() {
        Ok(changed) if changed.is_empty() => Configured::Same,
        Ok(changed) => Configured::Differs(changed.into_iter().map(str::to_owned).collect()),
        Err(errors) => Configured::Broken(errors.to_string()),
    })
}

/// The gate, with the shipped policy or that of the configured folder.
pub(super) fn gate(config: &Config, store: &Store) -> anyhow::Result<Gate> {
    let writes = if config.push.enabled { Writes::On } else { Writes::Off };
    let gate = Gate::new(store.clone(), GateSettings { writes, lifetime: config.push.approval_lifetime })
        .bounded(freshness(config))
        .stepping_up_within(config.web.step_up_within);
    Ok(match &config.policy.folder {
        None => gate,
        Some(folder) => gate.with_policy(Arc::new(Policy::parse(&PolicyFiles::read(folder)?)?)),
    })
}

/// What the push job has to be told.
pub(super) const fn push(config: &Config) -> PushSettings {
    PushSettings {
        batch: config.push.batch,
        unknown_retry_after: config.push.unknown_retry_after,
        start_rate: config.push.start_rate,
    }
}

/// What the drift job has to be told.
pub(super) const fn drift(config: &Config) -> DriftSettings {
    DriftSettings { period: config.drift.period, sample: config.drift.sample, budget: config.drift.budget }
}

/// What the snapshot job has to be told.
pub(super) fn snapshot(config: &Config) -> SnapshotSettings {
    let (every, keep, zone) = (config.snapshot.every, config.snapshot.keep(), config.studio.time_zone.clone());
    SnapshotSettings { every, keep, zone }
}

/// What proofs of the mirror have to be told.
pub(super) const fn verify(config: &Config) -> VerifySettings {
    VerifySettings { every: config.mirror.verify_every, read_budget: config.mirror.read_budget }
}

/// How often somebody may knock.
pub(super) fn http_limits(config: &Config) -> anyhow::Result<HttpLimits> {
    let per_minute = |count: u64, burst: u64| -> anyhow::Result<Limit> {
        Ok(Limit::with_burst(count.try_into()?, Duration::from_secs(60), burst.try_into()?)?)
    };
    let web = &config.web;
    Ok(HttpLimits {
        address: per_minute(web.address_per_minute, web.address_burst)?,
        credential: per_minute(web.session_per_minute, web.session_burst)?,
        ..HttpLimits::default()
    })
}

/// How long sessions last.
pub(super) const fn sessions(config: &Config) -> SessionRules {
    SessionRules { absolute: config.web.session_absolute, idle: config.web.session_idle }
}

/// Who may sign in.
pub(super) fn staff(config: &Config) -> anyhow::Result<StaffList> {
    let mut staff = StaffList::default();
    for member in &config.identity.staff {
        let role = match member.role {
            ConfiguredRole::Staff => StaffRole::Staff,
            ConfiguredRole::Admin => StaffRole::Admin,
        };
        match &member.who {
            StaffIdentity::Uid(uid) => staff.allow_uid(Uid::parse(uid).context("a staff member's uid")?, role),
            StaffIdentity::Email(email) => staff.allow_email(email, role),
        }
    }
    Ok(staff)
}

/// The ways to sign in.
pub(super) fn sources(config: &Config, people: People) -> anyhow::Result<Sources> {
    let identity = &config.identity;
    let word = match people.world() {
        World::Real => Issuer::Real,
        World::Sandbox => Issuer::Sandbox,
    };
    let mut sources: Vec<Arc<dyn IdentitySource>> = Vec::new();
    if let Some(oidc) = &identity.oidc {
        sources.push(Arc::new(OpenId::new(OpenIdSettings {
            name: oidc.name.clone(),
            issuer: oidc.issuer.clone(),
            client: oidc.client_id.clone(),
            secret: oidc.client_secret.clone(),
            word,
        })?));
    }
    let mut issuers = people.issuers;
    issuers.push(TrustedIssuer::firebase(&identity.firebase_project, KeySource::web(&identity.jwks_url)?));
    let verifier = Verifier::new(issuers);
    let script = identity.firebase_script.as_ref().map(|script| FirebaseScript {
        folder: script.folder.clone(),
        api_key: script.api_key.clone(),
        auth_domain: script
            .auth_domain
            .clone()
            .unwrap_or_else(|| format!("{}.firebaseapp.com", identity.firebase_project)),
        project: identity.firebase_project.clone(),
    });
    sources.push(Arc::new(FirebaseTokens::new(verifier.clone(), script)));
    if let Some(personas) = people.personas {
        sources.push(Arc::new(MadeUp::new(personas, verifier)));
    }
    Ok(Sources::new(sources))
}

/// Who may use the socket.
pub(super) fn operators(config: &Config) -> Operators {
    match &config.operators {
        OperatorsConfig::ServiceUser => Operators::ServiceUser,
        OperatorsConfig::Listed(users) => Operators::Listed(
            users
                .iter()
                .map(|user| match user {
                    OperatorUser::Name(name) => LocalUser::Name(name.clone()),
                    OperatorUser::Uid(uid) => LocalUser::Number(*uid),
                })
                .collect(),
        ),
    }
}

/// Requests are named and told of in Cloud Logging's words.
pub(super) fn telemetry() -> Telemetry {
    Telemetry {
        name: Arc::new(|traceparent| {
            let trace = Trace::continuing(traceparent);
            Named { id: trace.id().to_string(), span: trace.request_span() }
        }),
        tell: Arc::new(|answered: &Answered<'_>| {
            AnsweredRequest {
                method: answered.method,
                route: answered.route.unwrap_or("(none)"),
                path: answered.path,
                status: answered.status,
                user_agent: answered.user_agent,
                took: answered.took,
            }
            .log();
        }),
    }
}

/// Tells the time in the domain's words.
pub(super) fn now(clock: &Clock) -> Arc<dyn Fn() -> crate::domain::time::Timestamp + Send + Sync> {
    let clock = clock.clone();
    Arc::new(move || clock.now().into())
}

/// Says whether a directory can be used before anything else is tried.
pub(super) fn describe_directory(directory: &Path) -> String {
    directory.canonicalize().unwrap_or_else(|_| directory.to_owned()).display().to_string()
}
