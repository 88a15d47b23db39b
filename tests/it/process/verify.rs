//! `mirror verify` with the running service and without it.

use serde_json::Value;
use studio_brain::store::Store;

use super::service::Stage;

#[tokio::test]
async fn mirror_verify_says_equal_differed_or_could_not_tell_with_its_exit_code() {
    let stage = Stage::open().await;
    let verify = async |more: &[&str]| {
        let arguments = [&["mirror", "verify", "--json"], more].concat();
        let done = stage.command(&arguments).output().await.expect("runs");
        let said: Value = serde_json::from_slice(&done.stdout).unwrap_or_default();
        (done.status.code(), said, String::from_utf8_lossy(&done.stderr).into_owned())
    };
    let service = stage.serve("").await;
    stage.wait_for("/readyz", |status, _| status == 200).await;
    let (code, said, told) = verify(&[]).await;
    assert_eq!(code, Some(0), "{said} {told}");
    let results = said["results"].as_array().expect("results").len();
    assert!(results == 6 && told.contains("reservations"), "{told}");

    let file = Store::file_in(&stage.data());
    let intruder = sqlx::SqlitePool::connect(&format!("sqlite://{}", file.display())).await.expect("comes in");
    let sql = "update documents set fields = '{}' where path = 'reservations/r-archived'";
    sqlx::query(sql).execute(&intruder).await.expect("damages");
    let (code, said, told) = verify(&["reservations"]).await;
    assert_eq!(code, Some(1), "{said} {told}");
    let one = &said["results"][0];
    assert_eq!(
        (&one["changed"], &one["repaired"], &one["verdict"]),
        (&1.into(), &1.into(), &"differed".into()),
        "{one}"
    );
    let (code, said, _) = verify(&["reservations", "--deep"]).await;
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(said["results"][0]["reread"], said["results"][0]["documents"], "{said}");
    let (code, _, told) = verify(&["nothing"]).await;
    assert!(code == Some(2) && told.contains("not mirrored"), "{told}");
    let status = stage.command(&["mirror", "status", "--json"]).output().await.expect("runs");
    let status: Value = serde_json::from_slice(&status.stdout).expect("is JSON");
    let reservations = status["collections"].as_array().expect("collections").iter();
    let reservations = reservations.clone().find(|line| line["collection"] == "reservations").expect("mirrored");
    assert!(reservations["proved_as_of"].is_string(), "{reservations}");
    assert!(service.stop().await.success());

    sqlx::query(sql).execute(&intruder).await.expect("damages");
    intruder.close().await;
    let (code, said, told) = verify(&[]).await;
    assert_eq!(code, Some(1), "{said} {told}");
    assert!(told.contains("No service runs"), "{told}");
    let (code, said, told) = verify(&[]).await;
    assert_eq!(code, Some(0), "{said} {told}");
}
