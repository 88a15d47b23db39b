//! An entry is what Cloud Logging expects, on one line, and holds no secret.

mod entries;
mod runs;

use std::{
    fmt,
    io::{self, Write},
    sync::{Arc, Mutex},
};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use studio_brain::{
    clock::Clock,
    config::{Config, Sources, telemetry::TelemetryConfig},
    telemetry,
};
use tracing_subscriber::fmt::MakeWriter;

const LONGEST_LINE: usize = 32 * 1024;

/// Everything written, in memory.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("memory").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Memory {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// A JSON value whose objects have no key twice, at any depth.
struct Unrepeated(Value);

impl<'de> Deserialize<'de> for Unrepeated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Unrepeated;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("JSON without repeated keys")
            }
            fn visit_unit<E>(self) -> Result<Unrepeated, E> {
                Ok(Unrepeated(Value::Null))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Unrepeated, E> {
                Ok(Unrepeated(value.into()))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Unrepeated, E> {
                Ok(Unrepeated(value.into()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Unrepeated, E> {
                Ok(Unrepeated(value.into()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Unrepeated, E> {
                Ok(Unrepeated(value.into()))
            }
            fn visit_str<E>(self, value: &str) -> Result<Unrepeated, E> {
                Ok(Unrepeated(value.into()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unrepeated, A::Error> {
                let mut list = Vec::new();
                while let Some(Unrepeated(item)) = items.next_element()? {
                    list.push(item);
                }
                Ok(Unrepeated(list.into()))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Unrepeated, A::Error> {
                let mut object = serde_json::Map::new();
                while let Some((key, Unrepeated(value))) = fields.next_entry::<String, _>()? {
                    if object.insert(key.clone(), value).is_some() {
                        return Err(serde::de::Error::custom(format!("the key {key:?} is repeated")));
                    }
                }
                Ok(Unrepeated(object.into()))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

fn config(format: &str, level: &str) -> TelemetryConfig {
    let sources = Sources::default()
        .with_override("studio.id", "monsoon-west")
        .with_override("firestore.project", "monsoon-prod")
        .with_override("telemetry.format", format)
        .with_override("telemetry.level", level);
    Config::load(sources).expect("a configuration").telemetry
}

fn clock() -> Clock {
    Clock::manual("2026-03-18T17:00:00.123456Z".parse().expect("a timestamp"))
}

/// The lines written while `act` runs.
fn lines(config: &TelemetryConfig, act: impl FnOnce()) -> Vec<String> {
    let memory = Memory::default();
    let subscriber = telemetry::subscriber(config, false, &clock(), memory.clone());
    tracing::subscriber::with_default(subscriber, act);
    let bytes = memory.0.lock().expect("memory").clone();
    let text = String::from_utf8(bytes).expect("UTF-8");
    assert!(text.is_empty() || text.ends_with('\n'), "every entry ends its line");
    text.lines().map(str::to_owned).collect()
}

/// The entries written while `act` runs; each is one line of JSON without repeated keys, and short enough.
fn entries(act: impl FnOnce()) -> Vec<Value> {
    let parse = |line: String| {
        assert!(line.len() <= LONGEST_LINE, "a line of {} bytes", line.len());
        serde_json::from_str::<Unrepeated>(&line).unwrap_or_else(|error| panic!("{error}: {line}")).0
    };
    lines(&config("stackdriver", "debug"), act).into_iter().map(parse).collect()
}

#[track_caller]
fn entry(act: impl FnOnce()) -> Value {
    let mut entries = entries(act);
    assert_eq!(entries.len(), 1, "one event is one line: {entries:?}");
    entries.remove(0)
}
