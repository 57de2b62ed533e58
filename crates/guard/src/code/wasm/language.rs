//! The language, as an executor is given it.

use crate::code::Language;
use crate::code::language::Kind;

/// Nothing that has to do with programs and directories means anything for this one.
impl Language {
    /// `javascript`: scripts in QuickJS, in a machine of WebAssembly inside of this process (feature
    /// `wasm`). It needs nothing of the system, and runs where there are no boxes for processes.
    ///
    /// A script finds ECMAScript 2023 and some of what came later, `await` at its top level, and:
    ///
    /// | what | what it is |
    /// |---|---|
    /// | `print`, `console.log`, `info`, `debug` | write to standard output |
    /// | `console.error`, `warn`, `trace` | write to standard error |
    /// | `args` | the arguments |
    /// | `stdin.text()`, `.lines()`, `.bytes()` | the input |
    /// | `files.read`, `readText`, `write`, `append`, `exists`, `list`, `remove` | its files |
    /// | `exit(code)` | ends the script |
    /// | `setTimeout`, `setInterval`, `setImmediate` and what clears them | timers |
    /// | `TextEncoder`, `TextDecoder`, `atob`, `btoa` | UTF-8 and Base64 |
    /// | `require("fs")`, `process.argv`, `process.stdout.write` … | the little of Node.js that scripts reach for |
    ///
    /// There is nothing else: no modules, no network, no files of the host, no threads. Clocks tell
    /// the time to the millisecond, in UTC; `Math.random` is of no use for secrets.
    ///
    /// Of [`Limits`](crate::code::Limits), `memory` holds up to 64 MiB, `cpu` is the time that the
    /// engine was at work, and `processes` has no meaning. A script is slower than in Node.js, by
    /// one to two orders of magnitude. An exception that nobody catches ends it with 1, and what it
    /// was is in standard error.
    ///
    /// ```
    /// use purlin_guard::CodeExecutor;
    /// use purlin_guard::code::{CodeError, Language, Run, Tier};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), CodeError> {
    /// let javascript = Language::javascript_in_wasm();
    /// let executor = CodeExecutor::builder().language(javascript).build().await?;
    ///
    /// let source = "files.write('sum.txt', String(stdin.lines().reduce((sum, it) => sum + +it, 0)))";
    /// let outcome = executor.run(Run::new("javascript", source).input("1\n2\n3\n")).await?;
    /// assert_eq!(outcome.tier(), Tier::WebAssembly);
    /// assert_eq!(outcome.file("sum.txt").map(|it| &it.bytes()[..]), Some(&b"6"[..]));
    /// # Ok(()) }
    /// ```
    #[cfg_attr(docsrs, doc(cfg(feature = "wasm")))]
    #[must_use]
    pub fn javascript_in_wasm() -> Self {
        Self {
            kind: Kind::WebAssembly,
            source: "main.js".to_owned(),
            self_test: ("console.log(6 * 7)".to_owned(), "42\n".to_owned()),
            ..Self::new("javascript")
        }
    }
}
