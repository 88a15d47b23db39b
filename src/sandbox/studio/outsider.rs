//! Somebody who writes to the studio's cloud and knows nothing of us.

use std::collections::HashMap;

use gcloud_sdk::google::firestore::v1::Value;
use gcloud_sdk::google::firestore::v1::value::ValueType;

use crate::sandbox::firestore::Database;

/// Changes one field of a document, as the studio's own website would.
pub fn somebody_writes(cloud: &Database, path: &str, field: &str, text: &str) {
    let value = Value { value_type: Some(ValueType::StringValue(text.to_owned())) };
    cloud.merge(path, HashMap::from([(field.to_owned(), value)]));
}
