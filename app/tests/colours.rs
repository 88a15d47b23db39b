//! The stylesheet's colours can be read in light and in dark.

use std::collections::HashMap;

use studio_cockpit::assets::STYLESHEET;

/// Pairs of text and background that occur, and the least contrast WCAG 2.2 AA asks for.
const PAIRS: [(&str, &str, f64); 33] = [
    ("ink", "page", 4.5),
    ("ink", "surface", 4.5),
    ("ink-soft", "page", 4.5),
    ("ink-soft", "surface", 4.5),
    ("ink-soft", "raised", 4.5),
    ("ink-soft", "quiet-wash", 4.5),
    ("ink-faint", "page", 4.5),
    ("ink-faint", "surface", 4.5),
    ("ink-faint", "raised", 4.5),
    ("ink-faint", "active-wash", 4.5),
    ("ink-faint", "warn-wash", 4.5),
    ("ink-faint", "good-wash", 4.5),
    ("link", "page", 4.5),
    ("link", "surface", 4.5),
    ("link", "bad-wash", 4.5),
    ("clay", "page", 4.5),
    ("clay", "surface", 4.5),
    ("good", "good-wash", 4.5),
    ("active", "active-wash", 4.5),
    ("warn", "warn-wash", 4.5),
    ("bad", "bad-wash", 4.5),
    ("on-strong", "strong", 4.5),
    ("line-strong", "surface", 3.0),
    ("focus", "page", 3.0),
    ("focus", "surface", 3.0),
    ("bad", "surface", 4.5),
    ("on-bad", "bad", 4.5),
    ("link", "raised", 4.5),
    ("clay", "raised", 3.0),
    ("series-1", "surface", 3.0),
    ("series-2", "surface", 3.0),
    ("series-3", "surface", 3.0),
    ("series-4", "surface", 3.0),
];

#[test]
fn every_pair_of_colours_has_enough_contrast_in_both_themes() {
    let tokens = tokens();
    for (ink, ground, least) in PAIRS {
        for (theme, name) in ["light", "dark"].into_iter().enumerate() {
            let contrast = contrast(tokens[ink][theme], tokens[ground][theme]);
            assert!(contrast >= least, "{ink} on {ground}, {name}: {contrast:.2}");
        }
    }
}

/// Every `--name: light-dark(#rrggbb, #rrggbb)` of the stylesheet.
fn tokens() -> HashMap<&'static str, [u32; 2]> {
    str::from_utf8(STYLESHEET.bytes)
        .expect("text")
        .split(['{', ';'])
        .filter_map(|line| {
            let (name, rest) = line.strip_prefix("--")?.split_once(":light-dark(#")?;
            let (light, dark) = rest.strip_suffix(')')?.split_once(",#")?;
            Some((name, [u32::from_str_radix(light, 16).ok()?, u32::from_str_radix(dark, 16).ok()?]))
        })
        .collect()
}

fn contrast(one: u32, other: u32) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: u32) -> f64 {
    let channel = |shift: u32| {
        let value = f64::from((colour >> shift) & 0xff) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
}
