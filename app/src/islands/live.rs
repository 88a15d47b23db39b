//! Changes told as they happen, beside what is being read.

use std::{cell::RefCell, rc::Rc};

use js_sys::{JSON, Reflect};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::{Element, Event, EventSource, HtmlElement, MessageEvent};

use super::{news::News, page, session::Session};

/// Where the reader's wish to be left alone is remembered.
const PAUSE: &str = "sb-live";

/// How long a connection may be lost before it is told, in milliseconds.
const LOST_AFTER: f64 = 4_000.0;

/// How long to wait before a refused stream is asked for again, in milliseconds.
const AGAIN_AFTER: f64 = 15_000.0;

/// Does the reader want to be left alone?
pub(super) fn is_paused() -> bool {
    page::remembered(PAUSE).as_deref() == Some("paused")
}

/// An open stream, and what listens to it.
struct Stream {
    source: EventSource,
    _heard: Vec<Closure<dyn FnMut(Event)>>,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.close();
    }
}

struct Live {
    address: String,
    /// The id of what was heard last.
    last: String,
    news: News,
    words: String,
    session: Option<Session>,
    is_over: bool,
    is_paused: bool,
    lost_since: Option<f64>,
    open_at: f64,
    stream: Option<Stream>,
    told: HtmlElement,
    reload: HtmlElement,
    pause: HtmlElement,
}

type Shared = Rc<RefCell<Live>>;

/// Begins to listen, where the page says from where.
pub(super) fn start() -> Option<()> {
    let aside = page::find("#alive")?;
    let live = Rc::new(RefCell::new(Live::of(&aside)?));
    page::show(&aside, true);
    let (pause, shared) = (live.borrow().pause.clone(), live.clone());
    page::on(&pause, "click", move |_| shared.borrow_mut().turn_pause());
    stay(&live);
    let (window, document) = (page::window()?, page::document()?);
    let shared = live.clone();
    page::on(&document, "visibilitychange", move |_| look(&shared));
    let shared = live.clone();
    page::on(&window, "pageshow", move |_| look(&shared));
    let shared = live.clone();
    page::on(&window, "pagehide", move |_| shared.borrow_mut().stream = None);
    look(&live);
    page::every(1_000, move || look(&live));
    Some(())
}

/// The link that stays signed in does it without leaving the page.
fn stay(live: &Shared) {
    let Some(link) = live.borrow().session.as_ref().map(|session| session.stay_link().clone()) else { return };
    let shared = live.clone();
    page::on(&link, "click", move |event| {
        event.prevent_default();
        let shared = shared.clone();
        Session::ask_to_stay(move |is_well| {
            let mut live = shared.borrow_mut();
            match live.session.as_mut() {
                Some(session) if is_well => session.stayed(),
                Some(session) => session.over(),
                None => {}
            }
        });
    });
}

/// Opens, closes and tells what is due.
fn look(live: &Shared) {
    let now = page::now();
    let mut this = live.borrow_mut();
    if page::is_hidden() || this.is_over {
        this.stream = None;
    } else if this.stream.is_none() && now >= this.open_at {
        this.stream = open(live, &this.address, &this.last);
    }
    let state = this.stream.as_ref().map_or(EventSource::CLOSED, |stream| stream.source.ready_state());
    if state == EventSource::OPEN || page::is_hidden() || this.is_over {
        this.lost_since = None;
    } else {
        this.lost_since.get_or_insert(now);
    }
    if state == EventSource::CLOSED && this.stream.take().is_some() {
        this.open_at = now + AGAIN_AFTER;
    }
    if let Some(session) = this.session.as_mut() {
        session.show();
    }
    this.show(now);
}

fn open(live: &Shared, address: &str, last: &str) -> Option<Stream> {
    let source = EventSource::new(&format!("{address}?after={last}")).ok()?;
    let heard = ["changed", "many", "session", "ended"].map(|name| {
        let shared = live.clone();
        let heard = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            if let (Some(event), Ok(mut live)) = (event.dyn_ref::<MessageEvent>(), shared.try_borrow_mut()) {
                live.hear(name, event);
            }
        });
        let _ = source.add_event_listener_with_callback(name, heard.as_ref().unchecked_ref());
        heard
    });
    Some(Stream { source, _heard: heard.into() })
}

impl Live {
    fn of(aside: &Element) -> Option<Self> {
        Some(Self {
            address: aside.get_attribute("data-live")?,
            last: aside.get_attribute("data-after")?,
            news: News::about(&aside.get_attribute("data-topics").unwrap_or_default()),
            words: String::new(),
            session: Session::of(aside),
            is_over: false,
            is_paused: is_paused(),
            lost_since: None,
            open_at: 0.0,
            stream: None,
            told: page::within(aside, ".live [role=status]")?,
            reload: page::within(aside, ".live a")?,
            pause: page::within(aside, ".live button")?,
        })
    }

    fn hear(&mut self, name: &str, event: &MessageEvent) {
        let id = event.last_event_id();
        if !id.is_empty() {
            self.last = id;
        }
        let data = event.data().as_string().and_then(|text| JSON::parse(&text).ok()).unwrap_or(JsValue::NULL);
        let get = |key: &str| Reflect::get(&data, &key.into()).unwrap_or(JsValue::NULL);
        match name {
            "changed" => {
                let count = get("count").as_f64().unwrap_or(1.0);
                self.news.hear(&get("topic").as_string().unwrap_or_default(), count as u64);
            }
            "many" => self.news.hear_many(),
            "session" => {
                if let (Some(session), Some(seconds)) = (self.session.as_mut(), get("seconds").as_f64()) {
                    session.hear(seconds, get("can_stay").as_bool().unwrap_or(false));
                }
            }
            "ended" => {
                self.is_over = true;
                if let Some(session) = self.session.as_mut() {
                    session.over();
                }
            }
            _ => {}
        }
    }

    fn turn_pause(&mut self) {
        self.is_paused = !self.is_paused;
        self.words.clear();
        page::remember(PAUSE, if self.is_paused { "paused" } else { "on" });
        self.news.unsaid();
        self.show(page::now());
    }

    fn show(&mut self, now: f64) {
        let is_lost = self.lost_since.is_some_and(|since| now - since >= LOST_AFTER);
        if self.is_paused {
            "Updates are paused".clone_into(&mut self.words);
        } else if is_lost {
            "Connection lost: trying again".clone_into(&mut self.words);
            self.news.unsaid();
        } else if let Some(words) = self.news.tell(now) {
            self.words = words;
        } else if self.lost_since.is_none() && self.words.starts_with("Connection") {
            self.words.clear();
        }
        let says_something = !self.words.is_empty();
        page::write(&self.told, &self.words);
        page::show(&self.reload, says_something && !self.is_paused);
        page::show(&self.pause, says_something);
        page::write(&self.pause, if self.is_paused { "Go on" } else { "Pause" });
    }
}
