//! The sample studio: deterministic documents with every edge case in them.
