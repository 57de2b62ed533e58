#![no_main]

fuzz::fuzz!(json_schema);
