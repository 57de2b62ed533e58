//! A shop's orders behind a login: who may see what is said on the tools, and
//! one function says the rest.
//!
//! - Everybody who logs in may read, if the application was allowed to.
//! - To place an order an application needs a second permission, which it asks
//!   its user for when it first gets there.
//! - Whoever has placed an order may cancel it.
//! - Refunds are for admins; to others there is no such tool.
//!
//! The authorization server is part of the process, with users that stand in
//! code: nothing to set up, for development alone. In production it stands in
//! front of an identity provider, or the tokens come from elsewhere; nothing else
//! changes.

pub mod connect;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use purlin::{
    access::{Decision, Permissions},
    auth::{
        authorization_server::{
            AuthorizationServer, AuthorizationServerBuilder, BuildError, DevelopmentLogin,
            DevelopmentUser, Theme,
        },
        protect::Protection,
    },
    prelude::*,
};

/// The authorization server beside the orders at this origin, which is one of this
/// machine: its users, and what applications may ask them for.
pub fn authorization(origin: &str) -> AuthorizationServerBuilder {
    let users = DevelopmentLogin::new()
        .user(DevelopmentUser::new("carol", "carol").roles(["clerk"]))
        .user(DevelopmentUser::new("alice", "alice").roles(["admin"]));
    AuthorizationServer::builder(origin, users)
        .resource(format!("{origin}/mcp"))
        .theme(Theme::new("Orders"))
        .scope("orders:read", "See the orders")
        .scope("orders:write", "Place and cancel orders in your name")
}

/// What protects the orders: whoever calls has a token of this authorization server.
///
/// # Errors
/// When a setting of it makes no sense.
pub fn protection(authorization: AuthorizationServerBuilder) -> Result<Protection, BuildError> {
    let protection = authorization.build()?.protection();
    // What a client asks for at first; for more it asks when it gets there.
    Ok(protection.required_scopes(["orders:read"]))
}

/// Orders by number, with whoever has placed them.
type Book = BTreeMap<u64, String>;

/// The orders of a shop.
#[derive(Clone, Debug, Default)]
pub struct Orders {
    book: Arc<Mutex<Book>>,
}

impl Orders {
    /// A shop with one order, of Alice's.
    pub fn new() -> Self {
        let orders = Self::default();
        orders.book().insert(1, "alice".to_owned());
        orders
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets policies find the orders, and whoever may write read too.
    fn finish(&self, server: Server) -> Server {
        let orders = self.clone();
        server
            .lifespan(
                move || std::future::ready(Ok::<_, Error>(orders.clone())),
                |_| async {},
            )
            .permissions(Permissions::new().implies("orders:write", ["orders:read"]))
    }
}

/// Whoever has placed an order may touch it, and admins may touch all.
#[policy]
async fn owns_order(caller: &Principal, number: u64, orders: Resource<Orders>) -> Decision {
    let is_own = orders.book().get(&number).map(String::as_str) == Some(caller.subject());
    (is_own || caller.has_role("admin")).into()
}

/// The orders of a shop.
#[mcp_server(name = "orders", setup = Self::finish)]
impl Orders {
    /// Who is calling, and as what.
    #[mcp_tool(read_only)]
    fn who_am_i(&self, caller: &Principal) -> String {
        let roles: Vec<&str> = caller.roles().collect();
        format!("{} ({})", caller.subject(), roles.join(", "))
    }

    /// The numbers of all orders.
    #[mcp_tool(read_only, scopes("orders:read"))]
    fn orders(&self) -> Vec<u64> {
        self.book().keys().copied().collect()
    }

    /// Places an order in the caller's name.
    #[mcp_tool(scopes("orders:write"))]
    fn place(&self, caller: &Principal) -> u64 {
        let mut book = self.book();
        let number = book.keys().last().copied().unwrap_or_default() + 1;
        book.insert(number, caller.subject().to_owned());
        number
    }

    /// Cancels an order.
    #[mcp_tool(destructive, scopes("orders:write"), policy(owns_order))]
    fn cancel(&self, number: u64) -> Result<String, ToolError> {
        match self.book().remove(&number) {
            Some(_) => Ok(format!("order {number} is cancelled")),
            None => Err(ToolError::new(format!("there is no order {number}"))),
        }
    }

    /// Pays an order back.
    #[mcp_tool(destructive, roles("admin"))]
    fn refund(&self, number: u64) -> Result<String, ToolError> {
        match self.book().contains_key(&number) {
            true => Ok(format!("order {number} is paid back")),
            false => Err(ToolError::new(format!("there is no order {number}"))),
        }
    }
}
