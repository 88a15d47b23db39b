//! Where the service can be made to die, so that drills and tests see what becomes of a write.
//!
//! They stand where losing the process would hurt most. A release without the feature `sandbox` has none of them.

/// Every failpoint: those that the way of an approved write passes, in the order in which it does, and those of sealing
/// the audit log and of changing its key.
pub const FAILPOINTS: [&str; 11] = [
    "push::before-intent",
    "push::after-intent",
    "push::after-send",
    "push::before-settle",
    "push::before-observe",
    "seal::before-checkpoint",
    "seal::after-checkpoint",
    "seal::after-anchor",
    "seal::before-rotation",
    "seal::after-rotation",
    "seal::before-promotion",
];
