//! One Edge per studio: the one place of wiring.
