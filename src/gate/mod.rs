//! May this happen? One function, one decision with a reason code.
