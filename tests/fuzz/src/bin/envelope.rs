#![no_main]

fuzz::fuzz!(envelope);
