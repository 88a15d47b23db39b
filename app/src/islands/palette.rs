//! Every place, by typing: the links of the rail once more, and the search for documents.

use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, HtmlAnchorElement, HtmlDialogElement, HtmlElement, HtmlInputElement, KeyboardEvent};

use super::page;

/// The links that it lists.
const LINKS: &str = ".rail nav a[href]";

/// The places, as they are listed.
#[derive(Clone)]
struct Places {
    input: HtmlInputElement,
    found: HtmlElement,
    entries: Vec<(String, HtmlElement, HtmlElement)>,
}

/// Fills the palette, and opens it by its buttons and by Ctrl or ⌘ with K.
pub(super) fn start() -> Option<()> {
    let dialog = dialog("palette")?;
    let list = page::within(&dialog, "ul")?;
    let entries = page::all(LINKS).into_iter().filter_map(|link| entry(&link, &list)).collect();
    let places = Places {
        input: page::within(&dialog, "input")?.dyn_into().ok()?,
        found: page::within(&dialog, "[role=status]")?,
        entries,
    };
    let typed = places.clone();
    page::on(&places.input, "input", move |_| typed.filter());
    let moved = places.clone();
    page::on(&dialog, "keydown", move |event| moved.press(&event).unwrap_or_default());
    opens("palette");
    let document = page::document()?;
    page::on(&document, "keydown", move |event| {
        let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
        if (key.ctrl_key() || key.meta_key()) && !key.alt_key() && key.key().eq_ignore_ascii_case("k") {
            event.prevent_default();
            open("palette");
        }
    });
    Some(())
}

/// A dialog of the page.
pub(super) fn dialog(id: &str) -> Option<HtmlDialogElement> {
    page::find(&format!("dialog#{id}"))?.dyn_into().ok()
}

/// Opens a dialog, unless one is open.
pub(super) fn open(id: &str) {
    if page::find("dialog[open]").is_none()
        && let Some(dialog) = dialog(id)
    {
        // Only a dialog that is shown in another way refuses.
        let _ = dialog.show_modal();
    }
}

/// Shows the buttons that open it.
pub(super) fn opens(id: &'static str) {
    for button in page::all(&format!("[data-opens={id}]")) {
        page::show(&button, true);
        page::on(&button, "click", move |_| open(id));
    }
}

fn entry(link: &HtmlElement, list: &Element) -> Option<(String, HtmlElement, HtmlElement)> {
    // The name alone: the number beside it would be read as a part of it.
    let name = page::within(link, "span")?.text_content()?;
    let (item, copy) = (page::made("li", "", "")?, page::made("a", "", &name)?);
    copy.set_attribute("href", &link.get_attribute("href")?).ok()?;
    page::append(&item, &copy);
    page::append(list, &item);
    Some((name.to_lowercase(), item, copy))
}

impl Places {
    fn shown(&self) -> Vec<&HtmlElement> {
        self.entries.iter().filter(|(_, item, _)| !item.hidden()).map(|(_, _, link)| link).collect()
    }

    fn filter(&self) {
        let wanted = self.input.value().trim().to_lowercase();
        for (name, item, _) in &self.entries {
            page::show(item, name.contains(&wanted));
        }
        page::write(
            &self.found,
            &match self.shown().len() {
                0 => "No page is called so; Enter looks for documents.".to_owned(),
                1 => "1 page".to_owned(),
                many => format!("{many} pages"),
            },
        );
    }

    /// Arrows move along the places; Enter goes to the first one that was found.
    fn press(&self, event: &Event) -> Option<()> {
        let key = event.dyn_ref::<KeyboardEvent>()?.key();
        let shown = self.shown();
        let here = page::document()?.active_element();
        let at = shown.iter().position(|link| here.as_ref() == Some(link.as_ref()));
        let in_input = here.as_ref() == Some(self.input.as_ref());
        match (key.as_str(), at) {
            ("ArrowDown", None) => shown.first()?.focus().ok()?,
            ("ArrowDown", Some(at)) => shown.get(at + 1)?.focus().ok()?,
            ("ArrowUp", Some(0)) => self.input.focus().ok()?,
            ("ArrowUp", Some(at)) => shown.get(at - 1)?.focus().ok()?,
            ("Enter", None) if in_input && !self.input.value().trim().is_empty() => {
                shown.first()?.dyn_ref::<HtmlAnchorElement>()?.click();
            }
            _ => return None,
        }
        event.prevent_default();
        Some(())
    }
}
