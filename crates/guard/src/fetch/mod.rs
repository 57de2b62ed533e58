//! URLs that somebody else named, fetched.
//!
//! The rules are in [`UrlRules`], which needs no network; [`UrlFetcher`] holds everything it does
//! against them. [`Resolver`], [`Connector`] and [`Clock`] are what it knows of the world, so all
//! of it can be tested without one.

mod address;
mod audit;
mod body;
mod builder;
mod clock;
mod config;
mod connection;
mod connector;
mod content;
mod decode;
mod dial;
mod error;
mod exchange;
mod fetched;
mod fetcher;
mod headers;
mod hop;
mod hosts;
mod limits;
mod pattern;
mod policy;
mod pool;
mod proxy;
mod redirect;
mod request;
mod resolver;
mod rules;
mod scope;
mod target;
mod tls;

pub use address::{Addresses, IpRange, Nat64};
pub use builder::Builder;
pub use clock::{Clock, SystemClock};
pub use config::ConfigError;
pub use connector::{BoxStream, Connector, Stream, SystemConnector};
pub use error::{Cause, FetchError, Part, Phase};
pub use fetched::Fetched;
pub use fetcher::UrlFetcher;
pub use limits::Limits;
pub use pattern::HostPattern;
pub use policy::Policy;
pub use proxy::{EgressProxy, Pinned, Proxied};
pub use request::FetchRequest;
pub use resolver::{Resolver, SystemResolver};
pub use rules::UrlRules;
pub use target::{Host, Scheme, Target};

pub use crate::BoxFuture;
