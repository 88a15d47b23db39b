//! Keys for what is done all day, with a list of them and a switch.

use std::cell::RefCell;

use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, HtmlInputElement, KeyboardEvent};

use super::{
    keys::{Act, Keys},
    page, palette, picking,
};

/// Where it is remembered that the reader wants no single keys.
const SWITCH: &str = "sb-keys";

/// What `j` and `k` move along.
const ROWS: &str = "main tbody tr";

/// Listens to keys, and shows the list of them.
pub(super) fn start() -> Option<()> {
    let dialog = palette::dialog("shortcuts")?;
    let switch: HtmlInputElement = page::within(&dialog, "input[type=checkbox]")?.dyn_into().ok()?;
    switch.set_checked(page::remembered(SWITCH).as_deref() != Some("off"));
    palette::opens("shortcuts");
    let turned = switch.clone();
    page::on(&switch, "change", move |_| page::remember(SWITCH, if turned.checked() { "on" } else { "off" }));
    let keys = RefCell::new(Keys::default());
    let document = page::document()?;
    page::on(&document, "keydown", move |event| {
        let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
        if !switch.checked() || event.default_prevented() || is_spoken_for(key) {
            return;
        }
        let act = keys.borrow_mut().press(&key.key(), page::now());
        if act.and_then(carry_out).is_some() {
            event.prevent_default();
        }
    });
    Some(())
}

/// Keys with Ctrl, Alt or ⌘ are the browser's, those in a field are text, and those in a dialog are the dialog's.
fn is_spoken_for(key: &KeyboardEvent) -> bool {
    let target = key.target().and_then(|target| target.dyn_into::<Element>().ok());
    let types = |element: &Element| {
        element.closest("textarea, select, [contenteditable], dialog").is_ok_and(|found| found.is_some())
            || element.dyn_ref::<HtmlInputElement>().is_some_and(|input| input.type_() != "checkbox")
    };
    key.ctrl_key() || key.meta_key() || key.alt_key() || key.is_composing() || target.as_ref().is_some_and(types)
}

fn carry_out(act: Act) -> Option<()> {
    match act {
        Act::Help => palette::open("shortcuts"),
        Act::Search => match page::find("main input[type=search]") {
            Some(search) => search.focus().ok()?,
            None => palette::open("palette"),
        },
        Act::Go(place) => page::find(&format!(".rail nav a[href='{place}']"))?.click(),
        Act::Down => step(1)?,
        Act::Up => step(-1)?,
        Act::Pick => page::within(&row()?, picking::BOX)?.click(),
    }
    Some(())
}

/// The row that has the focus.
fn row() -> Option<Element> {
    page::document()?.active_element()?.closest(ROWS).ok()?
}

/// To the first link of another row; Enter opens it.
fn step(by: isize) -> Option<()> {
    let rows: Vec<(HtmlElement, HtmlElement)> =
        page::all(ROWS).into_iter().filter_map(|row| page::within(&row, "a[href]").map(|link| (row, link))).collect();
    let here = row().and_then(|here| rows.iter().position(|(row, _)| **row == here));
    let next = here.map_or(0, |at| at.saturating_add_signed(by).min(rows.len().saturating_sub(1)));
    rows.get(next)?.1.focus().ok()
}
