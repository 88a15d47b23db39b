//! What a stream that only counts must learn from the store before it takes a message.

use std::collections::BTreeSet;

use crate::domain::ids::DocPath;
use crate::domain::watch::{Message, Missing, Watch};
use crate::jobs::mirror::{Means, MirrorError};
use crate::store::Target;

impl Means {
    /// Teaches the stream what it needs to know of the last snapshot: mostly the revisions of a few documents,
    /// and every name of a collection only when the server counts otherwise or sends everything again.
    pub(super) async fn recall(
        &self,
        targets: &[Target],
        watch: &mut Watch,
        message: &Message,
    ) -> Result<(), MirrorError> {
        let collection = |id| targets.iter().find(|target| target.id == id).map(|target| &target.collection);
        loop {
            match watch.missing(message) {
                Missing::Nothing => return Ok(()),
                Missing::Revisions(asked) => {
                    // A document is in the target of its own collection, or in none.
                    let belongs = |path: &DocPath, id| {
                        path.is_root() && collection(id).is_some_and(|collection| path.collection() == *collection)
                    };
                    let wanted: BTreeSet<&DocPath> =
                        asked.iter().filter(|(id, path)| belongs(path, *id)).map(|(_, path)| path).collect();
                    let known = match wanted.is_empty() {
                        true => Default::default(),
                        false => self.store.documents_revisions(&wanted).await?,
                    };
                    for (id, path) in &asked {
                        let revision = known.get(path).copied().filter(|_| belongs(path, *id));
                        watch.learn(*id, path, revision);
                    }
                }
                Missing::Everything(id) => {
                    let known = match collection(id) {
                        Some(collection) => self.store.documents_known(collection).await?,
                        None => Default::default(),
                    };
                    watch.learn_all(id, known);
                }
            }
        }
    }
}
