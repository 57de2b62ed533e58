//! The set of hooks a middleware has.

use std::ops::BitOr;

/// A set of hooks.
///
/// ```
/// use purlin_core::middleware::Hooks;
///
/// let hooks = Hooks::TOOL_CALL | Hooks::TOOL_LIST;
/// assert!(hooks.contains(Hooks::TOOL_CALL));
/// assert!(!hooks.contains(Hooks::MESSAGE));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hooks(u16);

impl Hooks {
    /// No hook.
    pub const NONE: Self = Self(0);
    /// [`on_message`](super::Middleware::on_message).
    pub const MESSAGE: Self = Self(1);
    /// [`on_request`](super::Middleware::on_request).
    pub const REQUEST: Self = Self(1 << 1);
    /// [`on_call_tool`](super::Middleware::on_call_tool).
    pub const TOOL_CALL: Self = Self(1 << 2);
    /// [`on_read_resource`](super::Middleware::on_read_resource).
    pub const RESOURCE_READ: Self = Self(1 << 3);
    /// [`on_get_prompt`](super::Middleware::on_get_prompt).
    pub const PROMPT_GET: Self = Self(1 << 4);
    /// [`on_list_tools`](super::Middleware::on_list_tools).
    pub const TOOL_LIST: Self = Self(1 << 5);
    /// [`on_list_resources`](super::Middleware::on_list_resources).
    pub const RESOURCE_LIST: Self = Self(1 << 6);
    /// [`on_list_resource_templates`](super::Middleware::on_list_resource_templates).
    pub const RESOURCE_TEMPLATE_LIST: Self = Self(1 << 7);
    /// [`on_list_prompts`](super::Middleware::on_list_prompts).
    pub const PROMPT_LIST: Self = Self(1 << 8);
    /// [`on_complete`](super::Middleware::on_complete).
    pub const COMPLETE: Self = Self(1 << 9);
    /// [`on_notification`](super::Middleware::on_notification).
    pub const NOTIFICATION: Self = Self(1 << 10);
    /// [`on_initialize`](super::Middleware::on_initialize).
    pub const INITIALIZE: Self = Self(1 << 11);
    /// [`on_discover`](super::Middleware::on_discover).
    pub const DISCOVER: Self = Self(1 << 12);
    /// Every hook.
    pub const ALL: Self = Self((1 << 13) - 1);

    /// Whether all of `other` are in this set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets together; usable in constants.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Refuses a second hook for one kind of message.
///
/// # Panics
/// With `message`, when `first` and `second` are the same hook; in a constant
/// that is a compile error.
#[doc(hidden)]
#[track_caller]
pub const fn one_hook_each(first: Hooks, second: Hooks, message: &str) {
    if first.0 == second.0 && first.0 != Hooks::NONE.0 {
        panic!("{}", message);
    }
}

impl BitOr for Hooks {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.union(other)
    }
}
