//! The layer that turns events into lines.

use std::io::Write;

use tracing::{
    Event, Subscriber,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    fmt::MakeWriter,
    layer::{Context, Layer},
    registry::LookupSpan,
};

use super::{
    cloud,
    entry::{Entry, Fields, SpanFields},
    readable,
    stackdriver::Stackdriver,
};
use crate::clock::Clock;

/// Writes every event as one line.
pub(super) struct Journal<S, W>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    face: Face<S>,
    clock: Clock,
    writer: W,
}

/// How lines look.
pub(super) enum Face<S>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    /// Cloud Logging's JSON.
    Cloud {
        /// Writes the start of each entry.
        stackdriver: Box<Stackdriver<S>>,
        /// The project in the names of traces.
        project: String,
    },
    /// For people.
    Readable {
        /// Whether to use colours.
        colour: bool,
    },
}

impl<S> Face<S>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    pub(super) fn cloud(project: &str) -> Self {
        Self::Cloud { stackdriver: Box::new(Stackdriver::new()), project: project.to_owned() }
    }

    pub(super) fn readable(colour: bool) -> Self {
        Self::Readable { colour }
    }
}

impl<S, W> Journal<S, W>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    pub(super) fn new(face: Face<S>, clock: Clock, writer: W) -> Self {
        Self { face, clock, writer }
    }
}

impl<S, W> Layer<S> for Journal<S, W>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(SpanFields(fields));
        }
        match &self.face {
            Face::Cloud { stackdriver, .. } => stackdriver.on_new_span(attributes, id, context),
            Face::Readable { .. } => (),
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(SpanFields(fields)) = span.extensions_mut().get_mut::<SpanFields>()
        {
            values.record(fields);
        }
        match &self.face {
            Face::Cloud { stackdriver, .. } => stackdriver.on_record(id, values, context),
            Face::Readable { .. } => (),
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let entry = Entry::of(event, &context, self.clock.now());
        let mut line = match &self.face {
            Face::Cloud { stackdriver, project } => cloud::line(stackdriver.start(event, context), &entry, project),
            Face::Readable { colour } => readable::line(&entry, *colour),
        };
        line.push('\n');
        // One write, so that lines of two threads do not mix. A log that cannot be written has nowhere to say so.
        let _ = self.writer.make_writer_for(event.metadata()).write_all(line.as_bytes());
    }
}
