#![no_main]

fuzz::fuzz!(fetched_answer);
