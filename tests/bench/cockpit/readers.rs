//! Many readers at once, each signed in with a session of its own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Context as _;
use futures_util::future::try_join_all;
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde_json::Value as Json;

use crate::places::Place;

/// An administrator sees every page.
const WHO: &str = "persona=uid_admin_juno";

/// Readers, each with its cookie.
pub(super) struct Readers {
    client: Client,
    origin: String,
    cookies: Vec<String>,
}

/// How an address was answered.
pub(super) struct Asked {
    pub(super) name: String,
    /// Is it a page, and not JSON?
    pub(super) is_page: bool,
    /// Milliseconds until the first byte, the shortest first.
    took: Vec<f64>,
    bytes: usize,
}

impl Readers {
    /// Signs them in.
    pub(super) async fn arrive(origin: &str, count: usize) -> anyhow::Result<Self> {
        let client = Client::builder().redirect(Policy::none()).build()?;
        let mut cookies = Vec::new();
        for _ in 0..count {
            let request = client.post(format!("{origin}/session/persona")).header("sec-fetch-site", "same-origin");
            let request = request.header("content-type", "application/x-www-form-urlencoded").body(WHO);
            let answer = request.send().await?;
            let set = answer.headers().get(SET_COOKIE).with_context(|| format!("not let in: {}", answer.status()))?;
            cookies.push(set.to_str()?.split(';').next().unwrap_or_default().to_owned());
        }
        Ok(Self { client, origin: origin.to_owned(), cookies })
    }

    async fn get(&self, reader: usize, address: &str) -> anyhow::Result<Response> {
        let request = self.client.get(format!("{}{address}", self.origin)).header("accept", "text/html");
        Ok(request.header(COOKIE, &self.cookies[reader]).send().await?)
    }

    /// What the API says there.
    pub(super) async fn json(&self, address: &str) -> anyhow::Result<Json> {
        let answer = self.get(0, address).await?;
        serde_json::from_slice(&answer.bytes().await?).with_context(|| format!("{address} is no JSON"))
    }

    /// Asks until the answer is as wanted.
    pub(super) async fn wait_until(&self, address: &str, wanted: impl Fn(&Json) -> bool) -> anyhow::Result<()> {
        loop {
            let change = self.json("/api/v1/changes").await?["change"].clone();
            if wanted(&self.json(address).await?) {
                return Ok(());
            }
            self.json(&format!("/api/v1/changes?after={change}&wait=5")).await?;
        }
    }

    /// All of them ask for one address, again and again, until it was asked for as often as wanted.
    ///
    /// # Errors
    /// Also if it is answered with anything but a success: what is refused at once tells nothing.
    pub(super) async fn ask(&self, place: &Place, requests: usize) -> anyhow::Result<Asked> {
        let first = self.get(0, &place.address).await?;
        let status = first.status();
        // Not ready is an answer, too: the cloud is out of reach.
        let is_told = status.is_success() || place.name == "/readyz";
        let is_page = first.headers().get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        let bytes = first.bytes().await?.len();
        anyhow::ensure!(is_told, "{} is answered with {status}", place.address);
        let left = AtomicUsize::new(requests);
        let reading = (0..self.cookies.len()).map(|reader| self.read(reader, place, &left));
        let mut took: Vec<f64> = try_join_all(reading).await?.concat();
        took.sort_by(f64::total_cmp);
        Ok(Asked { name: place.name.clone(), is_page, took, bytes })
    }

    async fn read(&self, reader: usize, place: &Place, left: &AtomicUsize) -> anyhow::Result<Vec<f64>> {
        let mut took = Vec::new();
        while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
            let started = Instant::now();
            let answer = self.get(reader, &place.address).await?;
            took.push(started.elapsed().as_secs_f64() * 1_000.0);
            answer.bytes().await?;
        }
        Ok(took)
    }
}

impl Asked {
    /// How long this part of them waited for the first byte at most, in milliseconds.
    pub(super) fn first_byte(&self, part: f64) -> f64 {
        self.took[((self.took.len() - 1) as f64 * part).round() as usize]
    }

    /// How much was sent, in kilobytes.
    pub(super) fn kilobytes(&self) -> f64 {
        self.bytes as f64 / 1_000.0
    }
}
