//! A simulated network between server and watcher: partitions, delays, connections lost and made again.
//!
//! Everything but the network, the clock and the database is the real code. The same seed gives the same run to the
//! microsecond: `STUDIO_SEED=42 cargo test --test it partitions`.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use gcloud_sdk::google::firestore::v1::firestore_client::FirestoreClient;
use hyper_util::rt::TokioIo;
use studio_brain::authority::{Authority, Connect, PlainEndpoint, Settings};
use studio_brain::domain::time::Timestamp;
use studio_brain::sandbox::firestore::{Database, FirestoreServer, Options, World};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::transport::{Endpoint, Server};
use turmoil::Sim;

use super::follower::{Follower, Kept};
use super::stage::{DATABASE, age, now, options};
use super::truth;
use super::values::{Fields, integer};
use crate::dice::Dice;

const COLLECTIONS: [&str; 2] = ["batches", "members"];
const SERVER: &str = "server";
const WATCHER: &str = "watcher";
const PORT: u16 = 8080;

/// How long things go wrong, in simulated time, and how long they may take to be right again.
const TROUBLE: Duration = Duration::from_secs(6 * 60);
const RECOVERY: Duration = Duration::from_secs(10 * 60);

/// The simulation's step, in milliseconds.
const TICK: u64 = 20;

type Simulated = Result<(), Box<dyn std::error::Error>>;

/// What one simulation came to.
struct Outcome {
    trace: Vec<String>,
    readings: usize,
    silences: usize,
}

