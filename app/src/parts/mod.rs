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

/// Buttons and links that look like them.
pub(crate) mod button;

/// A page that asks once more.
pub(crate) mod confirm;

/// Messages shown once.
pub(crate) mod flash;

/// A part of a page under a heading.
pub(crate) mod titled;

/// Tables.
pub(crate) mod table;

/// Which part of a list is shown.
pub(crate) mod tabs;

/// Where one is, and what lies beside and above it.
pub(crate) mod pager;

/// One number and its trend.
pub(crate) mod stat;

/// How much of something is left.
pub(crate) mod level;

/// Charts, drawn on the server.
pub(crate) mod chart;

/// Lists of proposals and writes, used by several pages.
pub(crate) mod rows;
