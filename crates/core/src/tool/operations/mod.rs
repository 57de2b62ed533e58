//! Several operations behind one tool.
//!
//! Clients do not agree on schemas that offer a choice at their root; some refuse them. So a tool
//! whose parameter is a set of operations has a plain object for its arguments: one property says
//! which operation is meant, all properties of all operations stand beside it, and only the first
//! is required. What each operation needs is said in words, and enforced when it is decoded.

mod chosen;
mod description;
mod parameter;

pub use chosen::Chosen;
pub use description::OperationsDescription;
pub(super) use description::Property;
pub use parameter::{Operated, OperationsKind};

use super::ParamSpec;

/// A set of operations as one parameter of a tool: an enum that derives `Operations`.
///
/// The parameter itself does not show. In its place the tool has one argument that names the
/// operation, and the arguments of all operations beside it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no set of operations",
    label = "not derived from an enum of operations",
    note = "derive `Operations` for `{Self}`"
)]
pub trait Operations: Sized + Send {
    /// What the derive says of them.
    #[doc(hidden)]
    const __SPEC: &'static OperationsSpec;

    /// Says what each of them takes.
    #[doc(hidden)]
    fn __describe(operations: &mut OperationsDescription<'_>);

    /// Takes the arguments of the one that was chosen.
    #[doc(hidden)]
    fn __take(chosen: &mut Chosen<'_, '_>) -> Option<Self>;
}

/// What `#[derive(Operations)]` says of an enum.
#[derive(Debug)]
pub struct OperationsSpec {
    /// The argument that names the operation.
    pub tag: &'static str,
    /// What they are about, for the model.
    pub description: Option<&'static str>,
    /// The operations, in order.
    pub operations: &'static [OperationSpec],
    /// The arguments of all of them, each once.
    pub params: &'static [ParamSpec],
}

/// One operation.
#[derive(Debug)]
pub struct OperationSpec {
    /// Its name.
    pub name: &'static str,
    /// What it does, for the model.
    pub description: Option<&'static str>,
    /// Its arguments, by their places among those of all operations.
    pub params: &'static [usize],
}

impl OperationSpec {
    /// Nothing said.
    pub const EMPTY: Self = Self {
        name: "",
        description: None,
        params: &[],
    };
}

impl OperationsSpec {
    /// Nothing said.
    pub const EMPTY: Self = Self {
        tag: "",
        description: None,
        operations: &[],
        params: &[],
    };

    fn names(&self) -> Vec<&'static str> {
        self.operations
            .iter()
            .map(|operation| operation.name)
            .collect()
    }

    /// Whether an operation has an argument of this name, or is named by it.
    pub(crate) const fn has_argument(&self, name: &str) -> bool {
        let mut index = 0;
        while index < self.params.len() {
            if is_same(self.params[index].name, name) {
                return true;
            }
            index += 1;
        }
        is_same(self.tag, name)
    }

    /// The operations that take an argument.
    fn taking(&self, param: usize) -> Vec<&'static str> {
        let takes = |operation: &&OperationSpec| operation.params.contains(&param);
        let operations = self.operations.iter().filter(takes);
        operations.map(|operation| operation.name).collect()
    }

    /// The argument that names the operation.
    pub(super) fn tag(&self, param: &ParamSpec) -> ParamSpec {
        ParamSpec {
            name: self.tag,
            has_default: param.has_default,
            ..ParamSpec::EMPTY
        }
    }
}

/// `==`, in a constant.
const fn is_same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut index = 0;
    while index < left.len() {
        if left[index] != right[index] {
            return false;
        }
        index += 1;
    }
    true
}
