//! What things are. Pure: no await, no SQL, no network, no clock.
