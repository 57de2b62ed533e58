//! The floor on stdio: each line that comes in goes out, and what came in
//! together goes out together.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};

fn main() -> std::io::Result<()> {
    let mut input = BufReader::with_capacity(64 * 1024, File::open("/dev/stdin")?);
    let output = File::options().write(true).open("/dev/stdout")?;
    let mut output = BufWriter::with_capacity(64 * 1024, output);
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        output.write_all(&line)?;
        line.clear();
        if input.buffer().is_empty() {
            output.flush()?;
        }
    }
    Ok(())
}
