//! How much of something is left: a bar, and the same in words.

use leptos::prelude::*;

use super::when::number;

/// How much is left of a limit; without a limit only that there is none.
#[component]
pub(crate) fn Level(
    /// What could be used now.
    remaining: Option<u32>,
    /// What can be used at most.
    limit: Option<u32>,
    /// Of what, for whoever cannot see the row.
    #[prop(into)]
    name: String,
) -> impl IntoView {
    match (remaining, limit) {
        (Some(remaining), Some(limit)) => {
            let words = format!("{} of {} left", number(remaining.into()), number(limit.into()));
            let said = words.clone();
            view! {
                <span class="level">
                    <meter
                        min="0"
                        max=limit.to_string()
                        low=(limit / 5).to_string()
                        high=(limit / 2).to_string()
                        optimum=limit.to_string()
                        value=remaining.to_string()
                        aria-label=name
                    >
                        {said}
                    </meter>
                    <span>{words}</span>
                </span>
            }
            .into_any()
        }
        (None, _) | (_, None) => view! { <span class="missing">"The registry has no such limit now"</span> }.into_any(),
    }
}
