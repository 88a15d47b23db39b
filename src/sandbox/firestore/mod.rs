//! A Firestore v1 gRPC server in memory.

/// `google.protobuf.Empty`, under the name that the generated service asks for.
pub type Empty = ();
