#![deny(deprecated)]

use purlin::prelude::*;

struct Shop;

#[mcp_server]
impl Shop {
    /// Tool 1.
    #[mcp_tool]
    fn tool_1() {}
    /// Tool 2.
    #[mcp_tool]
    fn tool_2() {}
    /// Tool 3.
    #[mcp_tool]
    fn tool_3() {}
    /// Tool 4.
    #[mcp_tool]
    fn tool_4() {}
    /// Tool 5.
    #[mcp_tool]
    fn tool_5() {}
    /// Tool 6.
    #[mcp_tool]
    fn tool_6() {}
    /// Tool 7.
    #[mcp_tool]
    fn tool_7() {}
    /// Tool 8.
    #[mcp_tool]
    fn tool_8() {}
    /// Tool 9.
    #[mcp_tool]
    fn tool_9() {}
    /// Tool 10.
    #[mcp_tool]
    fn tool_10() {}
    /// Tool 11.
    #[mcp_tool]
    fn tool_11() {}
    /// Tool 12.
    #[mcp_tool]
    fn tool_12() {}
    /// Tool 13.
    #[mcp_tool]
    fn tool_13() {}
    /// Tool 14.
    #[mcp_tool]
    fn tool_14() {}
    /// Tool 15.
    #[mcp_tool]
    fn tool_15() {}
    /// Tool 16.
    #[mcp_tool]
    fn tool_16() {}
    /// Tool 17.
    #[mcp_tool]
    fn tool_17() {}
    /// Tool 18.
    #[mcp_tool]
    fn tool_18() {}
    /// Tool 19.
    #[mcp_tool]
    fn tool_19() {}
    /// Tool 20.
    #[mcp_tool]
    fn tool_20() {}
    /// Tool 21.
    #[mcp_tool]
    fn tool_21() {}
    /// Tool 22.
    #[mcp_tool]
    fn tool_22() {}
    /// Tool 23.
    #[mcp_tool]
    fn tool_23() {}
    /// Tool 24.
    #[mcp_tool]
    fn tool_24() {}
    /// Tool 25.
    #[mcp_tool]
    fn tool_25() {}
    /// Tool 26.
    #[mcp_tool]
    fn tool_26() {}
    /// Tool 27.
    #[mcp_tool]
    fn tool_27() {}
    /// Tool 28.
    #[mcp_tool]
    fn tool_28() {}
    /// Tool 29.
    #[mcp_tool]
    fn tool_29() {}
    /// Tool 30.
    #[mcp_tool]
    fn tool_30() {}
    /// Tool 31.
    #[mcp_tool]
    fn tool_31() {}
    /// Tool 32.
    #[mcp_tool]
    fn tool_32() {}
    /// Tool 33.
    #[mcp_tool]
    fn tool_33() {}
    /// Tool 34.
    #[mcp_tool]
    fn tool_34() {}
    /// Tool 35.
    #[mcp_tool]
    fn tool_35() {}
    /// Tool 36.
    #[mcp_tool]
    fn tool_36() {}
    /// Tool 37.
    #[mcp_tool]
    fn tool_37() {}
    /// Tool 38.
    #[mcp_tool]
    fn tool_38() {}
    /// Tool 39.
    #[mcp_tool]
    fn tool_39() {}
    /// Tool 40.
    #[mcp_tool]
    fn tool_40() {}
    /// Tool 41.
    #[mcp_tool]
    fn tool_41() {}
    /// Tool 42.
    #[mcp_tool]
    fn tool_42() {}
    /// Tool 43.
    #[mcp_tool]
    fn tool_43() {}
    /// Tool 44.
    #[mcp_tool]
    fn tool_44() {}
    /// Tool 45.
    #[mcp_tool]
    fn tool_45() {}
    /// Tool 46.
    #[mcp_tool]
    fn tool_46() {}
    /// Tool 47.
    #[mcp_tool]
    fn tool_47() {}
    /// Tool 48.
    #[mcp_tool]
    fn tool_48() {}
    /// Tool 49.
    #[mcp_tool]
    fn tool_49() {}
    /// Tool 50.
    #[mcp_tool]
    fn tool_50() {}
    /// Tool 51.
    #[mcp_tool]
    fn tool_51() {}
}

fn main() {}
