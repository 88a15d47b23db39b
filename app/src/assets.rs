//! Files the pages ask for, named by their content so that a browser may keep them for ever.

/// A file to serve.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    name: Name,
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// What is in it.
    pub bytes: &'static [u8],
    /// The same, smaller, for browsers that read Brotli.
    pub brotli: Option<&'static [u8]>,
    /// The same, smaller, for browsers that read gzip.
    pub gzip: Option<&'static [u8]>,
}

/// What a file is called below `/assets/`.
#[derive(Debug, Clone, Copy)]
enum Name {
    /// Its hash is put between the two.
    Hashed { stem: &'static str, extension: &'static str, hash: u64 },
    /// Whoever built it put the hash into its name.
    Built(&'static str),
}

impl Asset {
    const fn new(stem: &'static str, extension: &'static str, content_type: &'static str, text: &'static str) -> Self {
        let bytes = text.as_bytes();
        let name = Name::Hashed { stem, extension, hash: fnv1a(bytes) };
        Self { name, content_type, bytes, brotli: None, gzip: None }
    }

    /// A file of the bundle; called by what the build script writes.
    #[cfg_attr(not(bundled), expect(dead_code, reason = "only a bundle has such files"))]
    const fn built(
        name: &'static str,
        content_type: &'static str,
        bytes: &'static [u8],
        brotli: &'static [u8],
        gzip: &'static [u8],
    ) -> Self {
        Self { name: Name::Built(name), content_type, bytes, brotli: Some(brotli), gzip: Some(gzip) }
    }

    /// The path under which it is asked for, such as `/assets/cockpit.0123456789abcdef.css`.
    pub fn path(&self) -> String {
        match self.name {
            Name::Hashed { stem, extension, hash } => format!("/assets/{stem}.{hash:016x}.{extension}"),
            Name::Built(name) => format!("/assets/{name}"),
        }
    }
}

/// What runs in the browser, built by `app/bundle`.
#[derive(Debug, Clone, Copy)]
pub struct Bundle {
    /// The module that the page names.
    pub script: Asset,
    /// What it loads.
    pub wasm: Asset,
    /// How what it shows looks: without it there is nothing to show.
    pub style: Asset,
}

/// The bundle that was there when this was built, if one was. Without it pages name no script at all.
pub const BUNDLE: Option<Bundle> = include!(concat!(env!("OUT_DIR"), "/bundle.rs"));

/// The stylesheet as it is written: a file for each cascade layer, weakest first.
const LAYERS: &str = concat!(
    "@layer reset, tokens, base, layout, parts, pages, print;\n",
    include_str!("../style/reset.css"),
    include_str!("../style/tokens.css"),
    include_str!("../style/base.css"),
    include_str!("../style/layout.css"),
    include_str!("../style/parts.css"),
    include_str!("../style/pages.css"),
    include_str!("../style/print.css"),
);

static SQUEEZED: [u8; squeezed_length(LAYERS.as_bytes())] = squeezed(LAYERS.as_bytes());

/// The stylesheet of every page: all layers, without spaces that say nothing and comments.
pub static STYLESHEET: Asset = Asset::new("cockpit", "css", "text/css; charset=utf-8", text(&SQUEEZED));

/// The icon of the browser's tab.
pub static FAVICON: Asset = Asset::new("favicon", "svg", "image/svg+xml", include_str!("../style/favicon.svg"));

/// What runs Firebase's script on the sign-in page, where that is configured.
pub static FIREBASE_SIGN_IN: Asset = Asset::new(
    "firebase-sign-in",
    "js",
    "text/javascript; charset=utf-8",
    include_str!("../scripts/firebase_sign_in.js"),
);

/// Every file the pages ask for.
pub fn assets() -> impl Iterator<Item = &'static Asset> {
    let built = const { &BUNDLE }.iter().flat_map(|bundle| [&bundle.script, &bundle.wasm, &bundle.style]);
    [&STYLESHEET, &FAVICON, &FIREBASE_SIGN_IN].into_iter().chain(built)
}

/// The icons' symbols, one a line.
const SPRITE: &str = include_str!("../style/icons.svg");

/// Where a page has its symbols.
const PLACE_OF_SYMBOLS: &str = "<svg class=\"sprite\" aria-hidden=\"true\">";

/// The page with the symbols that it uses, and no others, at the place for them.
pub(crate) fn with_symbols(page: &str) -> String {
    let used = |symbol: &&str| {
        let id = symbol.split('"').nth(1).unwrap_or_default();
        page.contains(&format!("<use href=\"#{id}\">"))
    };
    let symbols: String = SPRITE.lines().filter(used).collect();
    page.replacen(PLACE_OF_SYMBOLS, &format!("{PLACE_OF_SYMBOLS}{symbols}"), 1)
}

