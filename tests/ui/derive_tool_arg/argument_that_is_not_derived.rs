use purlin::prelude::*;

struct Room {
    floor: u8,
}

#[mcp_server]
mod hotel {
    use super::*;

    /// Books it.
    #[mcp_tool]
    fn book(room: Room) -> u8 {
        room.floor
    }
}

fn main() {}
