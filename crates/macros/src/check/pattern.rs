//! Patterns: regular expressions that mean the same to a client and here.
//!
//! JSON Schema writes them in the dialect of ECMA-262 with the flag `u`; calls are held against
//! them by `regex-lite`. What only one of the two knows, or reads in another way, is refused.

use std::iter::Peekable;
use std::str::Chars;

use regex_lite::Regex;

/// What is wrong with a pattern, in words that name the fix.
pub(crate) fn mistake(source: &str) -> Option<String> {
    let mut reader = Reader {
        rest: source.chars().peekable(),
        in_class: false,
        after_repetition: false,
    };
    reader
        .all()
        .err()
        .or_else(|| Regex::new(source).err().map(|error| error.to_string()))
}

/// Whether a pattern without mistakes is found in the text.
pub(crate) fn is_match(source: &str, text: &str) -> bool {
    Regex::new(source).is_ok_and(|regex| regex.is_match(text))
}

type Result = std::result::Result<(), String>;

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    in_class: bool,
    after_repetition: bool,
}

impl Reader<'_> {
    fn all(&mut self) -> Result {
        while let Some(c) = self.rest.next() {
            match (c, self.in_class) {
                ('\\', _) => self.escape()?,
                ('[', false) => self.class_start()?,
                ('[', true) if self.rest.peek() == Some(&':') => {
                    return refuse("there are no classes such as `[:alpha:]`: write `[A-Za-z]`");
                }
                ('[', true) => return refuse("write `\\[` for a bracket inside of `[…]`"),
                (']', true) => self.in_class = false,
                (']' | '}', false) => return refuse(format!("write `\\{c}` for a single `{c}`")),
                ('&' | '-' | '~', true) => self.doubled(c)?,
                ('(', false) => self.group()?,
                ('*' | '+' | '?' | '{', false) => {
                    self.repetition(c)?;
                    continue;
                }
                _ => {}
            }
            self.after_repetition = false;
        }
        Ok(())
    }

    fn class_start(&mut self) -> Result {
        self.in_class = true;
        self.rest.next_if_eq(&'^');
        match self.rest.peek() {
            Some(']') => refuse("write `\\]` for a bracket that starts a `[…]`"),
            _ => Ok(()),
        }
    }

    /// `&&`, `--` and `~~` are operators in newer dialects.
    fn doubled(&mut self, c: char) -> Result {
        match self.rest.peek() == Some(&c) {
            true => refuse(format!("write `\\{c}` for a `{c}` inside of `[…]`")),
            false => Ok(()),
        }
    }

    fn group(&mut self) -> Result {
        if self.rest.next_if_eq(&'?').is_none() {
            return Ok(());
        }
        match (self.rest.next(), self.rest.peek()) {
            (Some(':'), _) => Ok(()),
            (Some('='), _) => refuse(look_around("(?=")),
            (Some('!'), _) => refuse(look_around("(?!")),
            (Some('<'), Some('=' | '!')) => refuse(look_around("(?<")),
            (Some('<'), _) => Ok(()),
            (Some('P'), _) => refuse("a group is named `(?<name>…)`, without the `P`"),
            (Some('#'), _) => refuse("there are no comments inside of a pattern"),
            _ => refuse("there are no flags such as `(?i)`: write `[Aa]` for either case"),
        }
    }

    fn repetition(&mut self, c: char) -> Result {
        if self.after_repetition {
            return match c {
                '+' => refuse("possessive repetition is not known everywhere: drop the second `+`"),
                _ => refuse("this repeats a repetition: put the inner one into `(?:…)`"),
            };
        }
        if c == '{' {
            while self.rest.next().is_some_and(|c| c != '}') {}
        }
        self.rest.next_if_eq(&'?');
        self.after_repetition = true;
        Ok(())
    }

    fn escape(&mut self) -> Result {
        let Some(c) = self.rest.next() else {
            return refuse("it ends in a `\\`: write `\\\\` for a backslash");
        };
        match c {
            'd' | 'D' | 'w' | 'W' | 's' | 'S' | 't' | 'n' | 'r' | 'f' | 'v' => Ok(()),
            '^' | '$' | '\\' | '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|'
            | '/' => Ok(()),
            '-' if self.in_class => Ok(()),
            'b' | 'B' if !self.in_class => self.boundary(),
            'x' => self.hexadecimal(2, "\\x41"),
            'u' => self.unicode(),
            'A' => refuse("`\\A` is written `^`"),
            'z' | 'Z' => refuse(format!("`\\{c}` is written `$`")),
            'p' | 'P' => refuse(format!(
                "there are no classes of Unicode such as `\\{c}{{L}}`: list the characters, \
                 such as `[A-Za-z]`"
            )),
            '1'..='9' | 'k' => {
                refuse("it cannot refer back to what a group matched: compare in the function")
            }
            '0' | 'c' | 'a' | 'e' => refuse("a control character is written `\\x1b`"),
            c if c.is_alphanumeric() => refuse(format!("there is no `\\{c}`: drop the backslash")),
            c => refuse(format!("`\\{c}` is written `{c}`")),
        }
    }

    fn boundary(&mut self) -> Result {
        match self.rest.peek() {
            Some('{') => refuse("a boundary of words is `\\b`, without braces"),
            _ => Ok(()),
        }
    }

    fn unicode(&mut self) -> Result {
        if self.rest.next_if_eq(&'{').is_none() {
            return self.hexadecimal(4, "\\u0041");
        }
        while self.rest.next().is_some_and(|c| c != '}') {}
        Ok(())
    }

    fn hexadecimal(&mut self, digits: usize, example: &str) -> Result {
        for _ in 0..digits {
            if self.rest.next_if(char::is_ascii_hexdigit).is_none() {
                return refuse(format!("a character by its number is written `{example}`"));
            }
        }
        Ok(())
    }
}

