//! The end of a session, told before it comes, with a way to stay.

use web_sys::{Element, HtmlElement};

use super::{
    leaving::{End, Said},
    page,
};

/// What is asked for to stay: any answer to a signed-in person will do.
const STAY: &str = "/api/v1/changes";

/// The place where the end of the session is told.
pub(super) struct Session {
    /// How long a session lasts that was just used, in seconds.
    lasts: f64,
    end: Option<End>,
    said: Said,
    place: HtmlElement,
    words: HtmlElement,
    stay: HtmlElement,
    again: HtmlElement,
}

impl Session {
    /// As the page says that it was when it was made.
    pub(super) fn of(aside: &Element) -> Option<Self> {
        let place = page::within(aside, ".ending")?;
        let lasts = f64::from(aside.get_attribute("data-seconds")?.parse::<u32>().ok()?);
        let mut session = Self {
            lasts,
            end: None,
            said: Said::Nothing,
            words: page::within(&place, "[role=alert]")?,
            stay: page::within(&place, "[data-stay]")?,
            again: page::within(&place, "[data-again]")?,
            place,
        };
        session.hear(lasts, aside.get_attribute("data-can-stay").as_deref() == Some("true"));
        Some(session)
    }

    /// It ends in so many seconds.
    pub(super) fn hear(&mut self, seconds: f64, can_stay: bool) {
        self.end = Some(End { at: page::now() + seconds * 1_000.0, can_stay });
        self.show();
    }

    /// It has ended.
    pub(super) fn over(&mut self) {
        self.hear(0.0, false);
    }

    /// The link that stays.
    pub(super) const fn stay_link(&self) -> &HtmlElement {
        &self.stay
    }

    /// Asks the service for something, which is a use of the session; `told` hears whether that went well.
    pub(super) fn ask_to_stay(told: impl Fn(bool) + Clone + 'static) {
        page::ask(STAY, None, told);
    }

    /// The reader stayed.
    pub(super) fn stayed(&mut self) {
        self.hear(self.lasts, true);
        page::say("You stay signed in.");
    }

    /// Says what is to be said now.
    pub(super) fn show(&mut self) {
        let said = self.end.map_or(Said::Nothing, |end| end.said(page::now()));
        if said == self.said {
            return;
        }
        let words = match &said {
            Said::Nothing => "",
            Said::Stay(words) | Said::Soon(words) => words,
            Said::Over => "You are signed out. Copy what you typed here before you sign in again.",
        };
        page::show(&self.place, said != Said::Nothing);
        page::show(&self.stay, matches!(said, Said::Stay(_)));
        page::show(&self.again, matches!(said, Said::Over));
        page::write(&self.words, words);
        self.said = said;
    }
}
