//! What the official emulator serves over plain HTTP, on the port of gRPC.

use reqwest::{Client, StatusCode};

use super::harness::{Sandbox, all, collection};

#[tokio::test]
async fn one_request_empties_a_database_and_its_listeners_hear_of_it() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("c/a", 1), ("c/a/d/b", 1)]);
    let other = sandbox.world.database("projects/glass/databases/other");
    other.put("c/a", super::harness::fields(1));
    let mut stream = sandbox.listen().await;
    stream.add(all(1, "c")).await;
    stream.snapshot().await;
    let url = |rest: &str| format!("http://{}{rest}", sandbox.address());
    let documents = |database: &str| url(&format!("/emulator/v1/projects/glass/databases/{database}/documents"));
    let http = Client::new();
    let root = http.get(url("/")).send().await.unwrap();
    assert_eq!((root.status(), root.text().await.unwrap().trim()), (StatusCode::OK, "Ok"));
    let answer = http.delete(documents("(default)")).send().await.unwrap();
    assert_eq!((answer.status(), answer.text().await.unwrap().as_str()), (StatusCode::OK, "{}"));
    assert_eq!(http.get(documents("(default)")).send().await.unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(http.delete(documents("%20%2F")).send().await.unwrap().status(), StatusCode::BAD_REQUEST);
    assert_eq!(stream.snapshot().await.told, ["deleted c/a [1]"]);
    assert!(sandbox.query(collection("c")).await.unwrap().is_empty());
    assert_eq!((sandbox.database.document_count(), other.document_count()), (0, 1));
}