#[test]
fn when_the_network_heals_what_is_known_equals_the_truth() {
    let seed = std::env::var("STUDIO_SEED").ok().and_then(|text| text.parse().ok());
    for seed in seed.map_or(1..4, |seed: u64| seed..seed + 1) {
        let outcome = simulate(seed);
        let (snapshots, readings, silences) = (outcome.trace.len(), outcome.readings, outcome.silences);
        println!("seed {seed}: {snapshots} entries, read {readings} times, {silences} silences");
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    let (one, again, other) = (in_its_own_time(7), in_its_own_time(7), in_its_own_time(8));
    let first = one.iter().zip(&again).position(|(one, again)| one != again);
    assert_eq!(first.map(|at| (&one[at], &again[at])), None, "the same seed went two ways");
    assert_eq!(one.len(), again.len());
    assert_ne!(one, other);
}

/// A run on a thread of its own, whose clock starts anew.
fn in_its_own_time(seed: u64) -> Vec<String> {
    std::thread::spawn(move || simulate(seed).trace).join().expect("it converges")
}

/// Runs one seed: trouble, then healing, then the comparison.
fn simulate(seed: u64) -> Outcome {
    let mut dice = Dice::of(seed);
    let world = World::new(Options { heartbeat: Duration::from_secs(30), ..options() });
    let database = world.database(DATABASE);
    let mut sim = turmoil::Builder::new()
        .rng_seed(dice.number())
        .simulation_duration(TROUBLE + RECOVERY + RECOVERY)
        .tick_duration(Duration::from_millis(TICK))
        .min_message_latency(Duration::from_millis(1))
        .max_message_latency(Duration::from_millis(*dice.one_of(&[20, 200, 800])))
        .build();
    sim.host(SERVER, move || serve(world.clone()));
    let (kept, enough) = (Rc::new(RefCell::new(Kept::default())), Rc::new(RefCell::new(None)));
    sim.client(WATCHER, watch(kept.clone(), enough.clone()));

    let mut running = true;
    while sim.elapsed() < TROUBLE {
        step(&mut sim).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        match dice.below(3_000) {
            0..60 => write(&database, &mut dice),
            60..64 => trouble(&mut sim, &mut dice, &mut running, &kept),
            _ => {}
        }
    }
    sim.repair(SERVER, WATCHER);
    sim.release(SERVER, WATCHER);
    if !running {
        sim.bounce(SERVER);
    }
    let last = database.put("batches/last", Fields::from([("n".to_owned(), integer(1))]));
    enough.replace(Some(Timestamp::from_parts(last.seconds, last.nanos)));
    let healed = sim.elapsed();
    while !step(&mut sim).unwrap_or_else(|error| panic!("seed {seed}: {error}")) {
        let waited = sim.elapsed() - healed;
        assert!(waited < RECOVERY, "seed {seed}: not true again after {waited:?}\n{:#?}", kept.borrow().trace);
    }
    let kept = kept.take();
    truth::compare(&kept.documents, &truth::of_server(&database))
        .unwrap_or_else(|why| panic!("{why}\nreplay: STUDIO_SEED={seed} cargo test --test it partitions"));
    Outcome { trace: kept.trace, readings: kept.readings, silences: kept.silences }
}

/// One tick, for the network and for the clock that the server stamps its commits with.
fn step(sim: &mut Sim<'_>) -> Result<bool, Box<dyn std::error::Error>> {
    age(Duration::from_millis(TICK));
    sim.step()
}

async fn serve(world: World) -> Simulated {
    let listener = turmoil::net::TcpListener::bind(("0.0.0.0", PORT)).await?;
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let _stop = stop.clone().drop_guard();
    let incoming = futures_util::stream::unfold(listener, async |listener| {
        let accepted = listener.accept().await.map(|(stream, _)| Wired(stream));
        Some((accepted, listener))
    });
    let routes = FirestoreServer::routes(world, tasks, stop);
    Ok(Server::builder().add_routes(routes).serve_with_incoming(incoming).await?)
}

async fn watch(kept: Rc<RefCell<Kept>>, enough: Rc<RefCell<Option<Timestamp>>>) -> Simulated {
    let settings = Settings {
        connect: Connect::Plain(PlainEndpoint::parse("127.0.0.1:1")?),
        project: "glass".to_owned(),
        database: "(default)".to_owned(),
        request_timeout: Duration::from_secs(10),
    };
    let follower =
        Follower { authority: Authority::new(settings), collections: COLLECTIONS.to_vec(), kept: kept.clone(), enough };
    loop {
        let ended = async { follower.session(connect().await?).await }.await;
        let Err(why) = ended else { return Ok(()) };
        kept.borrow_mut().trace.push(format!("{:?} lost: {why}", turmoil::elapsed()));
        // Nothing wakes it: this is the wait before the next try.
        let _ = timeout(Duration::from_secs(2), std::future::pending::<()>()).await;
    }
}

async fn connect() -> Result<FirestoreClient<tonic::transport::Channel>, Box<dyn std::error::Error>> {
    let connector =
        tower::service_fn(|_| async { turmoil::net::TcpStream::connect((SERVER, PORT)).await.map(TokioIo::new) });
    let endpoint = Endpoint::from_static("http://server:8080");
    let channel = timeout(Duration::from_secs(10), endpoint.connect_with_connector(connector)).await??;
    Ok(FirestoreClient::new(channel))
}

/// One commit of chance.
fn write(database: &Database, dice: &mut Dice) {
    let path = |dice: &mut Dice| format!("{}/d-{}", dice.one_of(&COLLECTIONS), dice.below(30));
    let fields = |dice: &mut Dice| Fields::from([("n".to_owned(), integer(dice.number().cast_signed()))]);
    match dice.below(4) {
        0 => database.delete(&path(dice)),
        1 => {
            let several: Vec<_> = (0..dice.below(9)).map(|_| (path(dice), fields(dice))).collect();
            database.seed(several);
        }
        _ => drop(database.put(&path(dice), fields(dice))),
    }
}

/// Something goes wrong with the network or the server, or stops being wrong.
fn trouble(sim: &mut Sim<'_>, dice: &mut Dice, running: &mut bool, kept: &RefCell<Kept>) {
    let what = match dice.below(9) {
        0 => {
            sim.partition(SERVER, WATCHER);
            "partition"
        }
        1 => {
            sim.partition_oneway(SERVER, WATCHER);
            "the server is not heard"
        }
        2 => {
            sim.partition_oneway(WATCHER, SERVER);
            "the watcher is not heard"
        }
        3 => {
            sim.hold(SERVER, WATCHER);
            "hold"
        }
        4 if *running => {
            sim.crash(SERVER);
            *running = false;
            "the server crashes"
        }
        4 | 5 if !*running => {
            sim.bounce(SERVER);
            *running = true;
            "the server is back"
        }
        6 => {
            sim.release(SERVER, WATCHER);
            "release"
        }
        _ => {
            sim.repair(SERVER, WATCHER);
            "repair"
        }
    };
    kept.borrow_mut().trace.push(format!("{:?} {what} at {}", sim.elapsed(), now()));
}

/// A stream of the simulated network, as the server's transport wants it.
struct Wired(turmoil::net::TcpStream);

impl tonic::transport::server::Connected for Wired {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl tokio::io::AsyncRead for Wired {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        into: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::pin::Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl tokio::io::AsyncWrite for Wired {
    fn poll_write(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        bytes: &[u8],
    ) -> std::task::Poll<std::io::Result<usize>> {
        std::pin::Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::pin::Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::pin::Pin::new(&mut self.0).poll_shutdown(context)
    }
}
