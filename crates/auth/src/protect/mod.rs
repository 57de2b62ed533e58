//! A server that knows who calls it.
