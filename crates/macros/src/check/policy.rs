//! `#[policy]` on a function.

use syn::{ItemFn, Path};

use super::func::{self, Func};
use super::lint::{self, Finding, level};
use super::options::Reader;
use super::{attribute, server};
use crate::errors::Errors;
use crate::parse;
use crate::parse::code::Helper;
use crate::parse::options::Options;

/// The name of the attribute.
pub(crate) const ATTRIBUTE: &str = "policy";

/// A policy that can be expanded.
pub(crate) struct Policy {
    pub(crate) krate: Path,
    /// The function, free of helper attributes.
    pub(crate) item: ItemFn,
    pub(crate) func: Func,
    pub(crate) findings: Vec<Finding>,
}

/// Checks the function under `#[policy]`.
pub(crate) fn check(options: Options, mut item: ItemFn, errors: &mut Errors) -> Policy {
    let mut options = Reader::new(&attribute::POLICY_FUNCTION, options, errors);
    let krate = server::krate(&mut options, errors);
    let allowed = level::allowed(&mut options, errors);
    let parsed = parse::func::Func::take(&item.attrs, &mut item.sig, &item.block, errors);
    if let Some(receiver) = parsed.receiver() {
        let message = "a policy is a function of its own: for one that keeps something, \
                       implement `Policy` for the type";
        errors.push(receiver, message);
    }
    if let syn::ReturnType::Default = item.sig.output {
        let message = "a policy says whether it allows: return a `bool` or a `Decision`";
        errors.push(&item.sig.ident, message);
    }
    let func = func::check("policy", parsed, errors);
    let code: Vec<_> = Helper::of_func(&item).into_iter().collect();
    let findings = lint::middleware(&code, &allowed);
    Policy {
        krate,
        item,
        func,
        findings,
    }
}
