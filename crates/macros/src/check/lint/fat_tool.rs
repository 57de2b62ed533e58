//! `fat_tool`: more arguments than a model fills in well.

use syn::{GenericArgument, PathArguments, Type};

use super::{Lint, Problem};
use crate::check::func::Param;
use crate::check::tool::Tool;

pub(super) const LINT: Lint = Lint { name: "fat_tool" };

/// How many arguments a model fills in well.
const MANY: usize = 8;

/// Types that are handed in. Only to count: what a parameter is, traits decide.
const INJECTED: [&str; 7] = [
    "Context",
    "State",
    "Resource",
    "Extension",
    "Principal",
    "Progress",
    "Cancel",
];

pub(super) fn judge(tool: &Tool) -> Option<Problem> {
    let arguments = tool.func.params.iter().filter(|param| !is_injected(param));
    let count = arguments.count();
    (count > MANY).then(|| {
        let text = format!(
            "`{}` takes {count} arguments, and models fill in long lists badly: \
             group what belongs together in a struct, or split the tool",
            tool.func.ident,
        );
        Problem::at(tool.func.ident.span(), text)
    })
}

fn is_injected(param: &Param) -> bool {
    named(&param.passed.written)
}

fn named(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => named(&reference.elem),
        Type::Group(group) => named(&group.elem),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| {
            INJECTED.iter().any(|name| last.ident == name)
                || last.ident == "Option" && of_injected(&last.arguments)
        }),
        _ => false,
    }
}

fn of_injected(arguments: &PathArguments) -> bool {
    let PathArguments::AngleBracketed(arguments) = arguments else {
        return false;
    };
    arguments
        .args
        .iter()
        .any(|argument| matches!(argument, GenericArgument::Type(ty) if named(ty)))
}
