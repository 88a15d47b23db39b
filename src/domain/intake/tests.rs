use proptest::prelude::*;

use super::*;
use crate::domain::value::{Fields, Value};

fn of(pieces: &[&str]) -> Classification {
    classify(RuleSet::shipped(), &Text::of_pieces(pieces.iter().copied()))
}

#[track_caller]
fn high(text: &str, category: Category) {
    let found = of(&[text]);
    assert_eq!((found.risk, found.category), (Risk::High, category), "{text}: {found:?}");
}

#[test]
fn harmless_words_that_contain_bad_ones_match_nothing() {
    for text in [
        "the slurry trap instructions are outdated",
        "shipping times, a tip, a recipe and the ship in the bottle",
        "whatever you like, whatever glaze",
        "do not forget to close batch 12",
        "a marvelous vase, marvelously thin",
        "laundered aprons are in the laundry room",
        "both bottoms cracked in the bottom rack",
        "bath bomb dish and a seed bomb mould",
        "the forge next door, forged iron handles, we forget nothing",
        "an explosion of colour; the pot exploded in the bisque firing",
        "a gun metal glaze, gunmetal black, the glue gun and the heat gun are back",
        "the weaponless knight figure swept the floor",
        "trademark blue of our studio",
        "nikel and nickel oxide, mononike",
        "Speckled dinner set (12)",
        "Raku test tiles",
        "Porcelain bells for spring fair",
        "replicate the test tile, a replica of my own cup",
        "Bitte die große Schüssel glasieren, merci",
        "Σπάω το πιάτο, это моя чашка",
    ] {
        let found = of(&[text]);
        assert!(found.rules.is_empty(), "{text}: {found:?}");
        assert_eq!((found.category, found.score, found.risk), (Category::Unknown, 0, Risk::Low));
        assert_eq!(found.excerpt, "");
    }
}

#[test]
fn each_category_is_found() {
    high("Please make a casing for a pipe bomb", Category::Weaponization);
    high("a ghost gun frame", Category::Weaponization);
    high("Counterfeit museum stamps on the foot", Category::IllegalContent);
    high("it is stolen goods, sell it on", Category::IllegalContent);
    high("paid with a stolen card, chargeback bypass included", Category::FraudRisk);
    high("we need to wash money through the shop", Category::FraudRisk);
    high("Pikachu planter, exact look", Category::IpInfringement);
    high("Mickey Mouse mugs", Category::IpInfringement);
}

#[test]
fn a_disguise_is_no_escape() {
    for text in [
        "a gh0st gun please",
        "a GHOST\u{200b} G\u{200d}UN please",
        "a ghо\u{200b}st gun please",
        "a g-h-o-s-t gun, that is a ghost-gun",
        "a ｇｈｏｓｔ ｇｕｎ please",
        "a 𝓰𝓱𝓸𝓼𝓽 𝓰𝓾𝓷 please",
        "a ghost\u{00a0}gun please",
        "a ghost... gun please",
        "a ghoooost guuuun please",
        "s1l3nc3r housing and a b.o.m.b",
        "a b o m b",
        "wеароn of clay, а bоmb",
        "h\u{e0061}ow to make a bo\u{34f}mb",
    ] {
        high(text, Category::Weaponization);
    }
    high("P1kachu planter", Category::IpInfringement);
    high("ріkасhu planter", Category::IpInfringement);
    high("ΝΙΚΕ swoosh mug", Category::IpInfringement);
    high("c0unterf3it stamps", Category::IllegalContent);
}

#[test]
fn padding_and_splitting_are_no_escape() {
    let padding = "a lovely celadon bowl with a thin foot ring and a marvelous lid ".repeat(2_000);
    high(&format!("{padding} a ghost gun {padding}"), Category::Weaponization);
    for pieces in [["a ghost", "gun made of clay"], ["gun made of clay", "a ghost"], ["a gho", "st gun"]] {
        let found = of(&pieces);
        assert_eq!((found.category, found.risk), (Category::Weaponization, Risk::High), "{pieces:?}");
    }
    let inner = Fields::from([("ghost".to_owned(), Value::Array(vec![Value::text("gun")]))]);
    let fields = Fields::from([("a".to_owned(), Value::text("Planter")), ("b".to_owned(), Value::Map(inner))]);
    assert_eq!(classify(RuleSet::shipped(), &Text::of_fields(&fields)).category, Category::Weaponization);
}

#[test]
fn what_can_not_be_read_whole_is_high_risk() {
    let long = "clay ".repeat(1_000_000);
    let found = of(&[long.as_str()]);
    assert_eq!((found.category, found.risk), (Category::Unknown, Risk::High));
}

#[test]
fn a_weak_sign_alone_is_low_risk_and_two_are_not() {
    let alone = of(&["we marvel at the glaze"]);
    assert_eq!(alone.risk, Risk::Low, "{alone:?}");
    assert!(!alone.rules.is_empty());
    high("an exact replica of the marvel logo", Category::IpInfringement);
}

#[test]
fn the_excerpt_holds_the_find_and_nothing_personal() {
    let found = of(&["Hello, this is Mara Quill (mara@example.org, 555-0101), please make a gh0st gun planter"]);
    assert!(found.excerpt.contains("ghost gun"), "{found:?}");
    for personal in ["mara", "quill", "example", "555", "0101"] {
        assert!(!found.excerpt.to_lowercase().contains(personal), "{found:?}");
    }
    assert!(found.excerpt.chars().count() <= EXCERPT_MOST);
}

#[test]
fn categories_survive_their_words() {
    for category in Category::ALL {
        assert_eq!(Category::parse(category.word()), Some(category));
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic_and_always_the_same(pieces in prop::collection::vec("\\PC{0,40}", 0..6)) {
        let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
        prop_assert_eq!(of(&pieces), of(&pieces));
    }

    #[test]
    fn invisible_characters_and_case_change_nothing(
        places in prop::collection::vec((0_usize..20, 0_usize..5, prop::bool::ANY), 0..12),
    ) {
        let mut text: Vec<char> = "make a ghost gun now".chars().collect();
        for (place, which, upper) in places {
            let place = place.min(text.len() - 1);
            if upper {
                text[place] = text[place].to_ascii_uppercase();
            } else {
                text.insert(place, ['\u{200b}', '\u{200d}', '\u{ad}', '\u{2060}', '\u{fe0f}'][which]);
            }
        }
        let text: String = text.into_iter().collect();
        let found = of(&[text.as_str()]);
        prop_assert_eq!((found.category, found.risk), (Category::Weaponization, Risk::High), "{:?}", text);
    }
}
