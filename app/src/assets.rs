//! Files the pages ask for, named by their content so that a browser may keep them for ever.

/// A file to serve.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// The name below `/assets/`, before the hash.
    stem: &'static str,
    /// The name's end.
    extension: &'static str,
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// What is in it.
    pub text: &'static str,
    hash: u64,
}

impl Asset {
    const fn new(stem: &'static str, extension: &'static str, content_type: &'static str, text: &'static str) -> Self {
        Self { stem, extension, content_type, text, hash: fnv1a(text.as_bytes()) }
    }

    /// The path under which it is asked for, such as `/assets/cockpit.0123456789abcdef.css`.
    pub fn path(&self) -> String {
        format!("/assets/{}.{:016x}.{}", self.stem, self.hash, self.extension)
    }
}

/// The stylesheet of every page.
pub static STYLESHEET: Asset =
    Asset::new("cockpit", "css", "text/css; charset=utf-8", include_str!("../style/cockpit.css"));

/// The icon of the browser's tab.
pub static FAVICON: Asset = Asset::new("favicon", "svg", "image/svg+xml", include_str!("../style/favicon.svg"));

/// Every file the pages ask for.
pub static ASSETS: [&Asset; 2] = [&STYLESHEET, &FAVICON];

/// The icons' symbols, placed once in every page.
pub(crate) const SPRITE: &str = include_str!("../style/icons.svg");

/// FNV-1a over 64 bits: enough to tell two builds of a file apart, and constant.
const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        at += 1;
    }
    hash
}
