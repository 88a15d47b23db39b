//! What rules say about a handful of documents, and what a file of rules must not hold.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::*;
use crate::domain::document::Document;
use crate::domain::finding::{Finding, FindingKind};
use crate::domain::ids::DocPath;
use crate::domain::time::Timestamp;
use crate::domain::value::{Fields, Value};

const NOON: Timestamp = Timestamp::from_micros(1_773_835_200_000_000);

fn hours_ago(hours: u64) -> Value {
    Value::Timestamp(NOON.minus(Duration::from_secs(hours * 3_600)))
}

fn document(path: &str, fields: &[(&str, Value)]) -> Document {
    Document {
        path: DocPath::parse(path).expect("legal"),
        fields: fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect::<Fields>(),
        create_time: Timestamp::default(),
        update_time: Timestamp::default(),
    }
}

/// Everything that the rules find in these documents.
fn look(rules: &Rules, documents: &[Document]) -> Vec<Finding> {
    let by_path: BTreeMap<&DocPath, &Document> = documents.iter().map(|one| (&one.path, one)).collect();
    let (mut said, mut gathering) = (Said::default(), Gathering::new(rules, NOON));
    for one in documents {
        said.add(&rules.of(&one.path.collection()), one, NOON);
        gathering.add(one);
    }
    let answers = said.questions.iter().flat_map(|question| question.answer(|path| by_path.get(path).copied(), NOON));
    let mut findings: Vec<Finding> = answers.collect();
    findings.extend(said.findings);
    findings.extend(gathering.findings());
    findings
}

#[track_caller]
fn check(rule: &str, documents: &[Document], expect: &[&[&str]]) {
    let text = format!("[[rule]]\nid = \"r\"\nsays = \"is wrong\"\n{rule}");
    let rules = Rules::parse("rules.toml", &text).expect("is a rule");
    let found: Vec<Vec<String>> = look(&rules, documents)
        .iter()
        .map(|finding| finding.documents().map(|path| path.as_str().to_owned()).collect())
        .collect();
    assert_eq!(found, expect, "{rule}");
}

#[test]
fn a_rule_within_a_document_is_broken_only_by_what_the_document_says() {
    let rule = "collection = \"b\"\nwhen = [{ field = \"state\", is = [\"X\"] }]\nexpect = [{ field = \"closed\", is = [true] }]";
    let state = |state: &str| ("state", Value::text(state));
    let closed = |flag| ("closed", Value::Boolean(flag));
    check(rule, &[document("b/1", &[state("X"), closed(true)])], &[]);
    check(rule, &[document("b/1", &[state("X"), closed(false)])], &[&["b/1"]]);
    check(rule, &[document("b/1", &[state("X")]), document("b/2", &[closed(false)])], &[]);
    check(rule, &[document("c/1", &[state("X"), closed(false)])], &[]);
}

#[test]
fn what_is_named_has_to_exist_one_name_or_many() {
    let rule = "collection = \"f\"\nrefers = { by = \"of\", to = \"b\" }";
    let names = |names: &[&str]| ("of", Value::Array(names.iter().map(|name| Value::text(*name)).collect()));
    let there = document("b/1", &[]);
    check(rule, &[there.clone(), document("f/1", &[names(&["1"])]), document("f/2", &[("of", Value::Null)])], &[]);
    check(rule, &[there.clone(), document("f/1", &[names(&["1", "2", "3"])])], &[&["f/1"]]);
    check(rule, &[there, document("f/1", &[("of", Value::text("a/b"))])], &[&["f/1"]]);
}

#[test]
fn two_documents_are_held_against_each_other() {
    let rule = "collection = \"p\"\nbeside = { by = \"of\", to = \"o\", differ = [\"paid\", \"owed\"] }";
    let payment = |cents| document("p/1", &[("of", Value::text("1")), ("paid", Value::Integer(cents))]);
    let order = document("o/1", &[("owed", Value::Integer(100))]);
    check(rule, &[payment(100), order.clone()], &[]);
    check(rule, &[payment(200), order], &[&["p/1", "o/1"]]);
    check(rule, &[payment(200)], &[]);
    let rule = "collection = \"f\"\nwhen = [{ field = \"out\", older_than = \"1h\" }]\n\
                beside = { by = \"of\", to = \"b\", before = [\"at\", \"out\"], about = \"other\" }";
    let firing = document("f/1", &[("of", Value::text("1")), ("out", hours_ago(5))]);
    check(rule, &[firing.clone(), document("b/1", &[("at", hours_ago(9))])], &[&["b/1", "f/1"]]);
    check(rule, &[firing, document("b/1", &[("at", hours_ago(2))])], &[]);
}

