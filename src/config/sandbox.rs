//! The configuration of demonstrations and tests.

use std::path::PathBuf;

use super::{
    Config, ConfigErrors, Sources,
    firestore::{EmulatorAddress, Endpoint},
    identity::StaffMember,
};

/// The world a sandbox offers.
#[derive(Clone, Debug)]
pub struct SandboxWorld {
    /// The data directory.
    pub data: PathBuf,
    /// Where the sandbox's Firestore listens.
    pub firestore: EmulatorAddress,
    /// Where the sandbox's identity provider publishes its keys.
    pub jwks_url: String,
    /// The sandbox's OpenID Connect provider: what it calls itself, and us. None: nobody signs in that way.
    pub provider: Option<(String, String)>,
    /// Where the cockpit listens; port 0 for any free one.
    pub listen: std::net::SocketAddr,
    /// Who may sign in.
    pub staff: Vec<StaffMember>,
}

/// The project of every sandbox.
pub const SANDBOX_PROJECT: &str = "demo-studio";

/// The studio of every sandbox.
pub const SANDBOX_STUDIO: &str = "monsoon-west";

impl Config {
    /// All defaults, with writes on, against a sandbox.
    ///
    /// # Errors
    /// [`ConfigErrors`] if the world breaks a rule, such as a key address on another machine in plain http.
    pub fn for_sandbox(world: SandboxWorld) -> Result<Self, ConfigErrors> {
        let sources = match world.provider {
            None => Sources::default(),
            Some((issuer, client)) => Sources::default()
                .with_override("identity.oidc_name", "the sandbox’s provider")
                .with_override("identity.oidc_issuer", issuer)
                .with_override("identity.oidc_client_id", client),
        };
        let mut config = Self::load(
            sources
                .with_override("data", world.data.display().to_string())
                .with_override("studio.id", SANDBOX_STUDIO)
                .with_override("studio.name", "Monsoon West")
                .with_override("firestore.project", SANDBOX_PROJECT)
                .with_override("firestore.emulator_host", world.firestore.to_string())
                .with_override("identity.jwks_url", world.jwks_url)
                .with_override("web.listen", world.listen.to_string())
                // Tests knock harder than people, and nobody else can reach a sandbox.
                .with_override("web.address_per_minute", "600000")
                .with_override("web.address_burst", "10000")
                .with_override("web.session_per_minute", "600000")
                .with_override("web.session_burst", "10000")
                .with_override("push.enabled", "true"),
        )?;
        // The sandbox's people have addresses that would be taken for placeholders.
        config.identity.staff = world.staff;
        debug_assert!(matches!(config.firestore.endpoint, Endpoint::Emulator(_)), "BUG: a sandbox is an emulator");
        Ok(config)
    }
}
