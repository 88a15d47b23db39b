//! Resume tokens. Clients keep them as they are; inside is a moment: `{1: {1: varint}}`.

use tonic::Status;

use crate::sandbox::firestore::refusal::invalid;
use crate::sandbox::firestore::times::Micros;

#[derive(Clone, PartialEq, prost::Message)]
struct Token {
    #[prost(message, optional, tag = "1")]
    moment: Option<Moment>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Moment {
    #[prost(int64, tag = "1")]
    micros: i64,
}

/// The token of a moment.
pub(super) fn token(at: Micros) -> Vec<u8> {
    prost::Message::encode_to_vec(&Token { moment: Some(Moment { micros: at.0 }) })
}

/// The moment of a token.
pub(super) fn parse(bytes: &[u8]) -> Result<Micros, Status> {
    let wrong = || invalid("resume_token", "was not made by this server");
    let token: Token = prost::Message::decode(bytes).map_err(|_| wrong())?;
    match token.moment {
        Some(moment) if moment.micros > 0 => Ok(Micros(moment.micros)),
        Some(_) | None => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_and_garbage_does_not() {
        assert_eq!(parse(&token(Micros(1_700_000_000_000_001))).unwrap(), Micros(1_700_000_000_000_001));
        for garbage in [&b"garbage"[..], &[0x0a], &[0x0a, 0], &[0xff; 11]] {
            assert_eq!(parse(garbage).unwrap_err().code(), tonic::Code::InvalidArgument);
        }
    }
}
