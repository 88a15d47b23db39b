//! The real program as a process of its own, against a sandbox's Firestore in ours.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpStream, UnixStream};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use studio_brain::sandbox::firestore::{Database, FirestoreServer, Options, World};
use studio_brain::sandbox::studio;

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_studio-brain");

/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(30);

/// A made-up cloud, and a data directory for services that run against it.
pub(super) struct Stage {
    pub(super) world: World,
    pub(super) cloud: Database,
    pub(super) directory: tempfile::TempDir,
    _server: FirestoreServer,
}

/// A running service.
pub(super) struct Service {
    child: Child,
    log: JoinHandle<String>,
    pub(super) cockpit: SocketAddr,
}

impl Stage {
    pub(super) async fn open() -> Self {
        let options = Options { heartbeat: Duration::from_millis(100), ..Options::default() };
        let server = FirestoreServer::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), options).await.expect("starts");
        let cloud = server.world().database("projects/demo-studio/databases/(default)");
        let sample = studio::monsoon_west(0).into_iter().filter(|document| {
            ["agentClients/", "batches/", "reservations/", "studioBrainDrills/"]
                .iter()
                .any(|place| document.path.starts_with(place))
        });
        cloud.seed(sample.map(|document| (document.path, document.fields)));
        let directory = tempfile::tempdir().expect("a directory");
        let config = format!(
            "[studio]\nid = \"monsoon-west\"\nname = \"Monsoon West\"\n\
             [firestore]\nproject = \"demo-studio\"\nemulator_host = \"{}\"\n\
             [mirror]\ncollections = [\"agentClients\", \"batches\", \"reservations\"]\n\
             [push]\nenabled = true\nunknown_retry_after = \"1s\"\n\
             [web]\nlisten = \"127.0.0.1:0\"\naddress_burst = 10000\n\
             [telemetry]\nformat = \"stackdriver\"\n",
            server.address()
        );
        std::fs::write(directory.path().join("config.toml"), config).expect("writes");
        Self { world: server.world(), cloud, directory, _server: server }
    }

    pub(super) fn data(&self) -> std::path::PathBuf {
        self.directory.path().join("data")
    }

    /// A command of the program with this stage's configuration.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).env_clear().env("PATH", "/usr/bin:/bin").kill_on_drop(true);
        command.arg("--config").arg(self.directory.path().join("config.toml")).arg("--data").arg(self.data());
        command
    }

    /// Starts the service, with failpoints if any, and waits until it answers.
    pub(super) async fn serve(&self, failpoints: &str) -> Service {
        let mut command = self.command(&["serve"]);
        command.env("FAILPOINTS", failpoints).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("starts");
        let log = child.stdout.take().expect("is piped");
        let (found, cockpit) = oneshot::channel();
        // The log is read to its end: a service whose log nobody reads stands still.
        let log = TaskTracker::new().spawn(read_log(log, found));
        let cockpit = tokio::time::timeout(LIMIT, cockpit).await.expect("listens in time").expect("it listens");
        Service { child, log, cockpit }
    }

    /// Asks the operators' socket.
    pub(super) async fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let stream = UnixStream::connect(self.data().join("studio-brain.sock")).await.expect("the service answers");
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: studio-brain\r\nconnection: close\r\naccept: application/json\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{text}",
            text.len()
        );
        let answer = exchange(stream, request.as_bytes()).await;
        let (status, body) = parse(&answer);
        (status, serde_json::from_str(&body).unwrap_or(Value::Null))
    }

    /// Asks, and expects to be answered with a success.
    pub(super) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask("GET", path, &Value::Null).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Reads `path` again after every change until it is as wanted.
    pub(super) async fn wait_for(&self, path: &str, wanted: impl Fn(u16, &Value) -> bool) -> Value {
        let waiting = async {
            loop {
                let change = self.get("/api/v1/changes").await["change"].clone();
                let (status, found) = self.ask("GET", path, &Value::Null).await;
                if wanted(status, &found) {
                    return found;
                }
                self.get(&format!("/api/v1/changes?after={change}&wait=5")).await;
            }
        };
        tokio::time::timeout(LIMIT, waiting).await.unwrap_or_else(|_| panic!("{path} was not as wanted in time"))
    }

    /// Makes and approves a drill proposal, as soon as the mirror has the drill document; the id of its write.
    pub(super) async fn approved_drill(&self) -> String {
        self.wait_for("/api/v1/documents/studioBrainDrills/rollback", |status, _| status == 200).await;
        let (status, started) = self.ask("POST", "/api/v1/drills", &json!({})).await;
        assert_eq!(status, 201, "{started}");
        let id = started["proposed"]["id"].as_str().expect("an id").to_owned();
        let write =
            self.get(&format!("/api/v1/proposals/{id}")).await["writes"][0]["id"].as_str().expect("an id").to_owned();
        let decision = json!({
            "decision": "approve",
            "reason": "Rehearsed by the crash test.",
            "content_hash": started["proposed"]["content_hash"],
        });
        let (status, answer) = self.ask("POST", &format!("/api/v1/proposals/{id}/decision"), &decision).await;
        assert_eq!(status, 200, "{answer}");
        write
    }

    pub(super) fn receipts(&self) -> usize {
        self.cloud.paths().iter().filter(|path| path.starts_with("studioBrainReceipts/")).count()
    }
}

