//! A marker that no `#[mcp_server]` has read: on a function outside of any
//! server, or on one that a macro wrote.

use super::options::Reader;
use super::server::{self, Server};
use super::{attribute, key, lint};
use crate::errors::Errors;
use crate::parse::code::Surroundings;
use crate::parse::item::ServerItem;
use crate::parse::options::Options;

/// Checks the one component, which says for itself where Purlin is.
pub(crate) fn check(mut parsed: ServerItem, errors: &mut Errors) -> Server {
    let mut own = Options::default();
    for component in &mut parsed.components {
        let entries = &mut component.options.entries;
        own.entries
            .extend(entries.extract_if(.., |entry| entry.key == key::CRATE));
    }
    let mut options = Reader::new(&attribute::ALONE, own, errors);
    let krate = server::krate(&mut options, errors);
    let mut server = Server::empty(parsed.form.clone(), krate);
    server::components(&mut server, parsed, errors);
    server.findings = lint::server(&server, &[], &Surroundings::default(), errors);
    server
}
