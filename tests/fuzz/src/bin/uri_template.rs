#![no_main]

fuzz::fuzz!(uri_template);
