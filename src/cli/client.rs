//! The running service's socket: HTTP over a Unix socket, where the operating system says who the caller is.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;
use tokio_util::task::TaskTracker;

use crate::web::api::changes::Change;
use crate::web::socket::OperatorSocket;

/// Asks the running service, one request after the other.
#[derive(Debug)]
pub(super) struct Client {
    socket: PathBuf,
    connections: TaskTracker,
}

/// The service said no.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    /// With a code and in its own words.
    #[error("the service refused: {detail} ({code})")]
    Said {
        /// The status of the answer.
        status: StatusCode,
        /// The stable code.
        code: String,
        /// The sentence.
        detail: String,
    },
    /// Without a word.
    #[error("the service answered {0}")]
    Silent(StatusCode),
}

impl Refused {
    /// Was it a proper no, and neither a slip of whoever asked nor trouble of the service's?
    pub(super) fn is_no(&self) -> bool {
        const NO: [StatusCode; 4] =
            [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND, StatusCode::CONFLICT, StatusCode::TOO_MANY_REQUESTS];
        let (Self::Said { status, .. } | Self::Silent(status)) = self;
        NO.contains(status)
    }
}

/// The longest that a command waits for the service to get something done.
const PATIENCE: Duration = Duration::from_secs(180);

/// The largest answer that is read.
const LARGEST: usize = 16 << 20;

impl Client {
    /// The service that runs with this data directory.
    pub(super) fn of(data: &Path) -> Self {
        Self { socket: OperatorSocket::file_in(data), connections: TaskTracker::new() }
    }

    /// One that asks the same service.
    #[cfg(feature = "sandbox")]
    pub(super) fn like(other: &Self) -> Self {
        Self { socket: other.socket.clone(), connections: TaskTracker::new() }
    }

    /// Does a service run with this data directory?
    pub(super) async fn is_there(&self) -> bool {
        UnixStream::connect(&self.socket).await.is_ok()
    }

    /// Asks for something to be read.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        read(path, self.ask(Method::GET, path, Bytes::new()).await?)
    }

    /// Asks for something that may not be there.
    pub(super) async fn find<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<Option<T>> {
        match self.ask(Method::GET, path, Bytes::new()).await? {
            (StatusCode::NOT_FOUND, _) => Ok(None),
            answer => read(path, answer).map(Some),
        }
    }

    /// Asks for something to be done.
    pub(super) async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> anyhow::Result<T> {
        read(path, self.ask(Method::POST, path, serde_json::to_vec(body)?.into()).await?)
    }

    /// Tells the service something that it has no answer to.
    pub(super) async fn tell(&self, path: &str, body: &impl Serialize) -> anyhow::Result<()> {
        let (status, body) = self.ask(Method::POST, path, serde_json::to_vec(body)?.into()).await?;
        if !status.is_success() {
            return Err(refusal(status, &body).into());
        }
        Ok(())
    }

    /// Reads `path` again after every change in the service, until it is as wanted.
    pub(super) async fn wait_for<T: DeserializeOwned>(
        &self,
        path: &str,
        mut wanted: impl FnMut(&T) -> bool,
    ) -> anyhow::Result<T> {
        let waiting = async {
            let mut seen: Change = self.get("/api/v1/changes").await?;
            loop {
                let found: T = self.get(path).await?;
                if wanted(&found) {
                    return Ok(found);
                }
                seen = self.get(&format!("/api/v1/changes?after={}&wait=20", seen.change)).await?;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        waited.with_context(|| format!("waited {PATIENCE:?} for the service: its log says what it waits for"))?
    }

    async fn ask(&self, method: Method, path: &str, body: Bytes) -> anyhow::Result<(StatusCode, Bytes)> {
        let stream = UnixStream::connect(&self.socket).await.with_context(|| {
            format!(
                "no service answers at `{}`: start it with `studio-brain serve`, name its directory with --data, \
                 or try the command with --demo",
                self.socket.display()
            )
        })?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        self.connections.spawn(connection);
        let mut request = Request::builder()
            .method(&method)
            .uri(path)
            .header(header::HOST, "studio-brain")
            .header(header::ACCEPT, "application/json");
        if method == Method::POST {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let answer = sender.send_request(request.body(Full::new(body))?).await;
        let answer = answer.context("the service closed the connection")?;
        let status = answer.status();
        let body = http_body_util::Limited::new(answer.into_body(), LARGEST).collect().await;
        let body = body.map_err(|error| anyhow::anyhow!("could not read the service's answer: {error}"))?.to_bytes();
        Ok((status, body))
    }
}

fn read<T: DeserializeOwned>(path: &str, (status, body): (StatusCode, Bytes)) -> anyhow::Result<T> {
    if !status.is_success() {
        return Err(refusal(status, &body).into());
    }
    serde_json::from_slice(&body).with_context(|| format!("the service answered {path} with something else"))
}

fn refusal(status: StatusCode, body: &[u8]) -> Refused {
    let problem: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |member: &str| problem.get(member).and_then(serde_json::Value::as_str).map(str::to_owned);
    match (text("code"), text("detail")) {
        (Some(code), Some(detail)) => Refused::Said { status, code, detail },
        (_, _) => Refused::Silent(status),
    }
}
