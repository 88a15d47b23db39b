//! HTTP only: the route table on one screen.
