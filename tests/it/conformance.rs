//! The Listen state machine against the case files of Google's own clients.
//!
//! The files are not part of the project: `STUDIO_CONFORMANCE_DIR` says where they are.

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine as _;
use serde_json::Value as Json;
use studio_brain::domain::canonical;
use studio_brain::domain::document::Document;
use studio_brain::domain::ids::DocPath;
use studio_brain::domain::sighting::Sighting;
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::value::Value;
use studio_brain::domain::watch::{
    BloomFilter, Cause, Message, Order, ResumeToken, Snapshot, TargetChangeKind, TargetId, Watch,
};

const ROOT: &str = "projects/projectID/databases/(default)/documents";

#[test]
fn every_listen_case_gives_exactly_its_snapshots() {
    let Some(folder) = folder("listen") else { return };
    let mut cases = 0;
    for (name, json) in files(&folder) {
        for case in json["tests"].as_array().unwrap_or_else(|| panic!("{name}: no tests")) {
            check_listen(&name, &case["listen"]);
            cases += 1;
        }
    }
    assert!(cases > 0, "no case in {}", folder.display());
    println!("{cases} listen cases");
}

#[test]
fn every_bloom_filter_answers_as_the_servers_own() {
    let Some(folder) = folder("bloom") else { return };
    let all: BTreeMap<String, Json> = files(&folder).into_iter().collect();
    let mut names = 0;
    for (name, proto) in all.iter().filter(|(name, _)| name.ends_with("_bloom_filter_proto.json")) {
        let results = &all[&name.replace("_bloom_filter_proto", "_membership_test_result")];
        let bitmap = proto["bits"]["bitmap"].as_str().unwrap_or_default();
        let bitmap = base64::engine::general_purpose::STANDARD.decode(bitmap).expect("base64");
        let number = |json: &Json| i32::try_from(json.as_i64().unwrap_or_default()).expect("a small number");
        let filter = BloomFilter::new(bitmap, number(&proto["bits"]["padding"]), number(&proto["hashCount"]));
        let filter = filter.unwrap_or_else(|error| panic!("{name}: {error}"));
        for (i, expect) in results["membershipTestResults"].as_str().expect("results").chars().enumerate() {
            let doc = format!("projects/project-1/databases/database-1/documents/coll/doc{i}");
            assert_eq!(filter.might_contain(&doc), expect == '1', "{name}: {doc}");
            names += 1;
        }
    }
    assert!(names > 0, "no filter in {}", folder.display());
    println!("{names} names");
}

fn folder(kind: &str) -> Option<PathBuf> {
    let Some(root) = std::env::var_os("STUDIO_CONFORMANCE_DIR") else {
        println!("skipped: STUDIO_CONFORMANCE_DIR does not say where the conformance files are");
        return None;
    };
    Some(PathBuf::from(root).join(kind))
}

fn files(folder: &PathBuf) -> Vec<(String, Json)> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let json = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (path.file_name().expect("a name").to_string_lossy().into_owned(), json)
        })
        .collect()
}

/// What a client of one query shows: the files' own words.
#[derive(Default)]
struct View {
    docs: Vec<Document>,
    shown: bool,
}

/// A snapshot in the words of the files.
#[derive(Debug, PartialEq)]
struct Shown {
    docs: Vec<Document>,
    changes: Vec<(String, Document, i64, i64)>,
    read_time: Timestamp,
}

impl View {
    /// What is shown after a snapshot; nothing when nothing changed, unless it is the first.
    fn show(&mut self, snapshot: Snapshot) -> Option<Shown> {
        if self.shown && snapshot.is_heartbeat() {
            return None;
        }
        self.shown = true;
        let mut changes = Vec::new();
        let mut removed: Vec<Document> = snapshot
            .deletes
            .iter()
            .chain(snapshot.lookups.keys())
            .map(|path| self.docs.iter().find(|doc| doc.path == *path).expect("a shown document").clone())
            .collect();
        removed.sort_by(order);
        for doc in removed {
            let old = self.take(&doc.path);
            changes.push(("REMOVED".to_owned(), doc, old, -1));
        }
        let known = |doc: &Document| self.docs.iter().any(|shown| shown.path == doc.path);
        let (mut modified, mut added): (Vec<_>, Vec<_>) = snapshot.upserts.into_iter().partition(known);
        added.sort_by(order);
        modified.sort_by(order);
        for doc in added {
            let new = self.put(&doc);
            changes.push(("ADDED".to_owned(), doc, -1, new));
        }
        for doc in modified {
            let old = self.take(&doc.path);
            let new = self.put(&doc);
            changes.push(("MODIFIED".to_owned(), doc, old, new));
        }
        Some(Shown { docs: self.docs.clone(), changes, read_time: snapshot.read_time })
    }

    fn take(&mut self, path: &DocPath) -> i64 {
        let index = self.docs.iter().position(|doc| doc.path == *path).expect("a shown document");
        self.docs.remove(index);
        index as i64
    }

    fn put(&mut self, doc: &Document) -> i64 {
        let index = self.docs.partition_point(|shown| order(shown, doc).is_lt());
        self.docs.insert(index, doc.clone());
        index as i64
    }
}