#[test]
fn somebody_has_to_name_it() {
    let rule = "collection = \"o\"\nnamed = { of = \"p\", by = \"of\" }";
    let payment = document("p/1", &[("of", Value::text("1"))]);
    check(rule, &[document("o/1", &[]), document("o/2", &[]), payment], &[&["o/2"]]);
}

#[test]
fn what_shares_a_kiln_is_apart_and_touching_is_no_overlap() {
    let rule = "collection = \"f\"\napart = { of = \"kiln\", from = \"from\", until = \"until\" }";
    let firing = |id: &str, kiln: &str, from, until| {
        document(id, &[("kiln", Value::text(kiln)), ("from", hours_ago(from)), ("until", hours_ago(until))])
    };
    let apart = [firing("f/1", "a", 9, 6), firing("f/2", "a", 6, 3), firing("f/3", "b", 8, 4)];
    check(rule, &apart, &[]);
    let overlap =
        [firing("f/1", "a", 9, 5), firing("f/2", "a", 6, 3), firing("f/3", "a", 4, 1), firing("f/4", "a", 1, 0)];
    check(rule, &overlap, &[&["f/1", "f/2", "f/3"]]);
}

#[test]
fn a_crowd_is_many_by_many_within_the_time() {
    let rule = "collection = \"r\"\n\
                crowd = { of = \"of\", at = \"at\", within = \"2h\", at_least = 3, distinct = \"by\", at_least_distinct = 2 }";
    let report = |id: &str, hours, by: &str| {
        document(id, &[("of", Value::text("x")), ("at", hours_ago(hours)), ("by", Value::text(by))])
    };
    let burst = [report("r/1", 9, "a"), report("r/2", 8, "b"), report("r/3", 7, "a"), report("r/4", 3, "c")];
    check(rule, &burst, &[&["r/1", "r/2", "r/3"]]);
    check(rule, &[report("r/1", 9, "a"), report("r/2", 8, "a"), report("r/3", 7, "a")], &[]);
    check(rule, &[report("r/1", 9, "a"), report("r/2", 6, "b"), report("r/3", 3, "a")], &[]);
}

#[test]
fn every_shipped_rule_is_one_and_says_what_it_needs() {
    let rules = Rules::shipped();
    assert!(rules.all().len() > 70, "{}", rules.all().len());
    assert!(rules.all().iter().all(|rule| rule.finding.family().word() != "mirror"));
    let batches = BTreeSet::from([CollectionId::parse("batches").expect("legal")]);
    let judged = rules.judged(&batches);
    assert!(judged.all().iter().all(|rule| rule.collection.as_str() == "batches"));
    assert_eq!(judged.all().len() + rules.unjudged(&batches).len(), rules.all().len());
}

#[test]
fn a_file_that_is_wrong_says_where() {
    let check = |text: &str, expect: &str| {
        let error =
            Rules::parse("rules.toml", &format!("[[rule]]\nid = \"r\"\nsays = \"s\"\ncollection = \"b\"\n{text}"));
        let error = error.expect_err("is wrong").to_string();
        assert!(error.contains(expect) && error.contains("rules.toml"), "{error}");
    };
    check("", "`when` is empty");
    check("surprise = 1", "could not read");
    check("when = [{ field = \"a\" }]", "exactly one test");
    check("when = [{ field = \"a\", older_than = \"soon\" }]", "`soon` is no time");
    check("when = [{ field = \"a..b\", there = true }]", "`field`");
    check("computed = \"magic\"", "names `magic`");
    check("refers = { by = \"a\", to = \"b\" }\nexpect = []", "more than one of");
    check("crowd = { of = \"a\", at_least = 1 }", "at_least");
    check("finding = \"mirror-differs\"\nexpect = []", "flags-disagree or rule-broken");
    check("expect = []\n[[rule]]\nid = \"r\"\nsays = \"s\"\ncollection = \"b\"\nexpect = []", "another rule, too");
}

#[test]
fn a_finding_shows_what_it_rests_on_and_keeps_its_id() {
    let rules = Rules::shipped();
    let batch = |path: &str| document(path, &[("state", Value::text("SHELVED")), ("isClosed", Value::Boolean(true))]);
    let found =
        look(&rules.judged(&BTreeSet::from([CollectionId::parse("batches").expect("legal")])), &[batch("batches/b")]);
    let [found] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((found.kind, found.rule.as_deref()), (FindingKind::FlagsDisagree, Some("batch-closed-flag")));
    assert_eq!(found.changes[0].after, Some(Value::Boolean(false)));
    let shown: Vec<String> = found.changes.iter().map(|change| change.path.to_string()).collect();
    assert_eq!(shown, ["isClosed", "state"]);
    assert_ne!(found.id(), Finding { rule: None, ..found.clone() }.id());
}
