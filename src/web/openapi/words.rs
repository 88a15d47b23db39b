//! How the domain's words look in JSON. The domain itself knows nothing of OpenAPI.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

macro_rules! words {
    ($($(#[doc = $what:literal])* $name:ident: $format:expr, $pattern:expr, $example:literal;)*) => {$(
        $(#[doc = $what])*
        #[derive(Debug)]
        pub enum $name {}

        impl ToSchema for $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let what = [$($what),*].map(str::trim).join(" ");
                let (format, pattern): (Option<KnownFormat>, Option<&str>) = ($format, $pattern);
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .format(format.map(SchemaFormat::KnownFormat))
                    .pattern(pattern)
                    .description(Some(what))
                    .examples([$example])
                    .into()
            }
        }
    )*};
}

words! {
    /// A moment in UTC, to the microsecond.
    Moment: Some(KnownFormat::DateTime), None, "2026-03-18T17:00:00.000000Z";
    /// An id that we gave.
    Id: Some(KnownFormat::Uuid), None, "0198c0de-0000-7000-8000-000000000000";
    /// A SHA-256 in hex.
    Sha256: None, Some("^[0-9a-f]{64}$"), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    /// The path of a document: an even number of segments.
    DocumentPath: None, None, "reservations/r-1042";
    /// The id of a person or an agent, as the identity provider or the operating system gives it.
    PersonId: None, None, "agent-glaze-scout";
    /// The name of a studio or of a collection.
    Name: None, None, "reservations";
}
