//! A configuration is right or it says everything that is wrong with it, and never tells a secret.

use std::{collections::BTreeSet, path::PathBuf, time::Duration};

use secrecy::ExposeSecret;
use studio_brain::config::{
    Config, ConfigErrors, Origin, Sources,
    firestore::{Credentials, Endpoint},
    identity::{StaffIdentity, StaffRole},
    mirror::OUR_COLLECTIONS,
    operators::{OperatorUser, OperatorsConfig},
    source::DefaultValue,
    telemetry::LogFormat,
};

const SECRET: &str = "-----BEGIN PRIVATE KEY-----MIIEvQ";

fn required() -> Sources {
    Sources::default().with_override("studio.id", "monsoon-west").with_override("firestore.project", "monsoon-prod")
}

/// A file that lives as long as the test.
struct File {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

fn file(text: &str) -> File {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("studio-brain.toml");
    std::fs::write(&path, text).expect("a file");
    File { _directory: directory, path }
}

fn load(text: &str) -> Result<Config, ConfigErrors> {
    let file = file(text);
    Config::load(Sources { file: Some(file.path.clone()), ..Sources::default() })
}

/// The one problem of the given setting, in words.
#[track_caller]
fn check(sources: Sources, key: &str, expect: &[&str]) {
    let errors = Config::load(sources).expect_err("a problem");
    let keys: Vec<&str> = errors.problems().iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, [key], "{errors}");
    let text = errors.to_string();
    for part in expect {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
    assert!(!errors.problems()[0].fix.is_empty(), "every problem has a fix");
}

#[test]
fn two_settings_are_enough_and_writes_are_off() {
    let config = Config::load(required()).expect("a configuration");
    assert!(!config.push.enabled);
    assert!(config.web.listen.ip().is_loopback());
    assert_eq!(config.studio.name, "monsoon-west");
    assert_eq!(config.studio.time_zone.iana_name(), Some("America/Phoenix"));
    assert_eq!(config.identity.firebase_project, "monsoon-prod");
    assert_eq!(config.telemetry.project, "monsoon-prod");
    assert_eq!(config.operators, OperatorsConfig::ServiceUser);
    assert_eq!(config.mirror.watchdog, Duration::from_secs(120));
    assert_eq!(config.mirror.reconnect_after, Duration::from_secs(3_600));
    assert_eq!(config.mirror.history(), Duration::from_secs(90 * 86_400));
    assert_eq!(config.mirror.read_budget, 50_000);
    assert_eq!(config.web.session_absolute, Duration::from_secs(12 * 3_600));
    assert_eq!(config.web.max_body, 65_536);
    assert_eq!((config.web.address_per_minute, config.web.address_burst), (600, 200));
    assert_eq!((config.web.session_per_minute, config.web.session_burst), (300, 100));
    assert!(matches!(config.firestore.endpoint, Endpoint::Production { credentials: Credentials::ApplicationDefault }));
}

#[test]
fn the_environment_wins_over_the_file_and_the_command_line_over_both() {
    let file = file(
        "data = \"/from/file\"\n[studio]\nid = \"monsoon-west\"\n[firestore]\nproject = \"monsoon-prod\"\n[push]\nbatch = 5\n",
    );
    let sources = Sources { file: Some(file.path.clone()), ..Sources::default() };
    let config = Config::load(sources.clone().with_variable("STUDIO_BRAIN_PUSH_BATCH", "7")).expect("a configuration");
    assert_eq!(config.push.batch, 7);
    let origin = |config: &Config, key: &str| {
        config.describe().iter().find(|setting| setting.docs.key == key).map(|setting| setting.origin.clone())
    };
    assert_eq!(origin(&config, "push.batch"), Some(Origin::Environment("STUDIO_BRAIN_PUSH_BATCH".to_owned())));
    assert_eq!(origin(&config, "data"), Some(Origin::File));
    assert_eq!(origin(&config, "web.listen"), Some(Origin::Default));

    let sources = sources.with_variable("STUDIO_BRAIN_DATA", "/from/env").with_override("data", "/from/line");
    let config = Config::load(sources).expect("a configuration");
    assert_eq!(config.data.directory, PathBuf::from("/from/line"));
    assert_eq!(origin(&config, "data"), Some(Origin::CommandLine));
}

#[test]
fn the_safety_switch_flips_and_takes_only_true_or_false() {
    let on = Config::load(required().with_variable("STUDIO_BRAIN_PUSH_ENABLED", "true")).expect("a configuration");
    assert!(on.push.enabled);
    let off = Config::load(required().with_variable("STUDIO_BRAIN_PUSH_ENABLED", "false")).expect("a configuration");
    assert!(!off.push.enabled);
    for unclear in ["yes", "1", "on", "TRUE", "0"] {
        let sources = required().with_variable("STUDIO_BRAIN_PUSH_ENABLED", unclear);
        check(sources, "push.enabled", &["neither true nor false", "STUDIO_BRAIN_PUSH_ENABLED"]);
    }
}

#[test]
fn an_unknown_key_names_the_nearest_known_one_and_its_rule() {
    let errors =
        load("[studio]\nid = \"monsoon-west\"\n[firestore]\nproject = \"monsoon-prod\"\n[push]\nenable = true\n")
            .expect_err("a problem");
    let text = errors.to_string();
    assert_eq!(errors.problems().len(), 1, "{text}");
    assert!(text.contains("push.enable: is not a setting"), "{text}");
    assert!(text.contains("did you mean `push.enabled`?"), "{text}");
    assert!(text.contains("rule: push.enabled: true or false"), "{text}");
}

#[test]
fn an_unknown_variable_of_ours_is_an_error_and_a_foreign_one_is_not() {
    let sources = required().with_variable("STUDIO_BRAIN_PUSH_ENABELD", "true").with_variable("STUDIO", "x");
    check(sources, "STUDIO_BRAIN_PUSH_ENABELD", &["did you mean `STUDIO_BRAIN_PUSH_ENABLED`?"]);
    check(required().with_variable("STUDIO_BRAIN_KAZOO", "1"), "STUDIO_BRAIN_KAZOO", &["remove it"]);
    Config::load(required().with_variable("STUDIO_BRAIN_CONFIG", "/etc/x.toml")).expect("the command line's variable");
}

#[test]
fn all_problems_are_reported_at_once() {
    let errors = load(
        "colour = 3\n[studio]\nid = \"Monsoon West\"\ntime_zone = \"Mars/Olympus\"\n[push]\nbatch = 0\napproval_lifetime = \"9s\"\n\
         [web]\nlisten = \"0.0.0.0:80\"\n[mirror]\ncollections = [\"a/b\"]\nstale_after = 15\n",
    )
    .expect_err("problems");
    let keys: BTreeSet<&str> = errors.problems().iter().map(|problem| problem.key.as_str()).collect();
    let expect = [
        "colour",
        "firestore.project",
        "mirror.collections",
        "mirror.stale_after",
        "push.approval_lifetime",
        "push.batch",
        "studio.id",
        "studio.time_zone",
        "web.listen",
    ];
    assert_eq!(keys, BTreeSet::from(expect), "{errors}");
    assert!(errors.to_string().starts_with("9 problems in the configuration:\n  1. "), "{errors}");
    assert!(errors.problems().iter().all(|problem| !problem.fix.is_empty()));
}

#[test]
fn placeholders_in_identifiers_and_secrets_are_errors() {
    for placeholder in
        ["change-me", "todo", "<project>", "${PROJECT}", "your-project-id", "replace-with-id", "placeholder"]
    {
        let sources = required().with_override("firestore.project", placeholder);
        check(sources, "firestore.project", &["placeholder", "rule:", "fix:"]);
    }
    let sources = required().with_variable("STUDIO_BRAIN_IDENTITY_STAFF", "email:someone@example.com=staff");
    check(sources, "identity.staff", &["placeholder"]);
    let sources =
        required().with_variable("STUDIO_BRAIN_FIRESTORE_CREDENTIALS_JSON", "{\"private_key\":\"change-me\"}");
    check(sources, "firestore.credentials_json", &["placeholder"]);
}

#[test]
fn every_kind_of_wrong_value_says_what_is_wrong() {
    let with = |variable: &str, value: &str| required().with_variable(variable, value);
    check(with("STUDIO_BRAIN_PUSH_BATCH", "501"), "push.batch", &["not from 1 to 500"]);
    check(with("STUDIO_BRAIN_PUSH_BATCH", "ten"), "push.batch", &["not a whole number"]);
    check(with("STUDIO_BRAIN_PUSH_BATCH", "-1"), "push.batch", &["not from 1 to 500"]);
    check(with("STUDIO_BRAIN_PUSH_BATCH", " "), "push.batch", &["is empty"]);
    check(with("STUDIO_BRAIN_MIRROR_WATCHDOG", "soon"), "mirror.watchdog", &["not a duration", "such as 90s"]);
    check(with("STUDIO_BRAIN_MIRROR_WATCHDOG", "1s"), "mirror.watchdog", &["too short"]);
    check(with("STUDIO_BRAIN_MIRROR_WATCHDOG", "-5m"), "mirror.watchdog", &["negative"]);
    check(with("STUDIO_BRAIN_MIRROR_FRESH_WITHIN", "20m"), "mirror.fresh_within", &["shorter than mirror.stale_after"]);
    check(with("STUDIO_BRAIN_MIRROR_COLLECTIONS", "batches,batches"), "mirror.collections", &["twice"]);
    check(with("STUDIO_BRAIN_MIRROR_COLLECTIONS", "batches,,kilns"), "mirror.collections", &["no collection id"]);
    check(with("STUDIO_BRAIN_MIRROR_COLLECTIONS", "__all__"), "mirror.collections", &["no collection id"]);
    check(with("STUDIO_BRAIN_DRIFT_SAMPLE", "30000"), "drift.sample", &["more than drift.budget"]);
    check(with("STUDIO_BRAIN_WEB_LISTEN", "8787"), "web.listen", &["not an address and port"]);
    check(with("STUDIO_BRAIN_WEB_LISTEN", "0.0.0.0:8787"), "web.listen", &["without TLS"]);
    check(with("STUDIO_BRAIN_WEB_PUBLIC_ORIGIN", "http://brain.studio.org"), "web.public_origin", &["plain http"]);
    check(with("STUDIO_BRAIN_WEB_PUBLIC_ORIGIN", "https://a.org/x"), "web.public_origin", &["path"]);
    check(with("STUDIO_BRAIN_WEB_SESSION_IDLE", "13h"), "web.session_idle", &["longer than web.session_absolute"]);
    check(with("STUDIO_BRAIN_IDENTITY_STAFF", "uid:abc=king"), "identity.staff", &["role other than"]);
    check(with("STUDIO_BRAIN_IDENTITY_STAFF", "uid:a=staff,uid:a=admin"), "identity.staff", &["twice"]);
    check(with("STUDIO_BRAIN_IDENTITY_JWKS_URL", "http://keys.org/"), "identity.jwks_url", &["plain http"]);
    check(with("STUDIO_BRAIN_OPERATORS_USERS", "Kiln User"), "operators.users", &["neither a user name"]);
    check(with("STUDIO_BRAIN_TELEMETRY_FORMAT", "xml"), "telemetry.format", &["auto, pretty or stackdriver"]);
    check(with("STUDIO_BRAIN_TELEMETRY_LEVEL", "loud"), "telemetry.level", &["no level"]);
    check(with("STUDIO_BRAIN_TELEMETRY_LEVEL", "hyper=info"), "telemetry.level", &["everything else"]);
    check(with("STUDIO_BRAIN_FIRESTORE_DATABASE", "Default"), "firestore.database", &["does not fit", "(default)"]);
}

#[test]
fn a_file_that_cannot_be_used_is_one_problem_and_its_lines_are_not_repeated() {
    let missing = Sources { file: Some("/nowhere/brain.toml".into()), ..required() };
    check(missing, "/nowhere/brain.toml", &["cannot be read"]);
    let broken = file(&format!("[firestore]\ncredentials_json = \"{SECRET}\nproject = 3\n"));
    let errors = Config::load(Sources { file: Some(broken.path.clone()), ..required() }).expect_err("a problem");
    assert!(errors.to_string().contains("line 2 is not TOML"), "{errors}");
    assert!(!errors.to_string().contains("MIIE"), "{errors}");
    let twice = load("[studio]\nid = \"a\"\n[studio]\nid = \"b\"\n").expect_err("a problem");
    assert!(twice.to_string().contains("is not TOML"), "{twice}");
    let typed = load(
        "[studio]\nid = \"monsoon-west\"\nname = 5\n[firestore]\nproject = \"monsoon-prod\"\n[push]\nenabled = \"true\"\n",
    );
    let typed = typed.expect_err("problems").to_string();
    assert!(typed.contains("is a whole number and must be a string"), "{typed}");
    assert!(typed.contains("is a string and must be true or false without quotes"), "{typed}");
}

#[test]
fn an_emulator_is_on_this_machine_and_never_sees_a_credential() {
    let emulator = |host: &str| required().with_variable("FIRESTORE_EMULATOR_HOST", host);
    for host in ["127.0.0.1:8681", "localhost:8681", "[::1]:8681"] {
        let config = Config::load(emulator(host)).expect("a configuration");
        let Endpoint::Emulator(address) = config.firestore.endpoint else { panic!("{host} is an emulator") };
        assert_eq!(address.url(), format!("http://{host}"));
    }
    check(emulator("10.0.0.7:8681"), "firestore.emulator_host", &["not on this machine", "emulator_may_be_remote"]);
    check(emulator("http://localhost:8681"), "firestore.emulator_host", &["has a scheme"]);
    check(emulator("localhost"), "firestore.emulator_host", &["has no port"]);
    let remote = emulator("10.0.0.7:8681").with_override("firestore.emulator_may_be_remote", "true");
    assert!(matches!(Config::load(remote).expect("a configuration").firestore.endpoint, Endpoint::Emulator(_)));
    let with_key = emulator("localhost:1").with_variable("STUDIO_BRAIN_FIRESTORE_CREDENTIALS", "/etc/brain/key.json");
    check(with_key, "firestore.credentials", &["never used with a plain-text endpoint"]);
    assert!(Config::load(emulator("")).is_ok(), "an empty foreign variable is no emulator");
    let ours_first = emulator("localhost:1").with_variable("STUDIO_BRAIN_FIRESTORE_EMULATOR_HOST", "localhost:2");
    let Endpoint::Emulator(address) = Config::load(ours_first).expect("a configuration").firestore.endpoint else {
        panic!("an emulator")
    };
    assert_eq!(address.to_string(), "localhost:2");
}

#[test]
fn a_secret_is_never_shown() {
    let key = format!("{{\"type\":\"service_account\",\"client_email\":\"brain@p.iam\",\"private_key\":\"{SECRET}\"}}");
    let sources = required().with_variable("STUDIO_BRAIN_FIRESTORE_CREDENTIALS_JSON", key.clone());
    assert!(!format!("{sources:?}").contains(SECRET));
    let config = Config::load(sources.clone()).expect("a configuration");
    assert!(!format!("{config:?}").contains(SECRET));
    assert!(!format!("{:?}", config.describe()).contains(SECRET));
    let described = config.describe().iter().find(|setting| setting.docs.is_secret()).expect("a secret");
    assert_eq!(described.value, "[set]");
    let Endpoint::Production { credentials: Credentials::KeyJson(json) } = &config.firestore.endpoint else {
        panic!("the key is used")
    };
    assert_eq!(json.expose_secret(), key);
    let without = Config::load(required()).expect("a configuration");
    assert_eq!(config.fingerprint(), without.fingerprint(), "the fingerprint does not depend on a secret");

    let both = sources.clone().with_variable("STUDIO_BRAIN_FIRESTORE_CREDENTIALS", "/etc/brain/key.json");
    check(both, "firestore.credentials_json", &["one key only"]);
    let plain = sources.with_variable("FIRESTORE_EMULATOR_HOST", "localhost:1");
    let refused = Config::load(plain).expect_err("a problem").to_string();
    assert!(refused.contains("plain-text") && !refused.contains("MIIE"), "{refused}");
    for broken in [SECRET.to_owned(), key.replace("service_account", "authorized_user")] {
        let sources = required().with_variable("STUDIO_BRAIN_FIRESTORE_CREDENTIALS_JSON", broken);
        let errors = Config::load(sources).expect_err("a problem").to_string();
        assert!(!errors.contains("MIIE"), "{errors}");
    }
}

#[test]
fn the_fingerprint_is_of_the_values_and_not_of_their_spelling() {
    let fingerprint = |sources: Sources| Config::load(sources).expect("a configuration").fingerprint();
    let default = fingerprint(required());
    assert_eq!(default.len(), 64);
    assert_eq!(default, fingerprint(required().with_variable("STUDIO_BRAIN_MIRROR_STALE_AFTER", "900s")));
    assert_eq!(default, fingerprint(required().with_variable("STUDIO_BRAIN_MIRROR_STALE_AFTER", "PT15M")));
    assert_ne!(default, fingerprint(required().with_variable("STUDIO_BRAIN_MIRROR_STALE_AFTER", "16m")));
    assert_ne!(default, fingerprint(required().with_variable("STUDIO_BRAIN_PUSH_ENABLED", "true")));
}

#[test]
fn lists_read_alike_from_file_and_variable_and_ours_are_always_mirrored() {
    let from_file = load(
        "[studio]\nid = \"monsoon-west\"\n[firestore]\nproject = \"monsoon-prod\"\n[mirror]\ncollections = [\"batches\", \"kilns\"]\n\
         [identity]\nstaff = [{ uid = \"u-1\", role = \"staff\" }, { email = \"Kim@Studio.org\", role = \"admin\" }]\n\
         [operators]\nusers = [\"kiln\", \"1001\"]\n",
    )
    .expect("a configuration");
    let from_environment = Config::load(
        required()
            .with_variable("STUDIO_BRAIN_MIRROR_COLLECTIONS", "batches, kilns")
            .with_variable("STUDIO_BRAIN_IDENTITY_STAFF", "uid:u-1=staff, email:kim@studio.org=admin")
            .with_variable("STUDIO_BRAIN_OPERATORS_USERS", "kiln,1001"),
    )
    .expect("a configuration");
    assert_eq!(from_file.fingerprint(), from_environment.fingerprint());
    assert_eq!(from_file.mirror.collections[..2], ["batches", "kilns"]);
    assert_eq!(from_file.mirror.collections[2..], OUR_COLLECTIONS);
    assert_eq!(from_file.identity.staff[0].who, StaffIdentity::Uid("u-1".to_owned()));
    assert_eq!(from_file.identity.staff[1].who, StaffIdentity::Email("kim@studio.org".to_owned()));
    assert_eq!(from_file.identity.staff[1].role, StaffRole::Admin);
    let users = vec![OperatorUser::Name("kiln".to_owned()), OperatorUser::Uid(1001)];
    assert_eq!(from_file.operators, OperatorsConfig::Listed(users));
    assert_eq!(from_file.telemetry.format, LogFormat::Auto);
}

#[test]
fn the_example_file_holds_every_setting_with_its_default() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("deploy/studio-brain.example.toml");
    let expect = Config::example();
    if std::env::var_os("UPDATE_EXAMPLE").is_some() {
        std::fs::write(&path, &expect).expect("the example is written");
    }
    let text = std::fs::read_to_string(&path).expect("the example");
    assert_eq!(text, expect, "run this test with UPDATE_EXAMPLE=1 to write the file again");

