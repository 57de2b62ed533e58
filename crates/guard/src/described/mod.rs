//! What a model may read of errors.

#[cfg(feature = "code")]
mod code;
#[cfg(feature = "fetch")]
mod fetch;
#[cfg(feature = "files")]
mod files;
