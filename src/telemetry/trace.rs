//! W3C trace context: which request this is.
//!
//! What a client sends is used only if it parses strictly; else it is dropped and never logged.

use std::{fmt, str::FromStr};

use tracing::Span;

/// Names everything that happens because of one request or one job run.
///
/// Invariant: not all zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceId([u8; 16]);

/// Names one step of a trace.
///
/// Invariant: not all zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpanId([u8; 8]);

/// Where we are in a trace: its id, our step, and the step that asked us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    id: TraceId,
    span: SpanId,
    parent: Option<SpanId>,
    sampled: bool,
}

/// The header is not a `traceparent` of the W3C recommendation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a W3C traceparent")]
pub struct BadTraceparent;

impl Trace {
    /// A new trace that nobody asked for.
    pub fn new() -> Self {
        Self { id: TraceId::random(), span: SpanId::random(), parent: None, sampled: false }
    }

    /// The trace whose id is the id of a job run.
    pub(super) fn of_run(run: uuid::Uuid) -> Self {
        Self { id: TraceId::of_bytes(run.into_bytes()), ..Self::new() }
    }

    /// Our step in the caller's trace, or a new trace if the header is missing or not right.
    pub fn continuing(traceparent: Option<&str>) -> Self {
        traceparent.and_then(|header| Self::parse(header).ok()).unwrap_or_default()
    }

    /// Our step in the trace a `traceparent` header names.
    ///
    /// # Errors
    /// [`BadTraceparent`] for anything the recommendation does not allow.
    pub fn parse(header: &str) -> Result<Self, BadTraceparent> {
        let mut parts = header.split('-');
        let mut part = |length: usize| match parts.next() {
            Some(part)
                if part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) =>
            {
                Ok(part)
            }
            Some(_) | None => Err(BadTraceparent),
        };
        let (version, id, parent, flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
        let more = parts.next().is_some();
        // Later versions may say more at the end; version ff does not exist.
        if version == "ff" || (version == "00" && more) {
            return Err(BadTraceparent);
        }
        let flags = u8::from_str_radix(flags, 16).map_err(|_| BadTraceparent)?;
        Ok(Self { id: id.parse()?, span: SpanId::random(), parent: Some(parent.parse()?), sampled: flags & 1 == 1 })
    }

    /// The id of the trace.
    pub fn id(&self) -> TraceId {
        self.id
    }

    /// Our step.
    pub fn span_id(&self) -> SpanId {
        self.span
    }

    /// The step that asked us, if there was one.
    pub fn parent(&self) -> Option<SpanId> {
        self.parent
    }

    /// The `traceparent` header for what we ask of others.
    pub fn traceparent(&self) -> String {
        format!("00-{}-{}-{:02x}", self.id, self.span, u8::from(self.sampled))
    }

    /// The span in which to answer a request; every entry within it carries the trace.
    ///
    /// It is an error span so that its fields are there whatever level is logged.
    pub fn request_span(&self) -> Span {
        tracing::error_span!("request", trace.id = %self.id, span.id = %self.span, trace.sampled = self.sampled)
    }
}

impl Default for Trace {
    fn default() -> Self {
        Self::new()
    }
}

impl TraceId {
    fn random() -> Self {
        Self::of_bytes(rand::random())
    }

    fn of_bytes(mut bytes: [u8; 16]) -> Self {
        bytes[15] |= u8::from(bytes == [0; 16]);
        Self(bytes)
    }
}

impl SpanId {
    fn random() -> Self {
        let mut bytes: [u8; 8] = rand::random();
        bytes[7] |= u8::from(bytes == [0; 8]);
        Self(bytes)
    }
}

impl FromStr for TraceId {
    type Err = BadTraceparent;

    fn from_str(text: &str) -> Result<Self, BadTraceparent> {
        bytes_of(text).map(Self)
    }
}

impl FromStr for SpanId {
    type Err = BadTraceparent;

    fn from_str(text: &str) -> Result<Self, BadTraceparent> {
        bytes_of(text).map(Self)
    }
}

/// Exactly as many lower-case hex digits as needed, not all zeros.
fn bytes_of<const N: usize>(text: &str) -> Result<[u8; N], BadTraceparent> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| BadTraceparent)?;
    if bytes == [0; N] || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(BadTraceparent);
    }
    Ok(bytes)
}

impl fmt::Display for TraceId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&hex::encode(self.0))
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&hex::encode(self.0))
    }
}
