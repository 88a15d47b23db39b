//! Where the service can be made to die, so that drills and tests see what becomes of a write.
//!
//! They stand where losing the process would hurt most. A release without the feature `sandbox` has none of them.

/// Every failpoint that the way of an approved write passes, in the order in which it does.
pub const FAILPOINTS: [&str; 4] =
    ["push::before-intent", "push::after-intent", "push::after-send", "push::before-settle"];
