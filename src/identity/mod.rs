//! Who someone is: ID tokens, sessions, operators on the box.
