//! Some fields of a canonical text: what is not wanted is skipped, which costs a fraction of reading it.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value as Json;

use crate::domain::canonical::{BadCanonical, read_value};
use crate::domain::value::Fields;

/// Those of the fields at the top of a document that are wanted, as [`decode`](crate::domain::canonical::decode) would
/// give them.
pub fn decode_some(text: &str, wanted: &BTreeSet<String>) -> Result<Fields, BadCanonical> {
    let mut from = serde_json::Deserializer::from_str(text);
    let bad = |error: serde_json::Error| BadCanonical(format!("it is not JSON ({error})"));
    let members = Members(wanted).deserialize(&mut from).map_err(bad)?;
    from.end().map_err(bad)?;
    members.into_iter().map(|(name, value)| Ok((name, read_value(value)?))).collect()
}

/// The members of an object that are wanted.
struct Members<'a>(&'a BTreeSet<String>);

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = Vec<(String, Json)>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Vec<(String, Json)>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the fields of a document")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::with_capacity(self.0.len());
        while let Some(name) = members.next_key_seed(Name(self.0))? {
            match name {
                Some(name) => found.push((name, members.next_value()?)),
                None => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }
}

/// A member's name, if it is wanted.
struct Name<'a>(&'a BTreeSet<String>);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<String>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a field's name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.contains(name).then(|| name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::canonical::encode;
    use crate::domain::canonical::tests::any_fields;

    proptest! {
        #[test]
        fn what_is_wanted_is_what_the_whole_has(fields in any_fields()) {
            let wanted: BTreeSet<String> = ["a", "bc", "d", "ee"].map(str::to_owned).into();
            let expect: Fields = fields.clone().into_iter().filter(|(name, _)| wanted.contains(name)).collect();
            prop_assert_eq!(decode_some(&encode(&fields), &wanted), Ok(expect));
        }

        #[test]
        fn damaged_text_is_an_error_and_never_a_panic(text in ".{0,60}") {
            let wanted: BTreeSet<String> = ["a".to_owned()].into();
            let _ = decode_some(&text, &wanted);
            let _ = decode_some(&format!("{{\"a\":{text}}}"), &wanted);
        }
    }
}
