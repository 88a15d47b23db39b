//! Document reads as a bill would show them, split by what caused them.

/// Document reads billed to clients so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BilledReads {
    /// `GetDocument` and `BatchGetDocuments`: one for each document asked for, there or not.
    pub get: u64,
    /// `ListDocuments`: one for each document of a page, at least one.
    pub list: u64,
    /// `ListCollectionIds`: one for each request.
    pub collection_ids: u64,
    /// `RunQuery`: one for each document found or skipped by an offset, at least one.
    pub query: u64,
    /// `RunAggregationQuery`: one for each 1,000 index entries begun, at least one.
    pub aggregation: u64,
    /// `PartitionQuery`: one for each request.
    pub partition: u64,
    /// A target that begins anew, also after a RESET or a resume that came too late: its documents, at least one.
    pub listen_start: u64,
    /// Documents that came into a target, changed in it or left it because they changed. Deletions are free.
    pub listen: u64,
}

/// What caused a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    Get,
    List,
    CollectionIds,
    Query,
    Aggregation,
    Partition,
    ListenStart,
    Listen,
}

impl BilledReads {
    /// All of them.
    pub fn total(&self) -> u64 {
        let Self { get, list, collection_ids, query, aggregation, partition, listen_start, listen } = self;
        [get, list, collection_ids, query, aggregation, partition, listen_start, listen].into_iter().sum()
    }

    /// Adds reads.
    pub(super) fn add(&mut self, cause: Cause, reads: usize) {
        let counter = match cause {
            Cause::Get => &mut self.get,
            Cause::List => &mut self.list,
            Cause::CollectionIds => &mut self.collection_ids,
            Cause::Query => &mut self.query,
            Cause::Aggregation => &mut self.aggregation,
            Cause::Partition => &mut self.partition,
            Cause::ListenStart => &mut self.listen_start,
            Cause::Listen => &mut self.listen,
        };
        *counter = counter.saturating_add(reads as u64);
    }
}
