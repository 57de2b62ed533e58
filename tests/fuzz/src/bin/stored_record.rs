#![no_main]

fuzz::fuzz!(stored_record);
