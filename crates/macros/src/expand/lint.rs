//! Findings as warnings of the compiler.
//!
//! A macro on stable cannot warn. It can use something deprecated at a token of
//! the user, and the compiler then says there what its note says. The thing is
//! named after the lint, lives in a block of its own and is used once.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::check::lint::Finding;

/// One warning for each of `findings`.
pub(crate) fn warnings(findings: &[Finding]) -> TokenStream {
    if findings.is_empty() {
        return TokenStream::new();
    }
    let warnings = findings.iter().map(warning);
    quote! {
        #[allow(non_upper_case_globals)]
        const _: () = { #(#warnings)* };
    }
}

fn warning(finding: &Finding) -> TokenStream {
    let (text, cfgs) = (&finding.text, &finding.cfgs);
    let made = Ident::new(finding.lint.name, Span::call_site());
    let used = Ident::new(finding.lint.name, finding.span);
    quote! {
        #(#cfgs)*
        {
            #[deprecated(note = #text)]
            const #made: () = ();
            #used
        }
    }
}
