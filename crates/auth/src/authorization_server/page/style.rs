//! The one style sheet.

use super::theme::{Colour, Theme};

/// Sizes follow the user's letters (`rem`), colours the user's scheme, and borders are real ones, so
/// that they are there when colours are forced.
const STYLE: &str = "\
*{box-sizing:border-box}\
html{font:100%/1.5 system-ui,sans-serif;color-scheme:light dark;background:var(--ground);color:var(--ink);\
-webkit-text-size-adjust:100%}\
body{margin:0;min-height:100vh;display:flex;justify-content:center;padding:1rem}\
main{width:100%;max-width:32rem;margin:auto;padding:clamp(1rem,5vw,2rem);background:var(--paper);\
border:1px solid var(--line);border-radius:.75rem;overflow-wrap:anywhere}\
h1{font-size:1.375rem;line-height:1.25;margin:0 0 1rem}\
h2{font-size:1rem;margin:1.5rem 0 .5rem}\
p{margin:0 0 1rem}\
ul{margin:0;padding:0;list-style:none}\
li{padding:.5rem 0;border-top:1px solid var(--line)}\
li:first-child{border-top:0}\
dl{margin:1.5rem 0;border-block:1px solid var(--line)}\
dl div{display:grid;gap:0 1rem;align-items:baseline;grid-template-columns:minmax(7rem,1fr) 2fr;padding:.5rem 0}\
dl div+div{border-top:1px solid var(--line)}\
dt,.small{color:var(--quiet);font-size:.875rem}\
dd{margin:0}\
code{font:.875rem ui-monospace,monospace}\
.logo{display:block;max-width:10rem;max-height:3rem;margin:0 0 1rem}\
.notice{margin:1.5rem 0;padding:.75rem 1rem;border:1px solid var(--warn);border-left-width:.375rem;\
border-radius:.5rem}\
.notice p:last-child{margin:0}\
.error{border-color:var(--bad)}\
.field{margin:0 0 1rem}\
.field label{display:block;font-weight:600;margin:0 0 .25rem}\
.field input{width:100%;min-height:2.75rem;padding:.5rem .75rem;font:inherit;color:inherit;\
background:var(--ground);border:1px solid var(--edge);border-radius:.5rem}\
.field input[aria-invalid]{border-color:var(--bad)}\
.check{display:flex;gap:.75rem;align-items:center;min-height:2.75rem;margin:1.5rem 0 0}\
.check input{flex:none;margin:0;width:1.25rem;height:1.25rem;accent-color:var(--accent)}\
.actions{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.5rem 0 0}\
button{flex:1 1 8rem;min-height:2.75rem;padding:.5rem 1rem;font:inherit;font-weight:600;cursor:pointer;\
border:1px solid var(--edge);border-radius:.5rem;background:transparent;color:inherit}\
button.main{background:var(--accent);border-color:var(--accent);color:var(--on)}\
:focus-visible{outline:3px solid var(--ink);outline-offset:3px}\
@media (max-width:24rem){dl div{grid-template-columns:1fr}}\
";

/// Ground, paper, ink, quiet ink, lines, edges of fields, warnings, mistakes. Ink and quiet ink have
/// a contrast of 4.5 and more with paper, edges one of 3 (WCAG 2.2, 1.4.3 and 1.4.11).
const LIGHT: &str = "--ground:#f4f5f7;--paper:#fff;--ink:#16181d;--quiet:#565b66;--line:#d9dce2;\
--edge:#7c828e;--warn:#a15c00;--bad:#c01f1f;";
const DARK: &str = "--ground:#101216;--paper:#191c22;--ink:#f1f3f6;--quiet:#a9afbb;--line:#343943;\
--edge:#7f8693;--warn:#f0b04a;--bad:#ff8a80;";

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
