//! Page tokens: the moment of the first page and how many results came before.

use tonic::Status;

use crate::sandbox::firestore::ledger::Ledger;
use crate::sandbox::firestore::refusal::invalid;
use crate::sandbox::firestore::times::Micros;
use crate::sandbox::firestore::transactions::{Consistency, Reading};

/// Where a page begins. All pages of one list see the same moment.
pub(super) struct Page {
    pub(super) reading: Reading,
    from: usize,
    size: usize,
}

impl Page {
    /// Begins the read of a page. A `size` of 0 means `usual`.
    pub(super) fn begin(
        ledger: &mut Ledger,
        consistency: Consistency,
        token: &str,
        size: i32,
        usual: usize,
    ) -> Result<Self, Status> {
        let size = match usize::try_from(size).map_err(|_| invalid("page_size", "is negative"))? {
            0 => usual,
            size => size,
        };
        let mut reading = ledger.read(consistency)?;
        if token.is_empty() {
            return Ok(Self { reading, from: 0, size });
        }
        let wrong = || invalid("page_token", "was not made by this server");
        let (micros, from) = token.split_once('-').ok_or_else(wrong)?;
        let at = Micros(micros.parse().map_err(|_| wrong())?);
        if at > reading.at {
            return Err(wrong());
        }
        reading.at = at;
        Ok(Self { reading, from: from.parse().map_err(|_| wrong())?, size })
    }

    /// Most results on one page.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// The part of `all` on this page, and the token of the next page; empty on the last one.
    pub(super) fn cut<Item>(&self, all: Vec<Item>) -> (Vec<Item>, String) {
        let next = self.from.saturating_add(self.size);
        let token = if next < all.len() { format!("{}-{next}", self.reading.at.0) } else { String::new() };
        (all.into_iter().skip(self.from).take(self.size).collect(), token)
    }
}