/// The byte after a space that says nothing or a comment, if one is here; else the same place.
const fn after_filler(bytes: &[u8], from: usize) -> usize {
    if bytes[from].is_ascii_whitespace() {
        let opens = from + 1 < bytes.len() && bytes[from + 1] == b'{';
        let says_nothing =
            from == 0 || opens || matches!(bytes[from - 1], b' ' | b'\n' | b';' | b':' | b',' | b'{' | b'}' | b'/');
        return if says_nothing { from + 1 } else { from };
    }
    let mut at = from;
    if bytes[from] == b'/' && from + 1 < bytes.len() && bytes[from + 1] == b'*' {
        at += 4;
        while at < bytes.len() && !(bytes[at - 2] == b'*' && bytes[at - 1] == b'/') {
            at += 1;
        }
    }
    at
}

const fn squeezed_length(bytes: &[u8]) -> usize {
    let (mut at, mut length) = (0, 0);
    while at < bytes.len() {
        let after = after_filler(bytes, at);
        if after == at {
            length += 1;
            at += 1;
        } else {
            at = after;
        }
    }
    length
}

const fn squeezed<const LENGTH: usize>(bytes: &[u8]) -> [u8; LENGTH] {
    let mut left = [0; LENGTH];
    let (mut at, mut length) = (0, 0);
    while at < bytes.len() {
        let after = after_filler(bytes, at);
        if after == at {
            left[length] = bytes[at];
            length += 1;
            at += 1;
        } else {
            at = after;
        }
    }
    left
}

const fn text(bytes: &'static [u8]) -> &'static str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("BUG: only whole comments and spaces are left out"),
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parts::icon::Glyph;

    #[test]
    fn the_stylesheet_is_a_layer_after_the_other_and_small() {
        let names: Vec<&str> =
            LAYERS.lines().filter_map(|line| line.strip_prefix("@layer ")?.strip_suffix(" {")).collect();
        assert_eq!(format!("@layer {};", names.join(", ")), LAYERS.lines().next().unwrap_or_default());
        assert_eq!(LAYERS.matches("@layer").count(), names.len() + 1, "a file is one layer");
        assert!(["/*", "  ", "; ", "{ ", "\n "].iter().all(|filler| !text(STYLESHEET.bytes).contains(filler)));
        let solid = |css: &str| css.chars().filter(|each| !each.is_whitespace()).count();
        let comments: usize =
            LAYERS.split("/*").skip(1).map(|rest| solid(rest.split("*/").next().unwrap_or_default()) + 4).sum();
        assert_eq!(
            solid(text(STYLESHEET.bytes)) + comments,
            solid(LAYERS),
            "nothing but spaces and comments is left out"
        );
        assert!(STYLESHEET.bytes.len() <= 40_000, "{} bytes", STYLESHEET.bytes.len());
    }

    #[test]
    fn files_have_names_of_their_own_and_a_bundle_is_small() {
        let paths: Vec<String> = assets().map(Asset::path).collect();
        assert!(paths.iter().enumerate().all(|(at, path)| !paths[..at].contains(path)), "{paths:?}");
        if let Some(Bundle { script, wasm, style }) = &BUNDLE {
            assert!(wasm.bytes.starts_with(b"\0asm") && wasm.bytes.len() <= 300_000, "{} bytes", wasm.bytes.len());
            assert!(wasm.brotli.is_some_and(|small| small.len() <= 110_000));
            assert!(script.bytes.len() <= 40_000 && style.bytes.len() <= 4_000);
            assert!(text(script.bytes).contains(wasm.path().as_str()), "the script loads this very file");
        }
    }

    #[test]
    fn every_glyph_is_a_symbol_and_every_symbol_a_glyph() {
        let ids: Vec<&str> = SPRITE.lines().filter_map(|line| line.split('"').nth(1)).collect();
        for glyph in Glyph::ALL {
            assert!(ids.contains(&format!("i-{}", glyph.name()).as_str()), "{glyph:?}");
        }
        assert_eq!(ids.len(), Glyph::ALL.len());
    }

    #[test]
    fn a_page_carries_the_symbols_that_it_uses() {
        let page = with_symbols("<svg class=\"sprite\" aria-hidden=\"true\"></svg><use href=\"#i-lock\"></use>");
        assert_eq!(page.matches("<symbol").count(), 1);
        assert!(page.contains("<symbol id=\"i-lock\""));
    }
}
