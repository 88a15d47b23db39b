//! Folding: letters that look alike become one letter, so that a disguise is no escape.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_security::confusable_detection::skeleton;

/// Signs that stand for letters inside words, such as `$` for `s`. They are kept by [`fold`].
pub(super) const SIGNS: [char; 6] = ['@', '$', '!', '|', '+', '€'];

/// Lower-case Cyrillic and Greek letters that pass for Latin ones although Unicode's table of lookalikes, which
/// compares shapes strictly, does not list them.
const LOOKALIKES: [(char, char); 29] = [
    ('в', 'b'),
    ('г', 'r'),
    ('з', '3'),
    ('к', 'k'),
    ('м', 'm'),
    ('н', 'h'),
    ('п', 'n'),
    ('т', 't'),
    ('ь', 'b'),
    ('б', '6'),
    ('и', 'u'),
    ('л', 'n'),
    ('α', 'a'),
    ('β', 'b'),
    ('γ', 'y'),
    ('ε', 'e'),
    ('η', 'n'),
    ('ι', 'i'),
    ('κ', 'k'),
    ('μ', 'u'),
    ('ν', 'v'),
    ('ο', 'o'),
    ('π', 'n'),
    ('ρ', 'p'),
    ('σ', 'o'),
    ('τ', 't'),
    ('υ', 'u'),
    ('χ', 'x'),
    ('ω', 'w'),
];

/// The text in compatibility form (NFKD) without accents and invisible characters, lookalikes replaced, lower case.
///
/// An `l` that came from a lookalike becomes `1`, because Unicode gives it for lookalikes of `I` too.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd() {
        if letter.is_ascii() {
            folded.push(letter.to_ascii_lowercase());
        } else if SIGNS.contains(&letter) {
            folded.push(letter);
        } else if !is_combining_mark(letter) && !is_invisible(letter) {
            fold_letter(letter, &mut folded);
        }
    }
    folded
}

fn fold_letter(letter: char, folded: &mut String) {
    if let Some(plain) = boxed(letter) {
        folded.push(plain);
        return;
    }
    if let Some((_, plain)) = LOOKALIKES.iter().find(|(lookalike, _)| *lookalike == letter) {
        folded.push(*plain);
        return;
    }
    let shape: String = skeleton(letter.encode_utf8(&mut [0; 4])).collect();
    match shape.as_str() {
        "l" => folded.push('1'),
        "rn" => folded.push('m'),
        "vv" => folded.push('w'),
        shape if !shape.is_empty() && shape.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            folded.push_str(&shape.to_ascii_lowercase());
        }
        _ => folded.extend(letter.to_lowercase()),
    }
}

/// Letters in squares, in circles and on flags, which NFKD leaves alone.
fn boxed(letter: char) -> Option<char> {
    const FIRST: [u32; 4] = [0x1F130, 0x1F150, 0x1F170, 0x1F1E6];
    let code = u32::from(letter);
    let offset = FIRST.into_iter().filter_map(|first| code.checked_sub(first)).find(|offset| *offset < 26)?;
    char::from_u32(u32::from('a') + offset)
}

/// Is it a character that nobody sees: zero width, direction, filler, variation, tag?
fn is_invisible(letter: char) -> bool {
    matches!(u32::from(letter),
        0xAD | 0x34F | 0x61C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F
        | 0x202A..=0x202E | 0x2060..=0x206F | 0x2800 | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0
        | 0xFFF0..=0xFFF8 | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disguises_fall_off() {
        for disguised in [
            "Bomb",
            "ＢＯＭＢ",
            "𝐛𝐨𝐦𝐛",
            "ⓑⓞⓜⓑ",
            "🅱🅾🅼🅱",
            "b\u{200b}o\u{2060}m\u{feff}b",
            "b\u{ad}omb",
            "bо\u{301}mb",
            "Ьомб",
        ] {
            let folded = fold(disguised).replace('6', "b");
            assert_eq!(folded, "bomb", "{disguised}");
        }
        assert_eq!(fold("wеаpоn"), "weapon", "Cyrillic е, а, о");
        assert_eq!(fold("ΝΙΚΕ"), "n1ke", "Greek, and a lookalike of I or l");
        assert_eq!(fold("Größe façade"), "große facade");
        assert_eq!(fold("\u{e0062}\u{e006f}x"), "x", "tags");
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        let plain = "speckled dinner set (12), $40 @ 9:30!";
        assert_eq!(fold(plain), plain);
    }
}
