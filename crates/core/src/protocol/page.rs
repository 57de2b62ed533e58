//! What the pages of all four lists have in common.
//!
//! A page flattens nothing: `serde(flatten)` buffers what it reads, and the schemas inside a page
//! have to pass through letter by letter. So the common members are written into each type, from
//! here.

/// Declares a page: the type, the one list it holds, and the members every page has.
macro_rules! page {
    (
        $(#[$about:meta])*
        pub struct $name:ident {
            $(#[$about_items:meta])*
            pub $items:ident: Vec<$item:ty>,
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        #[non_exhaustive]
        pub struct $name {
            $(#[$about_items])*
            pub $items: Vec<$item>,
            /// The cursor of the next page. Absent on the last; an empty string is a cursor.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub next_cursor: Option<String>,
            /// How long the page stays fresh, in milliseconds (since 2026-07-28).
            #[serde(
                default,
                deserialize_with = "crate::protocol::lenient::count",
                skip_serializing_if = "Option::is_none"
            )]
            pub ttl_ms: Option<u64>,
            /// Who may share it (since 2026-07-28).
            #[serde(
                default,
                deserialize_with = "crate::protocol::CacheScope::lenient",
                skip_serializing_if = "Option::is_none"
            )]
            pub cache_scope: Option<crate::protocol::CacheScope>,
            /// Metadata.
            #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
            pub meta: Option<crate::protocol::Meta>,
        }
    };
}

pub(super) use page;
