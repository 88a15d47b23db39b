//! Copying ids and hashes: a button after each that stands in a list of facts.

use web_sys::HtmlElement;

use super::page;

/// Adds the buttons, where the browser lets a page copy.
pub(super) fn start() -> Option<()> {
    let clipboard = page::window()?.navigator().clipboard();
    if clipboard.is_undefined() {
        return None;
    }
    for code in page::all("dd > code.code") {
        add(&code);
    }
    Some(())
}

fn add(code: &HtmlElement) -> Option<()> {
    // A hash that is shown in part is copied whole.
    let text = Some(code.title()).filter(|whole| !whole.is_empty()).or_else(|| code.text_content())?;
    let button = page::made("button", "copy", "Copy")?;
    button.set_attribute("type", "button").ok()?;
    let name = page::made("span", "hidden", &format!(" {}", code.text_content()?))?;
    page::append(&button, &name);
    code.insert_adjacent_element("afterend", &button).ok()?;
    let pressed = button.clone();
    page::on(&button, "click", move |_| {
        let Some(window) = page::window() else { return };
        let pressed = pressed.clone();
        page::then(&window.navigator().clipboard().write_text(&text), move |done| {
            let words = if done.is_some() { "Copied" } else { "Not copied: the browser refused" };
            tell(&pressed, words);
        });
    });
    Some(())
}

/// Says it on the button for a moment, and to whoever cannot see that.
fn tell(button: &HtmlElement, words: &str) {
    page::say(words);
    let Some(word) = button.first_child() else { return };
    word.set_text_content(Some(words));
    page::later(2_000, move || word.set_text_content(Some("Copy")));
}
