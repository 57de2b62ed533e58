//! What to do once the orders are served: connect a client, log in.

/// What is printed once the server listens.
const TEXT: &str = include_str!("connect.txt");

/// Prints how to connect to the server at `url`, and as whom.
#[allow(clippy::print_stdout)]
pub fn print(url: &str) {
    println!("{}", instructions(url));
}

/// How to connect to the server at `url`, and as whom.
pub fn instructions(url: &str) -> String {
    TEXT.replace("{url}", url)
}
