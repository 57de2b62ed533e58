#![no_main]

fuzz::fuzz!(path_resolver);
