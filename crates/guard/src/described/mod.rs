//! What a model may read of errors.

#[cfg(feature = "fetch")]
mod fetch;
#[cfg(feature = "files")]
mod files;
