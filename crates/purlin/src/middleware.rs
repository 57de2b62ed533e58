//! Middleware: what it is written with, and the stock shelf.
//!
//! The traits and messages are those of [`purlin_core::middleware`]; everything
//! else comes ready made from [`purlin_middleware`].
//!
//! ```
//! use purlin::{Server, middleware::Logging};
//!
//! let server = Server::builder("orders", "1.0.0").middleware(Logging::human());
//! ```

pub use purlin_core::middleware::*;
pub use purlin_middleware::*;

/// Who did what, in a record that shows when it was changed.
pub mod audit {
    pub use purlin_middleware::audit::*;

    #[cfg(feature = "auth")]
    #[cfg_attr(docsrs, doc(cfg(feature = "auth")))]
    pub use crate::auth_log::AuthLog;
    #[cfg(feature = "guard")]
    #[cfg_attr(docsrs, doc(cfg(feature = "guard")))]
    pub use crate::guard_log::GuardLog;
}
