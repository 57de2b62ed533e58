#![no_main]

fuzz::fuzz!(jwt);
