//! What scripts add to a page that is whole without them: this part of the crate runs in the browser.
//!
//! # Guarantees
//! * Nothing here is needed: a page whose bundle is missing, blocked or broken loses no link, no form and no word.
//! * What is being read is never moved, reordered or replaced; news is told beside it.
//! * Whatever a piece does not find on the page, it leaves alone, and the other pieces go on.

/// The page, and what a browser offers.
#[cfg(feature = "islands")]
mod page;

/// Which changes count, and how they are told.
mod news;

/// When the reader is signed out.
mod leaving;

/// What keys mean.
mod keys;

/// Changes told as they happen.
#[cfg(feature = "islands")]
mod live;

/// The end of a session, told before it comes.
#[cfg(feature = "islands")]
mod session;

/// Ages that go on.
#[cfg(feature = "islands")]
mod times;

/// Copying ids and hashes.
#[cfg(feature = "islands")]
mod copying;

/// Keys for what is done all day.
#[cfg(feature = "islands")]
mod shortcuts;

/// Every place, by typing.
#[cfg(feature = "islands")]
mod palette;

/// Picking many.
#[cfg(feature = "islands")]
mod picking;

/// Colours that change at once.
#[cfg(feature = "islands")]
mod theme;

#[cfg(feature = "islands")]
pub use entry::start;

/// Where the browser begins.
#[cfg(feature = "islands")]
mod entry {
    use wasm_bindgen::prelude::wasm_bindgen;

    use super::{copying, live, page, palette, picking, shortcuts, theme, times};

    /// Adds everything that the page has a place for.
    #[wasm_bindgen(start)]
    pub fn start() {
        // Each says by `None` that the page has no place for it.
        let _ = [
            times::start(),
            copying::start(),
            picking::start(),
            theme::start(),
            palette::start(),
            shortcuts::start(),
            live::start(),
        ];
        if let Some(root) = page::root() {
            let _ = root.set_attribute("data-alive", "yes");
        }
    }
}
