//! `#[purlin::main]` and `#[purlin::test]`.

use syn::{Expr, ExprLit, FnArg, ItemFn, Lit, Path};

use super::options::{Reader, bare};
use super::{attribute, key, server};
use crate::errors::Errors;
use crate::parse::options::Options;

/// A function to run on Purlin's runtime.
pub(crate) struct Run {
    pub(crate) krate: Path,
    pub(crate) kind: Kind,
}

/// What the function is.
pub(crate) enum Kind {
    /// The program, on so many threads (default: one for each core).
    Main { worker_threads: Option<usize> },
    /// A test, run once or once in each era.
    Test { eras: bool, takes_era: bool },
}

/// Checks `#[purlin::main]`.
pub(crate) fn main(options: Options, item: &ItemFn, errors: &mut Errors) -> Run {
    let mut options = Reader::new(&attribute::MAIN, options, errors);
    is_plain("the main function", item, errors);
    if let Some(input) = item.sig.inputs.first() {
        let message = "the main function takes no parameters: read `std::env::args()` in it";
        errors.push(input, message);
    }
    Run {
        krate: server::krate(&mut options, errors),
        kind: Kind::Main {
            worker_threads: worker_threads(&mut options, errors),
        },
    }
}

/// Checks `#[purlin::test]`.
pub(crate) fn test(options: Options, item: &ItemFn, errors: &mut Errors) -> Run {
    let mut options = Reader::new(&attribute::TEST, options, errors);
    is_plain("a test", item, errors);
    let krate = server::krate(&mut options, errors);
    let eras = options.flag(key::ERAS, errors) == Some(true);
    let mut inputs = item.sig.inputs.iter();
    let era = inputs.next();
    if let Some(input) = inputs.next() {
        errors.push(input, "a test takes at most one parameter: `era: Era`");
    }
    if let (Some(input @ FnArg::Typed(_)), false) = (era, eras) {
        let message = "a test with a parameter runs once in each era: `#[purlin::test(eras)]`";
        errors.push(input, message);
    }
    Run {
        krate,
        kind: Kind::Test {
            eras,
            takes_era: era.is_some(),
        },
    }
}

fn is_plain(what: &str, item: &ItemFn, errors: &mut Errors) {
    let sig = &item.sig;
    if sig.asyncness.is_none() {
        let message = format!("{what} under this attribute awaits: write `async fn`");
        errors.push(sig.fn_token, message);
    }
    if let Some(param) = sig.generics.params.first() {
        errors.push(
            param,
            format!("{what} cannot be generic: nothing decides the type"),
        );
    }
}

fn worker_threads(options: &mut Reader, errors: &mut Errors) -> Option<usize> {
    let expr = options.expr(key::WORKER_THREADS, "4", errors)?;
    let count = match bare(&expr) {
        Expr::Lit(ExprLit {
            lit: Lit::Int(int), ..
        }) => int.base10_parse().ok(),
        _ => None,
    };
    let count = count.filter(|count| *count > 0);
    if count.is_none() {
        errors.push(&expr, "`worker_threads` is a whole number above zero");
    }
    count
}
