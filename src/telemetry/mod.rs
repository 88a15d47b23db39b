//! Cloud Logging entries, metrics, request and job ids.
