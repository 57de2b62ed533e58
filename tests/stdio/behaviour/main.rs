//! What bad input and bad handlers do to a server that is a child process:
//! nothing, but to themselves.
#![cfg(unix)]

mod client;
mod envelope;
mod faults;
mod limits;
mod noise;
