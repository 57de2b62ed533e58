//! Arguments of prompts as parameters.

use serde::de::IgnoredAny;

use super::{PromptDescription, PromptInput};
use crate::schema::raw::unescape;
use crate::tool::{Argument, Injected, ToolArg};

impl<T, D> Argument<T, D> {
    /// Asks whether a client can give it to a prompt.
    #[must_use]
    pub fn prompt_argument(self) -> Self
    where
        T: ToolArg,
    {
        self.argument()
    }

    /// Describes the argument of a prompt.
    pub fn describe_prompt_argument(self, prompt: &mut PromptDescription, index: usize)
    where
        T: ToolArg,
    {
        prompt.argument(index, T::__schema, T::__absent().is_none());
    }

    /// Describes the argument of a prompt, which has a default.
    pub fn default_prompt_argument(self, prompt: &mut PromptDescription, index: usize, _: fn() -> T)
    where
        T: ToolArg,
    {
        prompt.argument(index, T::__schema, false);
    }

    /// Takes the argument; `None` when it is wrong, which the input notes.
    pub fn take_prompt_argument(self, input: &mut PromptInput<'_>, index: usize) -> Option<T>
    where
        T: ToolArg,
    {
        match input.given(index) {
            Some(json) => decode(input, index, json),
            None => T::__absent().or_else(|| {
                input.missing(index);
                None
            }),
        }
    }

    /// Takes the argument, or its default.
    pub fn take_prompt_argument_or(
        self,
        input: &mut PromptInput<'_>,
        index: usize,
        value: fn() -> T,
    ) -> Option<T>
    where
        T: ToolArg,
    {
        match input.given(index) {
            Some(json) => decode(input, index, json),
            None => Some(value()),
        }
    }
}

fn decode<T: ToolArg>(input: &mut PromptInput<'_>, index: usize, json: &str) -> Option<T> {
    // The protocol says text; a client that sends JSON of the right shape is understood as well.
    let text = json.starts_with('"').then(|| unescape(json));
    let decoded = match &text {
        Some(text) => T::__decode_text(text),
        None => T::__decode(json),
    };
    match decoded {
        Ok(value) => admits(input, index, json, text.as_deref()).then_some(value),
        Err(error) => {
            input.refuse(index, &error);
            None
        }
    }
}

/// Holds an argument against its constraints: as the text it is, and as the number or list that
/// the text spells.
fn admits(input: &mut PromptInput<'_>, index: usize, json: &str, text: Option<&str>) -> bool {
    let spelled = text.filter(|text| {
        text.starts_with(|first: char| first == '[' || first == '-' || first.is_ascii_digit())
            && serde_json::from_str::<IgnoredAny>(text).is_ok()
    });
    input.admits(index, json) && spelled.is_none_or(|text| input.admits(index, text))
}

impl<T> Injected<T> {
    /// Asks nothing of the client.
    #[must_use]
    pub fn prompt_argument(self) -> Self {
        self
    }

    /// Says nothing.
    pub fn describe_prompt_argument(self, _: &mut PromptDescription, _: usize) {}

    /// Says nothing.
    pub fn default_prompt_argument(self, _: &mut PromptDescription, _: usize, _: fn() -> T) {}

    /// Takes nothing from the client.
    pub fn take_prompt_argument(self, _: &mut PromptInput<'_>, _: usize) -> Option<T> {
        None
    }

    /// Takes nothing from the client.
    pub fn take_prompt_argument_or(
        self,
        _: &mut PromptInput<'_>,
        _: usize,
        _: fn() -> T,
    ) -> Option<T> {
        None
    }
}