fn order(left: &Document, right: &Document) -> std::cmp::Ordering {
    let key = |doc: &Document| match doc.fields.get("a") {
        Some(Value::Integer(a)) => *a,
        other => panic!("`a` is {other:?}"),
    };
    key(left).cmp(&key(right)).then_with(|| left.path.cmp(&right.path))
}

fn check_listen(name: &str, case: &Json) {
    let mut watch = Watch::new(ROOT, [(TargetId::new(1).expect("a target id"), BTreeMap::new())]);
    let mut view = View::default();
    let (mut shown, mut failed) = (Vec::new(), false);
    for response in case["responses"].as_array().unwrap_or_else(|| panic!("{name}: no responses")) {
        match watch.step(message(name, response)) {
            Err(_) => failed = true,
            Ok(orders) => {
                for order in orders {
                    match order {
                        Order::Snapshot(snapshot) => shown.extend(view.show(snapshot)),
                        Order::Restart { .. } | Order::Fail { .. } | Order::Relist { .. } | Order::Search { .. } => {
                            failed = true
                        }
                    }
                }
            }
        }
    }
    let expect: Vec<Shown> = list(&case["snapshots"]).iter().map(|json| expected(name, json)).collect();
    assert_eq!(failed, case["isError"].as_bool().unwrap_or(false), "{name}: is it an error?");
    if !failed {
        assert_eq!(shown, expect, "{name}");
    }
}

fn list(json: &Json) -> &[Json] {
    json.as_array().map_or(&[], Vec::as_slice)
}

fn expected(name: &str, json: &Json) -> Shown {
    let index = |json: &Json| json.as_i64().unwrap_or(0);
    Shown {
        docs: list(&json["docs"]).iter().map(|doc| document(name, doc)).collect(),
        changes: list(&json["changes"])
            .iter()
            .map(|change| {
                let kind = change["kind"].as_str().unwrap_or_else(|| panic!("{name}: a change without a kind"));
                (
                    kind.to_owned(),
                    document(name, &change["doc"]),
                    index(&change["oldIndex"]),
                    index(&change["newIndex"]),
                )
            })
            .collect(),
        read_time: moment(name, &json["readTime"]),
    }
}

fn moment(name: &str, json: &Json) -> Timestamp {
    let text = json.as_str().unwrap_or_else(|| panic!("{name}: not a time: {json}"));
    text.parse().unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn path(name: &str, json: &Json) -> DocPath {
    let full = json.as_str().unwrap_or_else(|| panic!("{name}: not a name: {json}"));
    let path = full.strip_prefix(ROOT).and_then(|path| path.strip_prefix('/'));
    DocPath::parse(path.unwrap_or_else(|| panic!("{name}: {full}"))).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn document(name: &str, json: &Json) -> Document {
    Document {
        path: path(name, &json["name"]),
        fields: canonical::decode(&json["fields"].to_string()).unwrap_or_else(|error| panic!("{name}: {error}")),
        create_time: moment(name, &json["createTime"]),
        update_time: moment(name, &json["updateTime"]),
    }
}

fn ids(json: &Json) -> Vec<TargetId> {
    list(json).iter().map(|id| TargetId::new(id.as_i64().expect("a number")).expect("a target id")).collect()
}

fn message(name: &str, json: &Json) -> Message {
    let (kind, body) = json.as_object().and_then(|members| members.iter().next()).expect("a response");
    match kind.as_str() {
        "targetChange" => Message::TargetChange {
            kind: match body["targetChangeType"].as_str().unwrap_or("NO_CHANGE") {
                "NO_CHANGE" => TargetChangeKind::NoChange,
                "ADD" => TargetChangeKind::Add,
                "REMOVE" => TargetChangeKind::Remove,
                "CURRENT" => TargetChangeKind::Current,
                "RESET" => TargetChangeKind::Reset,
                other => panic!("{name}: {other}"),
            },
            targets: ids(&body["targetIds"]),
            cause: body["cause"].as_object().map(|cause| Cause {
                code: cause["code"].as_i64().unwrap_or_default() as i32,
                message: cause["message"].as_str().unwrap_or_default().to_owned(),
            }),
            resume_token: body["resumeToken"].as_str().and_then(|token| ResumeToken::from_bytes(token.into())),
            read_time: body.get("readTime").map(|time| moment(name, time)),
        },
        "documentChange" => Message::DocumentChange {
            document: Sighting::Readable(document(name, &body["document"])),
            targets: ids(&body["targetIds"]),
            removed: ids(&body["removedTargetIds"]),
        },
        "documentDelete" => Message::DocumentDelete { path: path(name, &body["document"]) },
        "documentRemove" => {
            Message::DocumentRemove { path: path(name, &body["document"]), removed: ids(&body["removedTargetIds"]) }
        }
        "filter" => Message::Filter {
            target: body["targetId"].as_i64().map(|id| TargetId::new(id).expect("a target id")),
            count: body["count"].as_u64().unwrap_or_default(),
            names: None,
        },
        other => panic!("{name}: {other}"),
    }
}
