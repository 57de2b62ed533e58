//! An authorization server of one's own, in front of an identity provider.
