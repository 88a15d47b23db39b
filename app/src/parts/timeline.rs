//! What happened so far.

use leptos::prelude::*;

use super::{naming::Who, when::Exactly};
use crate::{model::facts::TimelineEvent, paths};

/// What happened so far, oldest first.
#[component]
pub(crate) fn Timeline(events: Vec<TimelineEvent>) -> impl IntoView {
    view! {
        <ol class="timeline">
            {events
                .into_iter()
                .map(|event| {
                    view! {
                        <li>
                            <div class="timeline-what">
                                <strong>{event.what}</strong>
                                " "
                                <Who actor=event.actor />
                            </div>
                            {event.reason.map(|reason| view! { <blockquote>{reason}</blockquote> })}
                            <div class="timeline-when">
                                <Exactly at=event.at />
                                {event
                                    .audit_sequence
                                    .map(|sequence| {
                                        view! {
                                            <a href=paths::audit_entry(sequence)>{format!("Audit entry {sequence}")}</a>
                                        }
                                    })}
                            </div>
                        </li>
                    }
                })
                .collect_view()}
        </ol>
    }
}
