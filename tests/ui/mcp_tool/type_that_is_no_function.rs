use purlin::prelude::*;

fn main() {
    let _server = Server::builder("calc", "1.0.0").function::<String>();
}
