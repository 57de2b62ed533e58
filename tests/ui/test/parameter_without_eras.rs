#[purlin::test]
async fn answers(era: u8) {}

fn main() {}
