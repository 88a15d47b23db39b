//! Colours that change at once: the form does the same with a new page.

use wasm_bindgen::JsCast as _;
use web_sys::{FormData, HtmlElement, HtmlFormElement, RequestInit, UrlSearchParams};

use super::page;

/// Takes over the buttons of the theme's form.
pub(super) fn start() -> Option<()> {
    let form: HtmlFormElement = page::find("form.themes")?.dyn_into().ok()?;
    for button in page::all("form.themes button[name=theme]") {
        let (form, pressed) = (form.clone(), button.clone());
        page::on(&button, "click", move |event| {
            if choose(&form, &pressed).is_some() {
                event.prevent_default();
            }
        });
    }
    Some(())
}

fn choose(form: &HtmlFormElement, button: &HtmlElement) -> Option<()> {
    let word = button.get_attribute("value")?;
    let asked = RequestInit::new();
    asked.set_method("POST");
    let fields = UrlSearchParams::new().ok()?;
    fields.append("theme", &word);
    fields.append("return_to", &FormData::new_with_form(form).ok()?.get("return_to").as_string()?);
    asked.set_body(&fields);
    asked.set_redirect(web_sys::RequestRedirect::Manual);
    let _sent = page::window()?.fetch_with_str_and_init(&form.get_attribute("action")?, &asked);
    page::root()?.set_attribute("data-theme", &word).ok()?;
    let schemes = if word == "system" { "light dark" } else { &word };
    page::find("meta[name=color-scheme]")?.set_attribute("content", schemes).ok()?;
    for each in page::all("form.themes button[name=theme]") {
        let is_chosen = each.get_attribute("value").as_deref() == Some(word.as_str());
        each.set_attribute("aria-pressed", if is_chosen { "true" } else { "false" }).ok()?;
    }
    Some(())
}
