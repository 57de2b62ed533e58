#![no_main]

fuzz::fuzz!(mcp_headers);
