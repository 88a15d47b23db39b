use crate::domain::ids::Hash;
use crate::domain::value::{Fields, Value};

/// The most text that is read, in bytes: twice what a Firestore document can hold.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// The most pieces that are read.
const MOST_PIECES: usize = 20_000;

/// Everything that a person wrote in a proposal or document, in pieces as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    pieces: Vec<String>,
    bytes: usize,
    is_cut: bool,
}

impl Text {
    /// The text of these pieces.
    pub fn of_pieces<'a>(pieces: impl IntoIterator<Item = &'a str>) -> Self {
        let mut text = Self::default();
        pieces.into_iter().for_each(|piece| text.add(piece));
        text
    }

    /// Every text in the fields, however deep, names of inner fields among them.
    pub fn of_fields(fields: &Fields) -> Self {
        let mut text = Self::default();
        text.add_fields(fields);
        text
    }

    /// The same, with every text in the fields.
    pub fn and_fields(mut self, fields: &Fields) -> Self {
        self.add_fields(fields);
        self
    }

    /// The pieces.
    pub fn pieces(&self) -> &[String] {
        &self.pieces
    }

    /// Was there more than can be read?
    pub const fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The hash of the text as it was written.
    pub fn hash(&self) -> Hash {
        let mut bytes = Vec::with_capacity(self.bytes + self.pieces.len() * 8 + 1);
        for piece in &self.pieces {
            bytes.extend_from_slice(&(piece.len() as u64).to_be_bytes());
            bytes.extend_from_slice(piece.as_bytes());
        }
        bytes.push(u8::from(self.is_cut));
        Hash::of(bytes)
    }

    fn add_fields(&mut self, fields: &Fields) {
        // Not recursive: however deep the values are, the stack is not.
        let mut waiting: Vec<&Value> = fields.values().rev().collect();
        while let Some(value) = waiting.pop() {
            match value {
                Value::Text(piece) | Value::Reference(piece) => self.add(piece),
                Value::Bytes(bytes) => {
                    if let Ok(piece) = str::from_utf8(bytes) {
                        self.add(piece);
                    }
                }
                Value::Array(values) => waiting.extend(values.iter().rev()),
                Value::Map(inner) => {
                    inner.keys().for_each(|name| self.add(name));
                    waiting.extend(inner.values().rev());
                }
                Value::Null
                | Value::Boolean(_)
                | Value::Integer(_)
                | Value::Double(_)
                | Value::Timestamp(_)
                | Value::GeoPoint { .. } => {}
            }
        }
    }

    fn add(&mut self, piece: &str) {
        if piece.is_empty() {
            return;
        }
        if self.pieces.len() >= MOST_PIECES || self.bytes + piece.len() > MOST_BYTES {
            self.is_cut = true;
            return;
        }
        self.bytes += piece.len();
        self.pieces.push(piece.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_found_however_deep() {
        let mut value = Value::text("deep");
        for _ in 0..50_000 {
            value = Value::Array(vec![value]);
        }
        let inner = Fields::from([("name".to_owned(), Value::Bytes(b"bytes".to_vec()))]);
        let fields = Fields::from([
            ("a".to_owned(), value),
            ("b".to_owned(), Value::Map(inner)),
            ("c".to_owned(), Value::Integer(1)),
        ]);
        let text = Text::of_fields(&fields);
        assert_eq!(text.pieces(), ["deep", "name", "bytes"]);
        // A value this deep can't even be dropped in the usual way.
        std::mem::forget(fields);
    }

    #[test]
    fn what_can_not_be_read_whole_says_so() {
        let long = "x".repeat(MOST_BYTES);
        assert!(!Text::of_pieces([long.as_str()]).is_cut());
        assert!(Text::of_pieces([long.as_str(), "y"]).is_cut());
    }

    #[test]
    fn the_hash_tells_where_a_piece_ends() {
        let hash = |pieces: &[&str]| Text::of_pieces(pieces.iter().copied()).hash();
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_eq!(hash(&["ab", "", "c"]), hash(&["ab", "c"]));
    }
}
