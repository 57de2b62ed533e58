//! Where there are no boxes for processes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Language;
use super::backend::Backend;
use super::builder::Setup;
use super::unavailable::Missing;

/// Says for each language that it cannot be run.
pub(super) async fn prepare(
    languages: BTreeMap<String, Language>,
    _: &Setup,
) -> Vec<(String, Result<Arc<dyn Backend>, Vec<Missing>>)> {
    let missing = Missing::new(
        "a box for processes",
        "run this on Linux, or run JavaScript in WebAssembly (feature `wasm`)",
    );
    let names = languages.into_keys();
    names
        .map(|name| (name, Err(vec![missing.clone()])))
        .collect()
}