impl Service {
    /// Waits until the process has ended by itself.
    pub(super) async fn ended(mut self) -> ExitStatus {
        let waiting = async {
            let status = self.child.wait().await.expect("is awaited");
            self.log.await.expect("the log is read");
            status
        };
        tokio::time::timeout(LIMIT, waiting).await.expect("ends in time")
    }

    /// Asks the process to stop, as systemd does, and waits until it has.
    pub(super) async fn stop(self) -> ExitStatus {
        self.told_to_stop().await;
        self.ended().await
    }

    /// The same; returns everything that it has logged.
    pub(super) async fn stopped_with_log(mut self) -> String {
        self.told_to_stop().await;
        let waiting = async {
            assert!(self.child.wait().await.expect("is awaited").success());
            self.log.await.expect("the log is read")
        };
        tokio::time::timeout(LIMIT, waiting).await.expect("ends in time")
    }

    async fn told_to_stop(&self) {
        let pid = self.child.id().expect("it runs").to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill is there");
        assert!(asked.success());
    }

    /// Sends bytes to the cockpit's port as they are; the status and body of the answer.
    pub(super) async fn raw(&self, request: &[u8]) -> (u16, String) {
        let stream = TcpStream::connect(self.cockpit).await.expect("the cockpit listens");
        parse(&exchange(stream, request).await)
    }
}

/// Reads the log to its end, and tells where the cockpit listens once it says so; the log.
async fn read_log(log: ChildStdout, found: oneshot::Sender<SocketAddr>) -> String {
    let mut found = Some(found);
    let (mut lines, mut all) = (BufReader::new(log).lines(), String::new());
    while let Ok(Some(line)) = lines.next_line().await {
        let entry: Value = serde_json::from_str(&line).expect("every line is an entry");
        let address = entry["message"].as_str().and_then(|text| text.split_once("listens on http://"));
        if let Some(((_, address), found)) = address.zip(found.take_if(|_| address.is_some())) {
            let _ = found.send(address.parse().expect("an address"));
        }
        all.push_str(&line);
        all.push('\n');
    }
    all
}

async fn exchange(stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin, request: &[u8]) -> Vec<u8> {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut answer = Vec::new();
    // A server may answer before it has read all of a large body, and close.
    let talk = async { tokio::join!(writer.write_all(request), reader.read_to_end(&mut answer)) };
    let (_, read) = tokio::time::timeout(LIMIT, talk).await.unwrap_or_else(|_| {
        let start: Vec<u8> = request.iter().copied().take(200).collect();
        panic!("no answer in time to {}", String::from_utf8_lossy(&start))
    });
    match read {
        Ok(_) => answer,
        Err(error) if !answer.is_empty() => {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
            answer
        }
        Err(error) => panic!("no answer: {error}"),
    }
}

fn parse(answer: &[u8]) -> (u16, String) {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("not an answer: {head}")), body.to_owned())
}

/// Reads the ledger and the audit log with the program gone.
pub(super) async fn audit_holds(data: &Path) -> bool {
    let store = studio_brain::store::Store::open_read_only(data).await.expect("opens");
    let chain = store.audit_chain().await.expect("walks");
    store.close().await;
    matches!(chain, studio_brain::store::audit::ChainState::Holds { .. })
}
