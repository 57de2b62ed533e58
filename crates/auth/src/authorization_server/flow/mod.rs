//! The way of a login: from the application's request to its tokens.
//!
//! ```text
//! /authorize ── page: allow? ── /consent ── provider ── /callback ── redirect with a code ── /token
//!                                   └────── /login (a password, page of ours) ──┘
//! ```
//!
//! - [`request`]: the request is held against the client and against us. Until client and redirect
//!   URI are certain, mistakes are shown on a page and go nowhere.
//! - [`authorize`] asks the user. The request waits in the form itself, sealed, so that whoever only
//!   opens the page leaves nothing in the store.
//! - [`consent`] takes the answer and begins a [`transaction`]: that is when the browser gets the
//!   cookie that it has to show when it comes back.
//! - [`callback`] and [`login`] end it, once, and leave a [`code`].
//! - [`exchange`] gives tokens for it.

pub(super) mod authorize;
pub(super) mod callback;
pub(super) mod code;
pub(super) mod consent;
pub(super) mod csrf;
pub(super) mod destination;
pub(super) mod exchange;
pub(super) mod lockout;
pub(super) mod login;
pub(super) mod refusal;
pub(super) mod remembered;
pub(super) mod request;
pub(super) mod ticket;
pub(super) mod transaction;
