//! What tracing-stackdriver writes, as the start of an entry.
//!
//! Its line has the right severity, target and source location, but it turns decimal numbers and errors into strings,
//! writes `doc.path` as `docPath` and `@type` as `type`, repeats a key when a field is called `time`, redacts nothing,
//! and has no place for traces, operations or Error Reporting.
//! So its line is only the start: `cloud` keeps what is right and writes everything else from the event itself.
//!
//! It also panics when a span's fields were not formatted by its own layer; it is asked only when they were.

use std::{
    cell::RefCell,
    io::{self, Write},
};

use serde_json::{Map, Value};
use tracing::{
    Event, Subscriber,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    fmt::{FormattedFields, MakeWriter, format::JsonFields},
    layer::{Context, Layer},
    registry::{LookupSpan, SpanRef},
};

thread_local! {
    /// The lines being written by this thread: an event can happen while another is being formatted.
    static LINES: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// The layer of tracing-stackdriver, writing into memory.
pub(super) struct Stackdriver<S>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    layer: tracing_stackdriver::Layer<S, IntoMemory>,
}

impl<S> Stackdriver<S>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    pub(super) fn new() -> Self {
        Self { layer: tracing_stackdriver::layer().with_writer(IntoMemory) }
    }

    pub(super) fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        self.layer.on_new_span(attributes, id, context);
    }

    pub(super) fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        self.layer.on_record(id, values, context);
    }

    /// The object it writes for the event; empty if it cannot be asked.
    pub(super) fn start(&self, event: &Event<'_>, context: Context<'_, S>) -> Map<String, Value> {
        let spans = context.event_span(event).into_iter().chain(context.lookup_current());
        if !spans.flat_map(|span| span.scope()).all(|span| is_formatted(&span)) {
            return Map::new();
        }
        let line = Line::begin();
        self.layer.on_event(event, context);
        serde_json::from_slice(&line.end()).unwrap_or_default()
    }
}

fn is_formatted<'a, S>(span: &SpanRef<'a, S>) -> bool
where
    S: LookupSpan<'a>,
{
    let extensions = span.extensions();
    let fields = extensions.get::<FormattedFields<JsonFields>>();
    fields.is_some_and(|fields| serde_json::from_str::<Map<String, Value>>(&fields.fields).is_ok())
}

/// A line being written; whatever happens to its writer, it ends.
struct Line;

impl Line {
    fn begin() -> Self {
        LINES.with_borrow_mut(|lines| lines.push(Vec::new()));
        Self
    }

    fn end(self) -> Vec<u8> {
        LINES.with_borrow_mut(|lines| lines.last_mut().map(std::mem::take).unwrap_or_default())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        LINES.with_borrow_mut(Vec::pop);
    }
}

/// Writes into the innermost line of this thread.
#[derive(Clone, Copy)]
struct IntoMemory;

impl Write for IntoMemory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.last_mut().map(|line| line.extend_from_slice(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for IntoMemory {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        *self
    }
}
