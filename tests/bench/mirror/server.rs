//! The sample documents and the server that holds them.

use std::collections::HashMap;

use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::{ArrayValue, MapValue, Value};
use studio_brain::sandbox::firestore::{FirestoreServer, Options};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::Arguments;

/// The project whose default database holds the documents.
pub(super) const PROJECT: &str = "bench";

/// The name of the database.
pub(super) const DATABASE: &str = "projects/bench/databases/(default)";

/// How many documents are written in one commit.
const AT_ONCE: u64 = 10_000;

/// Serves until nobody asks any more.
pub(super) async fn serve(arguments: &Arguments) -> anyhow::Result<()> {
    let server = FirestoreServer::start(([127, 0, 0, 1], 0).into(), Options::default()).await?;
    let database = server.world().database(DATABASE);
    for first in (0..arguments.docs).step_by(AT_ONCE as usize) {
        let last = (first + AT_ONCE).min(arguments.docs);
        database.seed((first..last).map(|number| (path(arguments.collections, number), fields(number, 0))));
    }
    println!("{}", server.address());
    let mut questions = BufReader::new(tokio::io::stdin()).lines();
    while let Some(question) = questions.next_line().await? {
        match question.as_str() {
            "reads" => println!("{}", database.reads()),
            "reset" => {
                database.reset_reads();
                println!("0");
            }
            other => anyhow::bail!("`{other}` is no question"),
        }
    }
    server.stop().await;
    Ok(())
}

/// Where a document is. Its id looks like those that Firestore makes: in no order.
pub(super) fn path(collections: u64, number: u64) -> String {
    format!("collection{:02}/{:016x}{:04x}", number % collections, mixed(number), number & 0xffff)
}

/// What a document holds: about 700 bytes, as Firestore counts them.
pub(super) fn fields(number: u64, revision: u64) -> HashMap<String, Value> {
    let text = |text: String| Value { value_type: Some(ValueType::StringValue(text)) };
    let integer = |integer: u64| Value { value_type: Some(ValueType::IntegerValue(integer.cast_signed())) };
    let double = |double: f64| Value { value_type: Some(ValueType::DoubleValue(double)) };
    let moment = |seconds: u64| {
        let seconds = seconds.cast_signed();
        Value { value_type: Some(ValueType::TimestampValue(prost_types::Timestamp { seconds, nanos: 0 })) }
    };
    let map = |members: Vec<(&str, Value)>| {
        let fields = members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Value { value_type: Some(ValueType::MapValue(MapValue { fields })) }
    };
    let list = |values: Vec<Value>| Value { value_type: Some(ValueType::ArrayValue(ArrayValue { values })) };
    let noise = mixed(number ^ (revision << 40));
    let sentence =
        format!("Bowl {number} with a celadon glaze, thrown by hand, ready for the second firing. ").repeat(4);
    let members = vec![
        ("title", text(format!("Piece {number}"))),
        ("notes", text(sentence)),
        ("status", text(["thrown", "bisque", "glazed", "fired"][(noise % 4) as usize].to_owned())),
        ("ownerUid", text(format!("uid_{:012x}", noise & 0xffff_ffff_ffff))),
        ("weightGrams", double((noise % 5_000) as f64 / 10.0)),
        ("pieces", integer(noise % 40)),
        ("revision", integer(revision)),
        ("shelf", map(vec![("room", text("east".to_owned())), ("level", integer(noise % 7))])),
        ("tags", list(vec![text("stoneware".to_owned()), text("cone 10".to_owned()), text("reduction".to_owned())])),
        ("createdAt", moment(1_700_000_000 + number)),
        ("updatedAt", moment(1_760_000_000 + noise % 1_000_000)),
        ("paid", Value { value_type: Some(ValueType::BooleanValue(noise.is_multiple_of(2))) }),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// SplitMix64: the same number always gives the same noise.
fn mixed(number: u64) -> u64 {
    let mut noise = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    noise = (noise ^ (noise >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    noise = (noise ^ (noise >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    noise ^ (noise >> 31)
}
