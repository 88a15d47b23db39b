//! One event for every request answered.

use std::time::Duration;

use super::{cloud, names};

/// A request that has been answered.
#[derive(Clone, Copy, Debug)]
pub struct AnsweredRequest<'a> {
    /// The method, such as `GET`.
    pub method: &'a str,
    /// The route that matched, such as `/proposals/{id}`; never the path, of which there are too many to count.
    pub route: &'a str,
    /// The path as asked for; a query is cut off.
    pub path: &'a str,
    /// The status answered with.
    pub status: u16,
    /// What the client calls itself; cut after 200 characters.
    pub user_agent: Option<&'a str>,
    /// How long it took.
    pub took: Duration,
}

impl AnsweredRequest<'_> {
    /// Logs and counts the request; call it within [`super::Trace::request_span`].
    ///
    /// A server's error is a warning here: whoever met the error has logged it with its causes.
    pub fn log(&self) {
        let class = match self.status {
            100..=199 => "1xx",
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            500..=599 => "5xx",
            0..=99 | 600..=u16::MAX => "other",
        };
        metrics::counter!(names::HTTP_REQUESTS, "route" => self.route.to_owned(), "status" => class).increment(1);
        metrics::histogram!(names::HTTP_SECONDS, "route" => self.route.to_owned()).record(self.took.as_secs_f64());
        let path = self.path.split(['?', '#']).next().unwrap_or_default();
        let agent: Option<String> = self.user_agent.map(|agent| agent.chars().take(200).collect());
        let latency = cloud::seconds(self.took.as_secs_f64());
        macro_rules! entry {
            ($level:ident) => {
                tracing::$level!(
                    event = "request.answered",
                    http.route = self.route,
                    http_request.request_method = self.method,
                    http_request.request_url = path,
                    http_request.status = self.status,
                    http_request.latency = latency,
                    http_request.user_agent = agent,
                    "{} {path} {} in {latency}",
                    self.method,
                    self.status
                )
            };
        }
        if self.status >= 500 { entry!(warn) } else { entry!(info) }
    }
}
