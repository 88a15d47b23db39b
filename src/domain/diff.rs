//! Typed differences between two documents, field by field.

use crate::domain::value::{FieldPath, Fields, Value};

/// One field that differs. `None` is a field that is missing, which is not null.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Where.
    pub path: FieldPath,
    /// What it was.
    pub before: Option<Value>,
    /// What it became.
    pub after: Option<Value>,
}

/// Every field that differs, in the order of their paths.
///
/// Maps are compared field by field, everything else as a whole. Empty exactly when the fields are identical.
pub fn diff(before: &Fields, after: &Fields) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    descend(None, before, after, &mut changes);
    changes
}

fn descend(parent: Option<&FieldPath>, before: &Fields, after: &Fields, changes: &mut Vec<FieldChange>) {
    let mut names: Vec<&String> =
        before.keys().chain(after.keys().filter(|name| !before.contains_key(*name))).collect();
    names.sort();
    for name in names {
        let path = parent.map_or_else(|| FieldPath::top(name), |parent| parent.child(name));
        match (before.get(name), after.get(name)) {
            (Some(left), Some(right)) if left == right => {}
            (Some(Value::Map(left)), Some(Value::Map(right))) => descend(Some(&path), left, right, changes),
            (left, right) => changes.push(FieldChange { path, before: left.cloned(), after: right.cloned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::canonical::tests::any_fields;
    use crate::domain::time::Timestamp;

    fn fields(members: &[(&str, Value)]) -> Fields {
        members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    #[track_caller]
    fn check(before: &[(&str, Value)], after: &[(&str, Value)], expect: &[&str]) {
        let seen: Vec<String> = diff(&fields(before), &fields(after))
            .iter()
            .map(|change| {
                let sign = match (&change.before, &change.after) {
                    (None, _) => '+',
                    (_, None) => '-',
                    (Some(_), Some(_)) => '~',
                };
                format!("{sign} {}", change.path)
            })
            .collect();
        assert_eq!(seen, expect);
    }

    #[test]
    fn types_count_and_missing_is_not_null() {
        check(&[("n", Value::Integer(1))], &[("n", Value::Double(1.0))], &["~ n"]);
        check(&[("n", Value::Null)], &[], &["- n"]);
        check(&[], &[("n", Value::Null)], &["+ n"]);
        let at = |micros| Value::Timestamp(Timestamp::from_micros(micros));
        check(&[("t", at(1))], &[("t", at(2))], &["~ t"]);
    }

    #[test]
    fn a_renamed_field_is_one_gone_and_one_new() {
        check(&[("kiln", Value::Integer(1))], &[("kilnId", Value::Integer(1))], &["- kiln", "+ kilnId"]);
    }

    #[test]
    fn maps_are_compared_field_by_field_and_lists_as_a_whole() {
        let map = |value| Value::Map(fields(&[("in", value), ("same", Value::Null)]));
        check(&[("m", map(Value::Integer(1)))], &[("m", map(Value::Integer(2)))], &["~ m.in"]);
        check(&[("a", Value::Array(vec![]))], &[("a", Value::Array(vec![Value::Null]))], &["~ a"]);
    }

    proptest! {
        #[test]
        fn a_difference_is_empty_exactly_for_identical_fields(left in any_fields(), right in any_fields()) {
            prop_assert!(diff(&left, &left).is_empty());
            prop_assert_eq!(diff(&left, &right).is_empty(), left == right);
        }

        #[test]
        fn applying_a_difference_leads_from_one_to_the_other(left in any_fields(), right in any_fields()) {
            let mut built = left.clone();
            for change in diff(&left, &right) {
                change.path.set(&mut built, change.after);
            }
            prop_assert_eq!(built, right);
        }
    }
}
