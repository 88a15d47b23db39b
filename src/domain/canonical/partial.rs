//! Some fields of a canonical text: what is not wanted is skipped, which costs a fraction of reading it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value as Json;

use crate::domain::canonical::{BadCanonical, read_value};
use crate::domain::value::{Fields, Value};

/// Those of the fields at the top of a document that are wanted, as [`decode`](crate::domain::canonical::decode) would
/// give them.
pub fn decode_some(text: &str, wanted: &BTreeSet<String>) -> Result<Fields, BadCanonical> {
    let mut from = serde_json::Deserializer::from_str(text);
    let bad = |error: serde_json::Error| BadCanonical(format!("it is no canonical text ({error})"));
    let members = from.deserialize_map(Members(wanted)).map_err(bad)?;
    from.end().map_err(bad)?;
    Ok(members)
}

/// The members of an object that are wanted.
struct Members<'a>(&'a BTreeSet<String>);

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Fields;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the fields of a document")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Fields, A::Error> {
        let (mut found, mut before) = (Fields::new(), None);
        // Both sides are in order: each name is held against the next one that is wanted, and not against all.
        let mut wanted = self.0.iter().peekable();
        while let Some(name) = members.next_key_seed(Text)? {
            if before.is_some_and(|before: Cow<'_, str>| before >= name) {
                return Err(A::Error::custom(format_args!("its names are not in order: `{name}`")));
            }
            while wanted.next_if(|next| next.as_str() < &*name).is_some() {}
            if wanted.next_if(|next| next.as_str() == name).is_some() {
                found.insert(name.clone().into_owned(), members.next_value_seed(Tagged)?);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
            before = Some(name);
        }
        Ok(found)
    }
}

/// A text, of which no copy is made where it stands as it is.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a text")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// A value with its type: what documents are counted by is read straight, the rest by way of JSON.
struct Tagged;

impl<'de> DeserializeSeed<'de> for Tagged {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Tagged {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value with its type")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let kind = members.next_key_seed(Text)?.ok_or_else(|| A::Error::custom("a value has no type"))?;
        let value = match &*kind {
            "stringValue" => Value::Text(members.next_value()?),
            "booleanValue" => Value::Boolean(members.next_value()?),
            "integerValue" => Value::Integer(members.next_value_seed(Text)?.parse().map_err(A::Error::custom)?),
            "timestampValue" => Value::Timestamp(members.next_value_seed(Text)?.parse().map_err(A::Error::custom)?),
            _ => {
                let inner: Json = members.next_value()?;
                let tagged = Json::Object([(kind.into_owned(), inner)].into_iter().collect());
                read_value(tagged).map_err(A::Error::custom)?
            }
        };
        match members.next_key::<IgnoredAny>()? {
            None => Ok(value),
            Some(_) => Err(A::Error::custom("a value has two types")),
        }
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
        fn names_that_are_not_in_order_are_told(name in "[a-z]{1,3}") {
            let wanted: BTreeSet<String> = ["a".to_owned()].into();
            let field = r#"{"integerValue":"1"}"#;
            let text = format!(r#"{{"z{name}":{field},"{name}":{field}}}"#);
            prop_assert!(decode_some(&text, &wanted).is_err());
            let text = format!(r#"{{"{name}":{field},"{name}":{field}}}"#);
            prop_assert!(decode_some(&text, &wanted).is_err());
        }

        #[test]
        fn damaged_text_is_an_error_and_never_a_panic(text in ".{0,60}") {
            let wanted: BTreeSet<String> = ["a".to_owned()].into();
            let _ = decode_some(&text, &wanted);
            let _ = decode_some(&format!("{{\"a\":{text}}}"), &wanted);
        }
    }
}
