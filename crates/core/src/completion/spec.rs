//! What the attribute says of a completion, as a constant.

/// What `#[mcp_completion]` says.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct CompletionSpec {
    /// Whose argument is completed.
    pub target: CompletionTarget,
    /// The argument.
    pub argument: &'static str,
}

/// Whose argument is completed.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionTarget {
    /// The prompt of this name.
    Prompt(&'static str),
    /// The resource template of this spelling.
    Resource(&'static str),
}
