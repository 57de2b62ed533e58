//! For whom a request is done.

use purlin_core::{Context, Principal};

use crate::Tenant;

/// The tenant of the caller, by a claim that was verified, as `Tenants` of the shelf of
/// middleware has it: never by an argument, a header or what a client says of itself.
pub(super) fn tenant(cx: &Context) -> Option<Tenant> {
    let name = cx.principal().and_then(Principal::tenant);
    name.map(Tenant::new)
}
