//! The cockpit: server-rendered pages, view models and styles.