fn look_around(written: &str) -> String {
    format!("it cannot look around with `{written}…)`: match the text itself")
}

fn refuse(words: impl Into<String>) -> Result {
    Err(words.into())
}

#[cfg(test)]
mod tests {
    use super::{is_match, mistake};

    #[test]
    fn what_both_dialects_know_is_taken() {
        for source in [
            "",
            "^[a-z][a-z0-9_-]*$",
            r"^\d{4}-\d{2}(?:-\d{2})?$",
            r"(?<year>\d+)",
            r"\bword\B",
            r"[\w.+\-]+@[\w\-]+\.\w{2,}",
            r"\x41\u0042\u{43}",
            r"a*?b+?c??d{1,2}?",
            r"^(?:a|b|)$",
            r"[^\]\[]",
            r"\/\(\)",
        ] {
            assert_eq!(mistake(source), None, "{source}");
        }
    }

    #[test]
    fn what_one_dialect_alone_knows_is_refused() {
        for (source, words) in [
            ("(?i)a", "there are no flags"),
            ("(?i:a)", "there are no flags"),
            ("(?P<a>b)", "without the `P`"),
            ("(?#a)", "no comments"),
            (r"\Aa", "written `^`"),
            (r"a\z", "written `$`"),
            ("(?=a)", "look around"),
            ("(?<!a)b", "look around"),
            (r"(a)\1", "refer back"),
            (r"(?<n>a)\k<n>", "refer back"),
            ("[[:alpha:]]", "[:alpha:]"),
            ("[a[b]", "write `\\["),
            ("[]a]", "starts a"),
            ("[a&&b]", "write `\\&`"),
            (r"\p{L}", "classes of Unicode"),
            (r"\x{41}", "`\\x41`"),
            (r"\b{start}", "without braces"),
            (r"\<a", "`\\<` is written `<`"),
            (r"\-", "written `-`"),
            (r"\h", "drop the backslash"),
            (r"\cA", "`\\x1b`"),
            ("a++", "possessive"),
            ("a**", "repeats a repetition"),
            ("a}", "write `\\}`"),
            ("a\\", "ends in"),
            ("(a", "open group"),
            ("[z-a]", "range"),
            ("a{2,1}", "min bigger"),
        ] {
            let mistake = mistake(source).unwrap_or_default();
            assert!(mistake.contains(words), "{source}: {mistake}");
        }
    }

    #[test]
    fn a_pattern_may_match_anywhere() {
        assert!(is_match("b", "abc"));
        assert!(!is_match("^b", "abc"));
    }
}
