//! Safe hands: what agents' tools do that hurts people, done so that the easy way is the safe one.
//!
//! Usable with or without MCP: nothing here knows of servers, unless the feature `mcp` is on.
//!
//! # Fetching what somebody else named
//!
//! A model, a user or a document names a URL, and a tool follows it. [`UrlFetcher`] does so without
//! being led into the network it stands in, and without drowning in the answer:
//!
//! ```no_run
//! use purlin_guard::UrlFetcher;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let fetcher = UrlFetcher::web().build();
//! let page = fetcher.fetch("https://example.com/").await?;
//! println!("{}", page.text());
//! # Ok(()) }
//! ```
//!
//! How a text becomes an answer, with the type that each step leaves behind:
//!
//! | step | what it does | type |
//! |---|---|---|
//! | text | refuses what parsers disagree about, brings the rest into one form | [`Target`](fetch::Target) |
//! | rules | scheme, port, path, names, and the address if there is one in the URL | [`UrlRules`](fetch::UrlRules) |
//! | policy | asks whoever else has a say | [`Policy`](fetch::Policy) |
//! | budget | how often a host is asked, and how many times at once | [`Limits`](fetch::Limits) |
//! | lookup | one, for each hop; every address of the answer is judged | [`Resolver`](fetch::Resolver), [`Addresses`](fetch::Addresses) |
//! | connection | to an address of that answer, and to no other | [`Connector`](fetch::Connector) |
//! | exchange | TLS for the name, one request, one answer, bounded | |
//! | redirect | the text it names goes back to the first step | |
//! | body | read, decompressed, bounded, of a kind that is read | [`Fetched`](fetch::Fetched) |
//!
//! What fails is a [`FetchError`](fetch::FetchError), one variant for each rule. With the feature
//! `mcp` it says what a model may read of it, and there is a server to mount: `servers::Fetch`.
//!
//! # Files that somebody else named
//!
//! [`FileOperations`] knows one directory and reaches what is below it, and nothing else, whatever
//! links there are and whoever moves them meanwhile:
//!
//! ```no_run
//! use purlin_guard::FileOperations;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let files = FileOperations::builder("/srv/notes").build()?;
//! files.write("today.md", "Rain.").await?;
//! assert_eq!(files.read("../passwd").await.unwrap_err().name(), "escape");
//! # Ok(()) }
//! ```
//!
//! | step | what it does | type |
//! |---|---|---|
//! | name | refuses texts that are no relative path on every system | [`RelativePath`](files::RelativePath) |
//! | turn | so many at once, for so long, on threads that may block | [`Limits`](files::Limits) |
//! | way | from the root to the file, by the kernel or name by name | [`Resolver`](files::Resolver) |
//! | look | what it is, before anything is opened | [`Stat`](files::Stat) |
//! | room | held against what there is and what is on its way | [`Quota`](files::Quota) |
//! | act | reading that very file, or writing a new one that takes its name | [`FileError`](files::FileError) |
//!
//! # Running what somebody else wrote
//!
//! A model writes a program, and `CodeExecutor` (feature `code`) runs it in a box that is made for
//! the run and gone after it. How a [`Run`](code::Run) becomes an [`Outcome`](code::Outcome):
//!
//! | step | what it does | type |
//! |---|---|---|
//! | language | which program runs the code, found and checked beforehand | [`Language`](code::Language) |
//! | run | refuses names and sizes that cannot be | [`Run`](code::Run) |
//! | turn | so many at once, so many in the queue, for all and for each tenant | [`Limits`](code::Limits) |
//! | box | the walls around the code | [`Tier`](code::Tier) |
//! | output | as it comes, bounded | [`Running`](code::Running), [`Piece`](code::Piece) |
//! | end | by itself, or by a limit | [`Outcome`](code::Outcome), [`CodeError`](code::CodeError) |
//!
//! There is no way to run code without a box: an executor that cannot have one is not built, and
//! the error says what is missing. With the feature `wasm`, JavaScript is run in a WebAssembly machine
//! inside of this process, on every system: `Language::javascript_in_wasm`.
#![cfg_attr(
    not(all(feature = "fetch", feature = "files", feature = "code")),
    allow(rustdoc::broken_intra_doc_links, reason = "links to other features")
)]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "code")]
#[cfg_attr(docsrs, doc(cfg(feature = "code")))]
pub mod code;
#[cfg(feature = "mcp")]
mod described;
#[cfg(any(
    feature = "fetch",
    feature = "files",
    feature = "code",
    feature = "wasm"
))]
pub mod events;
#[cfg(feature = "fetch")]
#[cfg_attr(docsrs, doc(cfg(feature = "fetch")))]
pub mod fetch;
#[cfg(feature = "files")]
#[cfg_attr(docsrs, doc(cfg(feature = "files")))]
pub mod files;
#[cfg(feature = "mcp")]
#[cfg_attr(docsrs, doc(cfg(feature = "mcp")))]
pub mod servers;
mod tenant;

#[cfg(feature = "code")]
#[cfg_attr(docsrs, doc(cfg(feature = "code")))]
pub use code::CodeExecutor;
#[cfg(feature = "fetch")]
#[cfg_attr(docsrs, doc(cfg(feature = "fetch")))]
pub use fetch::UrlFetcher;
#[cfg(feature = "files")]
#[cfg_attr(docsrs, doc(cfg(feature = "files")))]
pub use files::FileOperations;
pub use tenant::Tenant;

use std::future::Future;
use std::pin::Pin;

/// A future on the heap, as the traits of this crate return them.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
