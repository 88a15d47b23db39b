//! Ages that go on while the page is looked at.

use js_sys::Date;
use web_sys::HtmlElement;

use super::{live, page};
use crate::ages::relative;

/// How often ages are told anew, in milliseconds.
const OFTEN: i32 = 15_000;

struct Age {
    shown: HtmlElement,
    /// Milliseconds since 1970.
    at: f64,
}

/// Tells ages by the service's clock, not the browser's: it goes on from when the page was made.
pub(super) fn start() -> Option<()> {
    let made = page::find("#alive")?.get_attribute("data-made")?.parse::<i64>().ok()? as f64;
    let ages: Vec<Age> = page::all("time > .ago").into_iter().filter_map(age).collect();
    let began = page::now();
    page::every(OFTEN, move || {
        if live::is_paused() {
            return;
        }
        let now = made + page::now() - began;
        for age in &ages {
            page::write(&age.shown, &relative(((now - age.at) / 1_000.0) as i64));
        }
    });
    Some(())
}

fn age(shown: HtmlElement) -> Option<Age> {
    let at = Date::parse(&shown.parent_element()?.get_attribute("datetime")?);
    (!at.is_nan()).then_some(Age { shown, at })
}
