//! Resources: fixed, by template, and one to watch.

use purlin::prelude::*;
use serde::Serialize;

use crate::content::PNG;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Data {
    id: String,
    template_test: bool,
    data: String,
}

/// Resources.
#[mcp_server]
pub(crate) mod fixtures {
    use super::*;

    /// A text that stays the same.
    #[mcp_resource("test://static-text", mime_type = "text/plain")]
    fn static_text() -> &'static str {
        "This is the content of the static text resource."
    }

    /// An image that stays the same.
    #[mcp_resource("test://static-binary", mime_type = "image/png")]
    fn static_binary() -> Vec<u8> {
        PNG.to_vec()
    }

    /// A text to watch.
    #[mcp_resource("test://watched-resource", mime_type = "text/plain")]
    fn watched_resource() -> &'static str {
        "This resource can be watched."
    }

    /// Data by its id.
    #[mcp_resource("test://template/{id}/data", mime_type = "application/json")]
    fn template(id: &str) -> Json<Data> {
        Json(Data {
            id: id.to_owned(),
            template_test: true,
            data: format!("Data for ID: {id}"),
        })
    }
}
