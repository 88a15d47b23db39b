//! A stream that has fallen silent is noticed after two minutes of the mirror's own clock, which the tests hold still.

use std::sync::mpsc;
use std::time::Duration;

use studio_brain::sandbox::firestore::Options;
use studio_brain::store::Store;
use tokio::task::JoinHandle;
use tokio::time::{advance, pause};

use super::stage::{PATIENCE, Stage, now, options};
use super::values::{Fields, integer};

/// A clock that moves only when it is told to. Sockets and the database work on, in their own time.
struct StillClock {
    /// Tokio does not move a paused clock by itself while blocking work is under way: this is such work.
    ended: JoinHandle<()>,
    _end: mpsc::Sender<()>,
}

impl StillClock {
    fn stop() -> Self {
        let (end, ending) = mpsc::channel::<()>();
        let ended = tokio::task::spawn_blocking(move || _ = ending.recv_timeout(PATIENCE));
        pause();
        Self { ended, _end: end }
    }

    /// Waits for something that needs no clock, but not for ever.
    async fn until(&mut self, what: &str, holds: impl Future<Output = ()>) {
        tokio::select! {
            () = holds => {}
            _ = &mut self.ended => panic!("never: {what}"),
        }
    }
}

async fn errors(store: &Store) -> Vec<String> {
    let targets = store.targets().await.expect("readable");
    targets.into_iter().filter_map(|target| target.error).map(|(_, text)| text).collect()
}

async fn some_error(store: &Store, words: &str) {
    let mut changed = store.changed();
    while !errors(store).await.iter().any(|text| text.contains(words)) {
        changed.changed().await.expect("the store is open");
    }
}

/// Time for the mirror to do whatever it has a mind to: many round trips to the server and to the database.
async fn round_trips(stage: &Stage) {
    for _ in 0..100 {
        stage.authority.server_time().await.expect("the server answers");
        stage.store.targets().await.expect("readable");
    }
}

async fn following(heartbeat: Duration) -> Stage {
    let mut stage = Stage::of(&["batches"], Options { heartbeat, ..options() }).await;
    assert_eq!(stage.settings.watchdog, Duration::from_secs(120));
    stage.truth.put("batches/a", Fields::from([("n".to_owned(), integer(1))]));
    stage.run();
    let moment = stage.truth.put("batches/a", Fields::from([("n".to_owned(), integer(2))]));
    stage.reached(&moment, PATIENCE).await.expect("in time");
    stage
}

#[tokio::test]
async fn two_minutes_of_silence_open_the_stream_again() {
    let mut stage = following(Duration::from_secs(30)).await;
    let mut clock = StillClock::stop();
    stage.world.hold_streams(true);
    let moment = stage.truth.put("batches/b", Fields::from([("n".to_owned(), integer(3))]));
    advance(Duration::from_secs(119)).await;
    // Had the mirror given up, its error would be there by now.
    clock.until("the server answers", round_trips(&stage)).await;
    assert_eq!(errors(&stage.store).await, Vec::<String>::new());

    advance(Duration::from_secs(2)).await;
    clock.until("the silence is noticed", some_error(&stage.store, "no answer")).await;
    stage.world.hold_streams(false);
    advance(Duration::from_secs(1)).await;
    clock.until("it shows what it missed", async { stage.reached(&moment, PATIENCE).await.expect("in time") }).await;
    clock.until("it stops", stage.stop()).await;
}

#[tokio::test]
async fn a_heartbeat_in_time_is_no_silence() {
    let mut stage = following(Duration::from_secs(30)).await;
    let mut clock = StillClock::stop();
    for _ in 0..10 {
        let before = now();
        advance(Duration::from_secs(31)).await;
        clock
            .until("the heartbeat is stored", async { stage.store.targets_reach(before).await.expect("readable") })
            .await;
        assert_eq!(errors(&stage.store).await, Vec::<String>::new());
    }
    clock.until("it stops", stage.stop()).await;
}

#[tokio::test]
async fn only_two_healthy_minutes_make_the_waits_short_again() {
    let mut stage = Stage::of(&["batches"], Options { heartbeat: Duration::from_secs(30), ..options() }).await;
    stage.settings.retry_first = Duration::from_secs(1);
    stage.settings.retry_most = Duration::from_secs(60);
    stage.world.fail_next("Listen", tonic::Status::resource_exhausted("slow down"));
    let mut clock = StillClock::stop();
    stage.run();
    // We asked for too much: the longest wait at once, half shorter or longer by chance.
    clock.until("it is told to slow down", some_error(&stage.store, "slow down")).await;
    advance(Duration::from_secs(29)).await;
    clock.until("the server answers", round_trips(&stage)).await;
    assert_eq!(errors(&stage.store).await.len(), 1, "it came back too soon");
    advance(Duration::from_secs(62)).await;
    let moment = stage.truth.put("batches/a", Fields::from([("n".to_owned(), integer(1))]));
    clock.until("it is back", async { stage.reached(&moment, PATIENCE).await.expect("in time") }).await;

    // A stream that breaks at once is no proof of health: the waits stay long.
    stage.world.break_streams();
    clock.until("it is broken", some_error(&stage.store, "connection was lost")).await;
    advance(Duration::from_secs(20)).await;
    clock.until("the server answers", round_trips(&stage)).await;
    assert_eq!(errors(&stage.store).await.len(), 1, "it came back too soon");
    advance(Duration::from_secs(71)).await;
    let moment = stage.truth.put("batches/a", Fields::from([("n".to_owned(), integer(2))]));
    clock.until("it is back", async { stage.reached(&moment, PATIENCE).await.expect("in time") }).await;

    // One that has worked for two minutes is: the next wait is a short one.
    for _ in 0..5 {
        let before = now();
        advance(Duration::from_secs(31)).await;
        clock
            .until("the heartbeat is stored", async { stage.store.targets_reach(before).await.expect("readable") })
            .await;
    }
    stage.world.break_streams();
    clock.until("it is broken", some_error(&stage.store, "connection was lost")).await;
    advance(Duration::from_secs(2)).await;
    let moment = stage.truth.put("batches/a", Fields::from([("n".to_owned(), integer(3))]));
    clock.until("it is back", async { stage.reached(&moment, PATIENCE).await.expect("in time") }).await;
    clock.until("it stops", stage.stop()).await;
}
