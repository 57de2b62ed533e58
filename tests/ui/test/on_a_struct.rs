#[purlin::test]
struct Answers;

fn main() {}
