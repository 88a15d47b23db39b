//! One approved proposal, carried out two hundred times at once by four processes on one database.
//!
//! The service locks its data directory, so that this can't happen to it; what holds without the lock is tested here.

use std::path::PathBuf;
use std::process::Stdio;

use futures_util::future::join_all;

use studio_brain::authority::{Authority, Connect, PlainEndpoint, Settings};
use studio_brain::clock::Clock;
use studio_brain::domain::ledger::WriteState;
use studio_brain::gate::Writes;
use studio_brain::jobs::drive::Job as _;

use super::stage::{Cloud, patient_policy, start, text};

const PROCESSES: usize = 4;

const EXECUTIONS_EACH: usize = 50;

const DIRECTORY: &str = "STUDIO_TEST_DIRECTORY";

const ADDRESS: &str = "STUDIO_TEST_FIRESTORE";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_executions_of_one_proposal_by_four_processes_are_one_commit() {
    let cloud = Cloud::with(&["r-1"]);
    let mut edge = cloud.fresh_box(Writes::On).await;
    let people = edge.people().await;
    edge.pass().await;
    let proposal = edge.approved(&people, "r-1", "CONFIRMED").await;
    let before = (cloud.commits(), cloud.writes_to("r-1"));
    let me = std::env::current_exe().expect("this program has a path");
    let children: Vec<_> = (0..PROCESSES)
        .map(|_| {
            tokio::process::Command::new(&me)
                .args(["--exact", "boxes::executions::one_of_the_processes", "--ignored", "--nocapture"])
                .env(DIRECTORY, edge.directory.path())
                .env(ADDRESS, edge.address().to_string())
                .stdout(Stdio::piped())
                .spawn()
                .expect("starts")
        })
        .collect();
    let ended = join_all(children.into_iter().map(tokio::process::Child::wait_with_output)).await;
    let mut passes = 0;
    for output in ended {
        let output = output.expect("ends");
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{told}");
        passes += told.matches("executed").count();
    }
    assert_eq!(passes, PROCESSES * EXECUTIONS_EACH, "all of them tried");
    edge.pass().await;
    assert_eq!(cloud.writes_to("r-1"), before.1 + 1);
    assert_eq!(cloud.status("r-1"), text("CONFIRMED"));
    let records = edge.store.writes_of(proposal).await.expect("reads");
    let [record] = records.as_slice() else { panic!("one write was meant: {records:?}") };
    assert!(matches!(record.state, WriteState::Landed(_) | WriteState::Observed { .. }), "{record:?}");
    assert!(cloud.has_receipt(&edge.proposal(proposal).await));
    edge.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it is one of the processes that another test starts"]
async fn one_of_the_processes() {
    let directory = PathBuf::from(std::env::var_os(DIRECTORY).expect("the test names a directory"));
    let address = std::env::var(ADDRESS).expect("the test names a server");
    let authority = Authority::new(Settings {
        connect: Connect::Plain(PlainEndpoint::parse(&address).expect("an endpoint")),
        project: "demo-studio".to_owned(),
        database: "(default)".to_owned(),
        request_timeout: std::time::Duration::from_secs(30),
    });
    let (clock, policy) = (Clock::system(), patient_policy());
    let mut executors = Vec::new();
    let (store, gate, _) = start(&directory, &clock, &policy, Writes::On, &authority).await;
    for _ in 0..EXECUTIONS_EACH {
        executors.push(super::stage::push(&store, &authority, &clock, &gate));
    }
    let ends = join_all(executors.iter_mut().map(|push| push.pass())).await;
    for end in ends {
        // Another process may have been faster with the lease or the write, which is no trouble of this one.
        println!("executed {}", end.map_or_else(|error| format!("{error:#}"), |pass| format!("{pass:?}")));
    }
    store.close().await;
}
