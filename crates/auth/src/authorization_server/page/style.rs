//! The one style sheet.

use super::theme::{Colour, Theme};

/// Sizes follow the user's letters (`rem`), colours the user's scheme, and borders are real ones, so
/// that they are there when colours are forced.
const STYLE: &str = "\
*{box-sizing:border-box}\
html{font:100%/1.5 system-ui,sans-serif;color-scheme:light dark;background:var(--ground);color:var(--ink);\
-webkit-text-size-adjust:100%}\
body{margin:0;min-height:100vh;display:flex;justify-content:center;padding:clamp(.75rem,4vw,2rem)}\
main{width:100%;max-width:32rem;margin:auto;padding:clamp(1.25rem,5vw,2.25rem);background:var(--paper);\
border:1px solid var(--line);border-radius:1rem;box-shadow:0 1px 2px var(--shade),0 1rem 3rem var(--shade);\
overflow-wrap:anywhere}\
.brand{display:flex;gap:.625rem;align-items:center;margin:0 0 1.25rem;color:var(--quiet);font-weight:600}\
.mark{flex:none;display:grid;place-items:center;width:2rem;height:2rem;border:1px solid var(--accent);\
border-radius:.5rem;background:var(--accent);color:var(--on)}\
.logo{display:block;max-width:10rem;max-height:2.5rem}\
h1{font-size:1.5rem;line-height:1.25;letter-spacing:-.01em;text-wrap:balance;margin:0 0 .75rem}\
h2{font-size:1rem;margin:1.5rem 0 .375rem}\
p{margin:0 0 1rem}\
.lead{margin:0 0 1.5rem;color:var(--quiet)}\
ul{margin:0;padding:0;list-style:none}\
li{position:relative;padding:.375rem 0 .375rem 1.75rem}\
li::before{content:\"\";position:absolute;left:.375rem;top:.75rem;width:.375rem;height:.75rem;\
border:solid var(--accent);border-width:0 .125rem .125rem 0;transform:rotate(45deg)}\
dl{margin:1.5rem 0;padding:.25rem 1rem;background:var(--ground);border:1px solid var(--line);border-radius:.75rem}\
dl div{display:grid;gap:0 1rem;align-items:baseline;grid-template-columns:minmax(8.5rem,1fr) 2fr;padding:.625rem 0}\
dl div+div{border-top:1px solid var(--line)}\
dt,.small{color:var(--quiet);font-size:.875rem}\
.small{display:block;line-height:1.4}\
dd{margin:0}\
strong{font-weight:600}\
code{font:.875rem ui-monospace,monospace}\
.notice{margin:1.5rem 0;padding:.75rem 1rem;background:var(--warn-ground);border:1px solid var(--warn);\
border-left-width:.25rem;border-radius:.75rem}\
.notice:last-child{margin-bottom:0}\
.notice p{margin:0}\
.notice p+p{margin:.25rem 0 0}\
.error{background:var(--bad-ground);border-color:var(--bad)}\
.field{margin:0 0 1rem}\
.field label{display:block;font-weight:600;margin:0 0 .375rem}\
.field input{width:100%;min-height:2.75rem;padding:.5rem .75rem;font:inherit;color:inherit;\
background:var(--ground);border:1px solid var(--edge);border-radius:.625rem}\
.field input[aria-invalid]{border-color:var(--bad)}\
.check{display:flex;gap:.75rem;align-items:center;min-height:2.75rem;margin:1rem 0 0;padding:1rem 0 0;\
border-top:1px solid var(--line)}\
.check input{flex:none;margin:0;width:1.25rem;height:1.25rem;accent-color:var(--accent)}\
.actions{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.5rem 0 0}\
button{flex:1 1 8rem;min-height:3rem;padding:.5rem 1rem;font:inherit;font-weight:600;cursor:pointer;\
border:1px solid var(--edge);border-radius:.625rem;background:transparent;color:inherit}\
button.main{background:var(--accent);border-color:var(--accent);color:var(--on)}\
button:hover{box-shadow:0 0 0 .25rem var(--line)}\
:focus-visible{outline:2px solid var(--ink);outline-offset:3px}\
@media (max-width:24rem){dl div{grid-template-columns:1fr}}\
";

/// Ground, paper, ink, quiet ink, lines, shades, edges of fields, warnings, mistakes. Ink and quiet
/// ink have a contrast of 4.5 and more with every ground they stand on, edges one of 3 (WCAG 2.2,
/// 1.4.3 and 1.4.11).
const LIGHT: &str = "--ground:#f5f6f8;--paper:#fff;--ink:#16181d;--quiet:#565b66;--line:#e1e4e9;\
--shade:#16181d0f;--edge:#7c828e;--warn:#a15c00;--warn-ground:#fff8eb;--bad:#c01f1f;--bad-ground:#fdf2f2;";
const DARK: &str = "--ground:#101216;--paper:#191c22;--ink:#f1f3f6;--quiet:#a9afbb;--line:#2f343d;\
--shade:#0000004d;--edge:#7f8693;--warn:#f0b04a;--warn-ground:#272116;--bad:#ff8a80;--bad-ground:#2a1c1e;";

/// The style sheet of a theme.
pub(super) fn sheet(theme: &Theme) -> String {
    let light = accent(theme.light);
    let dark = accent(theme.dark);
    format!(
        ":root{{{LIGHT}{light}}}@media (prefers-color-scheme:dark){{:root{{{DARK}{dark}}}}}{STYLE}"
    )
}

fn accent(colour: Colour) -> String {
    let on = if colour.is_dark() { "#fff" } else { "#000" };
    format!("--accent:{colour};--on:{on};")
}