    let schema = Config::schema();
    for docs in &schema {
        let name = docs.key.rsplit('.').next().expect("a name");
        let line = match docs.default {
            DefaultValue::Value(_) | DefaultValue::Required => format!("\n{name} = "),
            DefaultValue::Unset(_) => format!("\n# {name} = "),
        };
        assert!(text.contains(&line), "{}", docs.key);
        assert!(text.contains(&docs.variable()), "{}", docs.key);
    }
    let untouched = load(&text).expect_err("what is required is a placeholder");
    let required: Vec<&str> = untouched.problems().iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(required, ["studio.id", "firestore.project"], "{untouched}");

    let filled = text.replace("\"<id>\"", "\"monsoon-west\"").replace("\"<project>\"", "\"monsoon-prod\"");
    let filled = load(&filled).expect("the example is a configuration once filled in");
    let defaults = Config::load(self::required()).expect("a configuration");
    assert_eq!(filled.fingerprint(), defaults.fingerprint(), "the example's values are the defaults");
    assert_eq!(filled.describe().len(), schema.len());
}

#[test]
fn uncommenting_any_line_of_the_example_leaves_it_toml() {
    let text = Config::example();
    for line in text.lines().filter(|line| line.starts_with("# ") && line.contains(" = ") && !line.contains("Rule:")) {
        let bare = line.trim_start_matches("# ");
        bare.parse::<toml::Table>().unwrap_or_else(|error| panic!("{bare}: {error}"));
    }
}

#[cfg(feature = "sandbox")]
#[test]
fn a_sandbox_has_writes_on_and_no_way_to_production() {
    use studio_brain::config::{firestore::EmulatorAddress, identity::StaffMember, sandbox::SandboxWorld};
    let world = |address: &str| SandboxWorld {
        provider: None,
        data: "/tmp/somewhere".into(),
        firestore: EmulatorAddress::parse(address).expect("an address"),
        jwks_url: "http://127.0.0.1:9/keys".to_owned(),
        listen: "127.0.0.1:0".parse().expect("an address"),
        staff: vec![StaffMember::parse("email:kim@example.com=staff").expect("a person")],
    };
    let config = Config::for_sandbox(world("127.0.0.1:8681")).expect("a configuration");
    assert!(config.push.enabled);
    assert!(matches!(config.firestore.endpoint, Endpoint::Emulator(_)));
    assert_eq!(config.firestore.project, "demo-studio");
    assert_eq!(config.identity.staff.len(), 1);
    assert!(!format!("{config:?}").contains("kim@"), "addresses are personal");
    Config::for_sandbox(world("10.0.0.7:8681")).expect_err("a sandbox is on this machine");
}
