#![no_main]

fuzz::fuzz!(redirect);
