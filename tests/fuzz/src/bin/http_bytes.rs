#![no_main]

fuzz::fuzz!(http_bytes);
