//! A made-up person with a browser: the second person, where two are needed.

use std::net::SocketAddr;

use anyhow::{Context as _, ensure};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::TcpStream;
use tokio_util::task::TaskTracker;

/// Somebody who has signed in.
pub(super) struct Persona {
    cockpit: SocketAddr,
    cookie: String,
}

impl Persona {
    /// Signs one of the sandbox's people in.
    pub(super) async fn sign_in(cockpit: SocketAddr, who: &str) -> anyhow::Result<Self> {
        let mut guest = Self { cockpit, cookie: String::new() };
        let form = format!("persona={who}");
        let answer = guest.send("/session/persona", "application/x-www-form-urlencoded", form.into()).await?;
        ensure!(answer.status() == StatusCode::SEE_OTHER, "`{who}` could not sign in: {}", answer.status());
        let cookie = answer.headers().get(header::SET_COOKIE).and_then(|cookie| cookie.to_str().ok());
        let pair = cookie.and_then(|cookie| cookie.split(';').next()).context("signing in gave no cookie")?;
        guest.cookie = pair.to_owned();
        Ok(guest)
    }

    /// Asks for something to be done; the answer's status and text.
    pub(super) async fn post(&self, path: &str, body: &impl Serialize) -> anyhow::Result<(StatusCode, String)> {
        let answer = self.send(path, "application/json", serde_json::to_vec(body)?.into()).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await.context("could not read the answer")?.to_bytes();
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }

    async fn send(
        &self,
        path: &str,
        kind: &str,
        body: Bytes,
    ) -> anyhow::Result<hyper::Response<hyper::body::Incoming>> {
        let stream = TcpStream::connect(self.cockpit).await.context("the cockpit does not answer")?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        // It ends by itself when the answer was read.
        TaskTracker::new().spawn(connection);
        let request = Request::post(path)
            .header(header::HOST, self.cockpit.to_string())
            .header(header::ORIGIN, format!("http://{}", self.cockpit))
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, kind)
            .body(Full::new(body))?;
        sender.send_request(request).await.context("the cockpit closed the connection")
    }
}
