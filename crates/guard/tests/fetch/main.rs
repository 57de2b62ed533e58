//! Every rule of the fetcher, without a network.

mod addresses;
mod bodies;
mod chapter;
mod dns;
mod errors;
mod hosts;
mod limits;
mod net;
mod properties;
mod proxy;
mod redirects;
mod requests;
mod text;
mod tls;
