//! The readings of a text: lines of folded words with single spaces between, in which phrases are looked for.

use std::collections::HashSet;

use super::fold::{SIGNS, fold};
use super::text::Text;

/// Beyond so many pieces, only neighbours are read across their border.
const MOST_SEAMS: usize = 32;

/// How many words of each side are read across the border of two pieces.
const SEAM_WORDS: usize = 6;

/// The longest run of single letters that is read in every way.
const LONGEST_SPELLED: usize = 32;

/// A text, read in every way that a person might.
pub(super) struct Readings {
    /// Each begins and ends with a space and has single spaces between words.
    pub(super) lines: Vec<String>,
    /// Words that may be quoted: plain ones, and not names, numbers or addresses.
    pub(super) quotable: HashSet<String>,
}

/// A word with its signs, and how close it stands to the one before.
struct Word {
    text: String,
    joined: Joined,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Joined {
    /// A space or more lies between.
    No,
    /// One mark without spaces lies between, as in `gh-ost`.
    ByMark,
}

impl Readings {
    pub(super) fn of(text: &Text) -> Self {
        let mut quotable = HashSet::new();
        let mut private = HashSet::new();
        let mut pieces: Vec<Vec<Word>> = Vec::with_capacity(text.pieces().len());
        for piece in text.pieces() {
            note_words(piece, &mut quotable, &mut private);
            pieces.push(words(&fold(piece)));
        }
        quotable.retain(|word| !private.contains(word));
        let (plain, with_i) = (line(&pieces, plain_words), line(&pieces, |word| vec![letters(&word.text, 'i')]));
        let (with_l, spelled) = (line(&pieces, |word| vec![letters(&word.text, 'l')]), spelled(&pieces));
        let mut lines = vec![plain];
        for reading in [with_i, with_l, spelled, seams(&pieces)] {
            if !lines.contains(&reading) {
                lines.push(reading);
            }
        }
        Self { lines, quotable }
    }
}

/// Which words of the piece may be quoted, and which never, as they were written.
fn note_words(piece: &str, quotable: &mut HashSet<String>, private: &mut HashSet<String>) {
    for chunk in piece.split_whitespace() {
        let tells = chunk.chars().any(|letter| letter.is_numeric() || matches!(letter, '@' | '/' | '\\' | '#'));
        let first = chunk.chars().find(|letter| letter.is_alphanumeric());
        let set = if tells || first.is_none_or(char::is_uppercase) { &mut *private } else { &mut *quotable };
        set.extend(chunk.split(|letter: char| !letter.is_alphanumeric()).map(str::to_lowercase));
    }
}

fn words(folded: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let (mut text, mut gap) = (String::new(), String::new());
    for letter in folded.chars().chain([' ']) {
        if letter.is_alphanumeric() || SIGNS.contains(&letter) {
            text.push(letter);
        } else if matches!(letter, '\'' | '’' | '`') && !text.is_empty() {
            // Inside a word: don't.
        } else {
            if !text.is_empty() {
                let mut marks = gap.chars();
                let one_mark = marks.next().is_some_and(|mark| !mark.is_whitespace()) && marks.next().is_none();
                let joined = if one_mark { Joined::ByMark } else { Joined::No };
                words.push(Word { text: std::mem::take(&mut text), joined });
                gap.clear();
            }
            gap.push(letter);
        }
    }
    words
}

fn line(pieces: &[Vec<Word>], read: impl Fn(&Word) -> Vec<String>) -> String {
    let mut line = String::from(" ");
    for word in pieces.iter().flatten().flat_map(read).filter(|word| !word.is_empty()) {
        line.push_str(&word);
        line.push(' ');
    }
    line
}

/// The word as it stands, signs being no part of it.
fn plain_words(word: &Word) -> Vec<String> {
    word.text.split(SIGNS).map(str::to_owned).collect()
}

/// The word with figures and signs read as letters, and drawn-out letters shortened; `one` is what `1` stands for.
fn letters(word: &str, one: char) -> String {
    let word = word.trim_matches(['!', '|', '+']);
    if !word.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return word.replace(SIGNS, "");
    }
    let read = word.chars().map(|letter| match letter {
        '0' => 'o',
        '1' | '!' | '|' => one,
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '6' | '9' => 'g',
        '7' | '+' => 't',
        '8' => 'b',
        other => other,
    });
    shortened(read)
}

