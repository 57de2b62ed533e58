//! Judges tokens that are made here, rule by rule.

mod forge;
mod introspection;
mod jwks;
mod jwt;
mod possession;
mod properties;
mod town;
