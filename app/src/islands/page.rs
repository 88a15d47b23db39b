//! The page, and what a browser offers. What a browser refuses is `None`: then there is nothing to add.

use js_sys::{Date, Function, Promise};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::{Document, Element, Event, EventTarget, HtmlElement, Node, NodeList, RequestInit, Response, Window};

pub(super) fn window() -> Option<Window> {
    web_sys::window()
}

pub(super) fn document() -> Option<Document> {
    window()?.document()
}

/// The element of the whole document.
pub(super) fn root() -> Option<Element> {
    document()?.document_element()
}

/// Milliseconds since 1970, by the browser's clock.
pub(super) fn now() -> f64 {
    Date::now()
}

pub(super) fn is_hidden() -> bool {
    document().is_some_and(|document| document.hidden())
}

/// The first element on the page that this selects.
pub(super) fn find(selector: &str) -> Option<HtmlElement> {
    document()?.query_selector(selector).ok()??.dyn_into().ok()
}

/// The first element within this one.
pub(super) fn within(element: &Element, selector: &str) -> Option<HtmlElement> {
    element.query_selector(selector).ok()??.dyn_into().ok()
}

/// Every element on the page that this selects, in its order.
pub(super) fn all(selector: &str) -> Vec<HtmlElement> {
    let found = document().and_then(|document| document.query_selector_all(selector).ok());
    found.map(|found| listed(&found)).unwrap_or_default()
}

fn listed(found: &NodeList) -> Vec<HtmlElement> {
    (0..found.length()).filter_map(|at| found.get(at)?.dyn_into().ok()).collect()
}

/// A new element with a class and words.
pub(super) fn made(name: &str, class: &str, words: &str) -> Option<HtmlElement> {
    let element: HtmlElement = document()?.create_element(name).ok()?.dyn_into().ok()?;
    element.set_class_name(class);
    element.set_text_content(Some(words));
    Some(element)
}

/// Puts it at the end of another.
pub(super) fn append(to: &Node, child: &Node) {
    // Only a document that is being torn down refuses.
    let _ = to.append_child(child);
}

/// Sets the words, unless they are there already: a change is read aloud.
pub(super) fn write(element: &Element, words: &str) {
    if element.text_content().as_deref() != Some(words) {
        element.set_text_content(Some(words));
    }
}

/// Shows or hides.
pub(super) fn show(element: &HtmlElement, is_shown: bool) {
    if element.hidden() == is_shown {
        element.set_hidden(!is_shown);
    }
}

/// Listens as long as the page lives.
pub(super) fn on(target: &EventTarget, name: &str, heard: impl FnMut(Event) + 'static) {
    let heard = Closure::<dyn FnMut(Event)>::new(heard);
    let _ = target.add_event_listener_with_callback(name, function(&heard));
    heard.forget();
}

/// Does this again and again as long as the page lives, and not while nobody can see it.
pub(super) fn every(milliseconds: i32, mut act: impl FnMut() + 'static) {
    let act = Closure::<dyn FnMut()>::new(move || {
        if !is_hidden() {
            act();
        }
    });
    if let Some(window) = window() {
        let _ = window.set_interval_with_callback_and_timeout_and_arguments_0(function(&act), milliseconds);
    }
    act.forget();
}

/// Does this once, later.
pub(super) fn later(milliseconds: i32, act: impl FnOnce() + 'static) {
    let act = Closure::once_into_js(act);
    if let Some(window) = window() {
        let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(act.unchecked_ref(), milliseconds);
    }
}

/// Tells what became of a promise: did it come true?
pub(super) fn then(promise: &Promise, told: impl Fn(Option<JsValue>) + Clone + 'static) {
    let failed = told.clone();
    let (kept, broken) = (
        Closure::<dyn FnMut(JsValue)>::new(move |value| told(Some(value))),
        Closure::<dyn FnMut(JsValue)>::new(move |_| failed(None)),
    );
    let _ = promise.then2(&kept, &broken);
    kept.forget();
    broken.forget();
}

/// Asks the service for something; tells whether it answered well.
pub(super) fn ask(address: &str, with: Option<&RequestInit>, told: impl Fn(bool) + Clone + 'static) {
    let Some(window) = window() else { return told(false) };
    let promise = match with {
        Some(with) => window.fetch_with_str_and_init(address, with),
        None => window.fetch_with_str(address),
    };
    then(&promise, move |answer| {
        let answer = answer.and_then(|answer| answer.dyn_into::<Response>().ok());
        told(answer.is_some_and(|answer| answer.ok() && !answer.redirected()));
    });
}

/// What this browser was asked to remember.
pub(super) fn remembered(name: &str) -> Option<String> {
    window()?.local_storage().ok()??.get_item(name).ok()?
}

/// Remembers it in this browser, where it may.
pub(super) fn remember(name: &str, value: &str) {
    if let Some(Ok(Some(storage))) = window().map(|window| window.local_storage()) {
        let _ = storage.set_item(name, value);
    }
}

/// Says something to whoever cannot see it happen.
pub(super) fn say(words: &str) {
    if let Some(place) = find("#said") {
        place.set_text_content(Some(words));
    }
}

fn function<T: ?Sized>(closure: &Closure<T>) -> &Function {
    closure.as_ref().unchecked_ref()
}
