//! Changes that no listener ever hears of, so that there is real drift to look at.

use std::collections::HashMap;

use gcloud_sdk::google::firestore::v1::Value;
use gcloud_sdk::google::firestore::v1::value::ValueType;

use crate::sandbox::firestore::Database;

/// Changes one document, adds one and removes one, without telling a listener: a mirror is wrong from now on.
pub fn lose_some_changes(cloud: &Database) {
    let text = |text: &str| Value { value_type: Some(ValueType::StringValue(text.to_owned())) };
    cloud.merge_silently("reservations/r-0003", HashMap::from([("staffNotes".to_owned(), text("Moved to Thursday."))]));
    cloud.put_silently(
        "supportRequests/sr-lost",
        HashMap::from([("subject".to_owned(), text("Where are my bells?")), ("status".to_owned(), text("new"))]),
    );
    if let Some(path) = cloud.paths().into_iter().rfind(|path| path.starts_with("notificationJobs/")) {
        cloud.delete_silently(&path);
    }
}