/// Three and more of the same letter become one.
fn shortened(letters: impl Iterator<Item = char>) -> String {
    let mut short: Vec<char> = Vec::new();
    let mut run = 0;
    for letter in letters {
        run = if short.last() == Some(&letter) { run + 1 } else { 1 };
        match run {
            1 | 2 => short.push(letter),
            3 => {
                short.pop();
            }
            _ => {}
        }
    }
    short.into_iter().collect()
}

/// Words in parts put together again: `gh-ost`, `b o m b`.
fn spelled(pieces: &[Vec<Word>]) -> String {
    let mut line = String::from(" ");
    let mut add = |word: &str| {
        if !word.is_empty() {
            line.push_str(word);
            line.push(' ');
        }
    };
    for piece in pieces {
        let mut at = 0;
        while at < piece.len() {
            let singles = piece[at..].iter().take_while(|word| word.text.chars().count() == 1).count();
            if singles >= 3 {
                let run: String = piece[at..at + singles].iter().map(|word| letters_of_one(&word.text)).collect();
                every_part(&run).iter().for_each(|part| add(part));
                at += singles;
                continue;
            }
            let mut whole = letters(&piece[at].text, 'i');
            at += 1;
            while at < piece.len() && piece[at].joined == Joined::ByMark {
                whole.push_str(&letters(&piece[at].text, 'i'));
                at += 1;
            }
            add(&shortened(whole.chars()));
        }
    }
    line
}

/// A single sign or figure in a run of single letters stands for a letter as well.
fn letters_of_one(word: &str) -> String {
    let mut read = letters(&format!("{word}x"), 'i');
    read.pop();
    read
}

fn every_part(run: &str) -> Vec<&str> {
    if !run.is_ascii() || run.len() > LONGEST_SPELLED {
        return vec![run];
    }
    (0..run.len()).flat_map(|from| (from + 3..=run.len()).map(move |to| &run[from..to])).collect()
}

/// The border of every two pieces, read on as if one continued the other, with and without a space.
fn seams(pieces: &[Vec<Word>]) -> String {
    let mut line = String::from(" ");
    let read = |words: &[Word]| -> Vec<String> { words.iter().map(|word| letters(&word.text, 'i')).collect() };
    for (one, before) in pieces.iter().enumerate() {
        for (other, after) in pieces.iter().enumerate() {
            if one == other || (pieces.len() > MOST_SEAMS && other != one + 1) {
                continue;
            }
            let tail = read(&before[before.len().saturating_sub(SEAM_WORDS)..]).join(" ");
            let head = read(&after[..after.len().min(SEAM_WORDS)]).join(" ");
            if !tail.is_empty() && !head.is_empty() {
                // Words that can be in no phrase keep one border from running into the next.
                line.push_str(&format!("{tail} {head} \u{1} {tail}{head} \u{1} "));
            }
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pieces: &[&str], found: &str) {
        let lines = Readings::of(&Text::of_pieces(pieces.iter().copied())).lines;
        assert!(lines.iter().any(|line| line.contains(found)), "{found:?} in {lines:?}");
    }

    #[test]
    fn figures_and_signs_are_read_as_letters() {
        check(&["a gh0st gun!"], " ghost gun ");
        check(&["$1LENCER"], " silencer ");
        check(&["exp1osives"], " explosives ");
        check(&["b@d we@p0n5"], " bad weapons ");
        check(&["weapoooon"], " weapon ");
    }

    #[test]
    fn words_in_parts_are_put_together() {
        check(&["a b o m b please"], " bomb ");
        check(&["b.0.m.b"], " bomb ");
        check(&["gh-ost gun"], " ghost gun ");
        check(&["wea_pon"], " weapon ");
    }

    #[test]
    fn pieces_are_read_across_their_borders_in_both_orders() {
        check(&["gun as a gift", "wanted: a ghost"], " ghost gun ");
        check(&["a bo", "mb"], " bomb ");
    }

    #[test]
    fn plain_words_stay_apart() {
        check(&["Don't forget: 300 tiles, half-shelf"], " dont forget 300 tiles half shelf ");
    }

    #[test]
    fn names_numbers_and_addresses_are_not_quoted() {
        let text = Text::of_pieces(["please ask Mara at mara@example.org or mara, room 12b, for glaze"]);
        let quotable = Readings::of(&text).quotable;
        for word in ["please", "glaze"] {
            assert!(quotable.contains(word), "{word}");
        }
        for word in ["mara", "example", "org", "12b"] {
            assert!(!quotable.contains(word), "{word}");
        }
    }
}
