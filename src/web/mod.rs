//! HTTP only.
