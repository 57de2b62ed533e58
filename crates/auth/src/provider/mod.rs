//! Identity providers: one OpenID Connect engine, and what is particular to each of them.
