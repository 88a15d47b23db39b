//! f: our clock against the server's, and the configuration against the one that runs.

use std::fmt;
use std::sync::Arc;

use crate::domain::diff::FieldChange;
use crate::domain::finding::{Confidence, Family, Finding, FindingKind};
use crate::domain::ids::CollectionId;
use crate::domain::value::{FieldPath, Value};
use crate::jobs::drift::Drift;
use crate::jobs::drift::look::Look;

/// What the configuration is now, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Configured {
    /// The same as the one that runs.
    Same,
    /// Another one: these settings differ.
    Differs(Vec<String>),
    /// It can't be read, or is wrong: the service would not start again.
    Broken(String),
}

/// Reads the configuration again.
#[derive(Clone)]
pub struct Reread(Arc<dyn Fn() -> Configured + Send + Sync>);

impl Reread {
    /// By this function.
    pub fn by(read: impl Fn() -> Configured + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }
}

impl fmt::Debug for Reread {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Reread")
    }
}

fn place(name: &str) -> CollectionId {
    CollectionId::parse(name).expect("BUG: the name is legal")
}

impl Drift {
    /// Looks at clock and configuration.
    pub(super) async fn look_at_settings(&self, look: &mut Look) {
        self.look_at_clock(look).await;
        let Some(Reread(read)) = &self.reread else { return };
        let summary = match read() {
            Configured::Same => return,
            Configured::Differs(settings) => format!(
                "the configuration was changed and the service was not started again since: {}",
                settings.join(", ")
            ),
            Configured::Broken(why) => {
                format!("with the configuration as it is now the service would not start: {why}")
            }
        };
        look.findings.push(Finding::about_all(FindingKind::ConfigDiffers, place("configuration"), summary));
    }

    async fn look_at_clock(&self, look: &mut Look) {
        let before = self.now();
        let server = match self.authority.server_time().await {
            Ok(server) => server,
            Err(error) => {
                look.complain(Family::Settings, format!("the server's clock can't be read: {}", error.chain()));
                look.settings_untold.insert(FindingKind::ClockDiffers);
                return;
            }
        };
        let after = self.now();
        // The server read its clock somewhere between the two.
        let apart = before.since(server).max(server.since(after));
        let tolerance = self.bounds.clock;
        if apart <= tolerance {
            return;
        }
        let which = if server < before { "ahead of" } else { "behind" };
        let summary = format!("our clock is {} s {which} the server's", apart.as_secs());
        look.findings.push(Finding {
            changes: vec![FieldChange {
                path: FieldPath::top("now"),
                before: Some(Value::Timestamp(after)),
                after: Some(Value::Timestamp(server)),
            }],
            as_of: Some(server),
            confidence: if after.since(before) <= tolerance { Confidence::High } else { Confidence::Medium },
            ..Finding::about_all(FindingKind::ClockDiffers, place("clock"), summary)
        });
    }
}
