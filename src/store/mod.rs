//! What we remember. All SQL lives here, one file per table; one writer, many readers.
