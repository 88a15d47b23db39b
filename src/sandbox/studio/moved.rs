//! The sample as of another moment: what was due yesterday is due yesterday again.

use gcloud_sdk::google::firestore::v1::Value;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use jiff::Timestamp;

use super::{NOW, SampleDocument};

/// The same documents, with every timestamp moved by as much as `now` is after [`NOW`].
pub fn seen_at(now: Timestamp, mut documents: Vec<SampleDocument>) -> Vec<SampleDocument> {
    let seconds = now.as_second() - NOW.as_second();
    for value in documents.iter_mut().flat_map(|document| document.fields.values_mut()) {
        move_by(seconds, value);
    }
    documents
}

fn move_by(seconds: i64, value: &mut Value) {
    if let Some(ValueType::TimestampValue(at)) = &mut value.value_type {
        at.seconds += seconds;
    } else if let Some(ValueType::MapValue(map)) = &mut value.value_type {
        map.fields.values_mut().for_each(|value| move_by(seconds, value));
    } else if let Some(ValueType::ArrayValue(list)) = &mut value.value_type {
        list.values.iter_mut().for_each(|value| move_by(seconds, value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::studio::monsoon_west;

    #[test]
    fn everything_moves_together_and_nothing_else_changes() {
        let week = jiff::SignedDuration::from_hours(7 * 24);
        let there = seen_at(NOW + week, monsoon_west(0));
        assert_ne!(there, monsoon_west(0));
        assert_eq!(seen_at(NOW - week, there), monsoon_west(0));
    }
}
