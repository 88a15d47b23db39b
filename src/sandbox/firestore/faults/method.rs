//! The methods of the service, by the names of their RPCs.

use std::fmt;

/// A method of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the RPC of its name")]
pub enum Method {
    GetDocument,
    ListDocuments,
    UpdateDocument,
    DeleteDocument,
    BatchGetDocuments,
    BeginTransaction,
    Commit,
    Rollback,
    RunQuery,
    RunAggregationQuery,
    PartitionQuery,
    Listen,
    ListCollectionIds,
    BatchWrite,
    CreateDocument,
}

/// Why a name is not that of a method.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is not one of the methods {}", Method::ALL.map(Method::name).join(", "))]
pub struct UnknownMethod {
    name: String,
}

impl Method {
    /// All that the sandbox serves.
    pub const ALL: [Self; 15] = [
        Self::GetDocument,
        Self::ListDocuments,
        Self::UpdateDocument,
        Self::DeleteDocument,
        Self::BatchGetDocuments,
        Self::BeginTransaction,
        Self::Commit,
        Self::Rollback,
        Self::RunQuery,
        Self::RunAggregationQuery,
        Self::PartitionQuery,
        Self::Listen,
        Self::ListCollectionIds,
        Self::BatchWrite,
        Self::CreateDocument,
    ];

    /// The method of this RPC name.
    ///
    /// # Errors
    /// If the sandbox serves none of this name.
    pub fn parse(name: &str) -> Result<Self, UnknownMethod> {
        let found = Self::ALL.into_iter().find(|method| method.name() == name);
        found.ok_or_else(|| UnknownMethod { name: name.to_owned() })
    }

    /// The name of its RPC.
    pub fn name(self) -> &'static str {
        match self {
            Self::GetDocument => "GetDocument",
            Self::ListDocuments => "ListDocuments",
            Self::UpdateDocument => "UpdateDocument",
            Self::DeleteDocument => "DeleteDocument",
            Self::BatchGetDocuments => "BatchGetDocuments",
            Self::BeginTransaction => "BeginTransaction",
            Self::Commit => "Commit",
            Self::Rollback => "Rollback",
            Self::RunQuery => "RunQuery",
            Self::RunAggregationQuery => "RunAggregationQuery",
            Self::PartitionQuery => "PartitionQuery",
            Self::Listen => "Listen",
            Self::ListCollectionIds => "ListCollectionIds",
            Self::BatchWrite => "BatchWrite",
            Self::CreateDocument => "CreateDocument",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
