//! `my-server --help`: what there is to set, and how.

use std::{ffi::OsStr, io::Write, path::Path};

use super::{Config, Loader, ServerSettings, Setting, Shape, reference::each, shown};

/// How wide the text is, in characters.
const WIDTH: usize = 80;

/// Whether the command line of this process asks for help: `--help` or `-h`, not
/// behind `--`.
///
/// `serve()` and [`Config::load`] then print every setting with its type, default,
/// variables and doc comment, and end the process with code 0.
pub fn wants_help() -> bool {
    let words = std::env::args_os().skip(1);
    let words = words.map(|word| word.to_string_lossy().into_owned());
    is_asked(words.collect::<Vec<_>>().as_slice())
}

pub(crate) fn is_asked(arguments: &[String]) -> bool {
    let ours = arguments.iter().take_while(|argument| *argument != "--");
    ours.into_iter()
        .any(|argument| argument == "--help" || argument == "-h")
}

/// Prints what there is to set and ends the process.
#[doc(hidden)]
pub fn tell<T: Config>(loader: &Loader) -> ! {
    let program = std::env::args_os().next().unwrap_or_default();
    let name = Path::new(&program).file_name();
    let name = name.and_then(OsStr::to_str).unwrap_or("my-server");
    let text = help::<T>(name, &loader.prefix);
    // Nobody is left to tell that standard output is closed.
    let _ = std::io::stdout().write_all(text.as_bytes());
    std::process::exit(0);
}

/// Every setting of a program and of serving: flags, type, default, variables and
/// doc comment. `prefix` begins the variables that are made of a setting's place
/// (`MCP_`).
///
/// ```
/// use purlin_telemetry::config::{NoSettings, help};
///
/// let text = help::<NoSettings>("my-server", "MCP_");
/// assert!(text.contains("--port, --server.port <a whole number from 0 to 65535>"));
/// assert!(text.contains("PORT, MCP_SERVER__PORT"));
/// ```
pub fn help<T: Config>(program: &str, prefix: &str) -> String {
    let mut text = format!(
        "Usage: {program} [FLAGS]\n       {program} config explain\n\n\
         Every setting is a flag, a variable, or an entry of that name in a file. Of several\n\
         flags or variables each means the same.\n\n"
    );
    section(&mut text, "", &T::shape(), prefix);
    text.push_str(
        "Serving:\n\n  --stdio\n      Serves on standard input and output.\n\n  \
         --http [ADDRESS]\n      Serves over HTTP.\n\n",
    );
    section(&mut text, "server", &ServerSettings::shape(), prefix);
    text.push_str("  -h, --help\n      Prints this.\n");
    text
}

fn section(text: &mut String, path: &str, shape: &Shape, prefix: &str) {
    each(path, shape, &mut |entry| {
        let what = match entry.shape.what.as_ref() {
            "`true` or `false`" => String::new(),
            what => format!(" <{}>", what.replace('`', "")),
        };
        let flags: Vec<_> = entry.flags().collect();
        text.push_str(&format!("  {}{what}\n", flags.join(", ")));
        wrapped(text, &entry.help());
        let is_secret = entry.field.secret || shown::names_a_secret(entry.key);
        let default = match entry.default() {
            Some(_) if is_secret => shown::REDACTED,
            Some(default) => default,
            None => entry.otherwise(),
        };
        let variables: Vec<_> = entry.variables(prefix).collect();
        let (key, variables) = (entry.key, variables.join(", "));
        text.push_str(&format!(
            "      variables: {variables}\n      in a file: {key}\n      default: {default}\n\n"
        ));
    });
}

/// Adds a text in lines of a readable length.
fn wrapped(text: &mut String, words: &str) {
    const INDENT: &str = "      ";
    let mut width = 0;
    for word in words.split_whitespace() {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > WIDTH {
            text.push('\n');
            width = 0;
        }
        if width == 0 {
            text.push_str(INDENT);
            width = INDENT.len();
        } else {
            text.push(' ');
            width += 1;
        }
        text.push_str(word);
        width += length;
    }
    if width > 0 {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_asked_for_before_two_dashes() {
        let asked = |words: &[&str]| {
            let words: Vec<_> = words.iter().map(|&word| word.to_owned()).collect();
            is_asked(&words)
        };
        assert!(asked(&["--help"]) && asked(&["--port", "1", "-h"]));
        assert!(!asked(&["--", "--help"]) && !asked(&["--helpful"]) && !asked(&[]));
    }

    #[test]
    fn lines_are_of_a_readable_length() {
        let mut text = String::new();
        wrapped(&mut text, &"word ".repeat(40));
        assert!(text.lines().count() > 2);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
    }
}
