//! Every setting: what it is, its unit, its default and its variable.
