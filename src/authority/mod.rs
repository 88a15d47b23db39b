//! What Firestore says: the only user of its client, and the only door to it.
