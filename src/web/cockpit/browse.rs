//! The mirror's documents: collections, and what is looked for in one of them.

use studio_cockpit::model::documents::{CollectionHeld, DocumentFilter, DocumentList, DocumentRow, Documents};
use studio_cockpit::model::overview::Freshness;
use studio_cockpit::paths;

use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::time::Timestamp;
use crate::domain::value::Value;
use crate::store::browse::{LOOKED_THROUGH, Wanted};
use crate::store::{self, Mirrored, Target};
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::naming::Names;
use crate::web::desk;

/// How many documents a page shows.
const PAGE: u16 = 50;

impl Cockpit {
    pub(super) async fn documents_page(&self, filter: &DocumentFilter) -> Documents {
        let collections = self.panel("The collections", self.collections_held().await);
        let list = match filter.collection.as_deref().map(CollectionId::parse) {
            Some(Ok(collection)) => Some(self.panel("The documents", self.documents_found(&collection, filter).await)),
            // What can be no collection's name has no documents.
            Some(Err(_)) => Some(Ok(DocumentList::default())),
            None => None,
        };
        Documents { collections, list }
    }

    /// Every mirrored collection. Documents are counted with the studio's state; before it was, one by one.
    async fn collections_held(&self) -> store::Result<Vec<CollectionHeld>> {
        let targets = self.store().targets().await?;
        let newest = self.store().snapshot_newest().await?;
        let held = self.held(&targets).await?;
        let row = |target: &Target| {
            let state = newest.as_ref().and_then(|newest| newest.collections.get(&target.collection));
            let held = held.get(&target.collection).copied().unwrap_or_default();
            CollectionHeld {
                collection: target.collection.to_string(),
                documents: target.read_time.map(|_| held.documents),
                freshness: self.freshness(target),
                as_of: target.read_time.map(Timestamp::to_jiff),
                oldest_open: state.and_then(|state| state.oldest_open).map(Timestamp::to_jiff),
                unreadable: held.unreadable,
            }
        };
        Ok(targets.iter().map(row).collect())
    }

    /// How far what is known of a collection can be trusted now.
    pub(super) fn freshness(&self, target: &Target) -> Freshness {
        match desk::judge(&self.settings().bounds, target, self.now()) {
            desk::Freshness::Fresh => Freshness::Fresh,
            desk::Freshness::Aging => Freshness::Aging,
            desk::Freshness::Stale => Freshness::Stale,
            desk::Freshness::Unknown => Freshness::Unknown,
        }
    }

    async fn documents_found(&self, collection: &CollectionId, filter: &DocumentFilter) -> store::Result<DocumentList> {
        let after = filter.after.as_deref().and_then(|after| DocPath::parse(after).ok());
        let names = self.names();
        let wanted = Wanted {
            collection,
            id: filter.id.as_deref().unwrap_or_default(),
            title: filter.title.as_deref(),
            with_names: names == Names::Whole,
            after: after.as_ref(),
        };
        let found = self.store().documents_wanted(wanted, PAGE).await?;
        Ok(DocumentList {
            rows: found.documents.iter().map(|held| row(held, names)).collect(),
            next: found.next.map(|next| next.to_string()),
            looked_through: found.is_part.then_some(u64::from(LOOKED_THROUGH)),
        })
    }
}

fn row(held: &Mirrored, names: Names) -> DocumentRow {
    let (path, fields) = (&held.document.path, &held.document.fields);
    let text = |name: &str| fields.get(name).and_then(Value::as_text).map(str::to_owned);
    let may_read = names.may_read(path);
    DocumentRow {
        path: names.path(path),
        href: may_read.then(|| paths::document(path.as_str())),
        title: names.title(fields).filter(|_| may_read),
        state: text("status").or_else(|| text("state")),
        updated_at: held.document.update_time.to_jiff(),
    }
}
