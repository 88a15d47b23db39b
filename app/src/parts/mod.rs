//! Parts of pages: components that know how one kind of fact looks, and nothing about where it is shown.

/// Icons.
pub(crate) mod icon;

/// States in words, colour and icon.
pub(crate) mod badge;

/// The states of our own things.
pub(crate) mod state;

/// Instants and numbers as people read them.
pub(crate) mod when;

/// Who and what.
pub(crate) mod naming;

/// Field changes.
pub(crate) mod diff;

/// Parts of a page that are empty or could not be read.
pub(crate) mod absence;

/// What happened so far.
pub(crate) mod timeline;

/// Form fields and their problems.
pub(crate) mod field;

/// Lists of proposals and writes, used by several pages.
pub(crate) mod rows;
