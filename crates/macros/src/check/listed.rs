//! Names in the attribute of a server for what it cannot see: further blocks,
//! and functions that a macro writes.

use syn::{Attribute, Expr, ExprPath, Ident};

use super::options::{Reader, bare};
use crate::errors::Errors;
use crate::parse::func::cfgs;

/// A name in a list.
pub(crate) struct Listed {
    pub(crate) ident: Ident,
    /// `#[cfg(..)]` in front of it.
    pub(crate) cfgs: Vec<Attribute>,
}

impl Listed {
    /// The name as a number, by which the blocks of a server find each other
    /// through traits: FNV-1a, 64 bits.
    pub(crate) fn id(&self) -> u64 {
        let name = self.ident.to_string();
        name.trim_start_matches("r#")
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            })
    }
}

/// The option `key(name, name)`, of names of `what`.
pub(crate) fn list(
    key: &str,
    what: &str,
    options: &mut Reader,
    errors: &mut Errors,
) -> Vec<Listed> {
    let mut names: Vec<Listed> = Vec::new();
    for expr in options.list(key, errors).unwrap_or_default() {
        let Some(listed) = name(&expr) else {
            let message = format!("`{key}` lists {what} by their names: `{key}(one, another)`");
            errors.push(&expr, message);
            continue;
        };
        let twice = names.iter().any(|earlier| earlier.ident == listed.ident);
        if twice && listed.cfgs.is_empty() {
            errors.push(
                &listed.ident,
                format!("`{}` stands twice in `{key}`", listed.ident),
            );
        } else {
            names.push(listed);
        }
    }
    names
}

/// A name by itself, with nothing but `#[cfg(..)]` in front.
pub(crate) fn name(expr: &Expr) -> Option<Listed> {
    let Expr::Path(ExprPath {
        attrs,
        qself: None,
        path,
    }) = bare(expr)
    else {
        return None;
    };
    Some(Listed {
        ident: path.get_ident()?.clone(),
        cfgs: cfgs(attrs),
    })
}
