//! The mirror against chance, against a hostile network and against its own end.

/// Chance that can be thrown again.
pub(crate) mod dice;

/// A sandbox, a store and a mirror between them.
mod stage;

/// What the server holds, written without any code of the mirror's.
mod truth;

/// Documents of chance.
mod values;

/// What may happen to a mirror.
mod steps;

/// Whatever happens to it, the mirror ends up equal to the server.
mod converging;

/// Every kind of value survives the whole way.
mod round_trip;

/// What it costs to find out what was deleted while we were away.
mod away;

/// No snapshot is ever visible half.
mod whole;

/// Two minutes of silence, in no time.
mod watchdog;

/// A mirror without a database.
mod follower;

/// A simulated network.
mod partitions;
