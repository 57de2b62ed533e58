#![no_main]

fuzz::fuzz!(url_guard);
