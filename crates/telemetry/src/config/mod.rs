//! Settings out of layers.
