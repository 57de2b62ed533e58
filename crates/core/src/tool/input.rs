//! The arguments of one call, split by position and not yet decoded.

use std::fmt;
use std::future::ready;

use super::ToolResult;
use super::mistake::Mistakes;
use super::table::ArgumentTable;
use crate::context::Context;
use crate::future::BoxFuture;
use crate::schema::raw::{Member, Members};
use crate::{Error, Result};

/// Arguments of up to this many parameters are split without an allocation.
const INLINE: usize = 8;

/// What a tool is called with.
#[doc(hidden)]
#[derive(Debug)]
pub struct ToolInput<'a> {
    context: &'a Context,
    arguments: Arguments<'a>,
}

impl<'a> ToolInput<'a> {
    /// Splits the arguments, which are the text of one JSON value that has been validated.
    pub fn new(context: &'a Context, table: &'a ArgumentTable, arguments: Option<&'a str>) -> Self {
        Self {
            context,
            arguments: Arguments::split(table, arguments),
        }
    }

    /// The request the call belongs to.
    pub fn context(&self) -> &'a Context {
        self.context
    }

    /// Whether an argument is wrong.
    pub fn has_mistakes(&self) -> bool {
        self.arguments.has_mistakes()
    }

    /// The answer to wrong arguments: a failed result that names every one of them, so that the
    /// model can mend its call (SEP-1303).
    pub fn reject(self) -> BoxFuture<'a, Result<ToolResult, Error>> {
        let result = ToolResult::error(self.report());
        Box::pin(ready(Ok(result)))
    }

    /// What is wrong with the arguments.
    pub(crate) fn report(&self) -> String {
        self.arguments.report()
    }

    pub(crate) fn given(&self, index: usize) -> Option<&'a str> {
        self.arguments.given(index)
    }

    pub(crate) fn missing(&mut self, index: usize) {
        self.arguments.missing(index);
    }

    /// Notes what is wrong with an argument.
    pub(crate) fn mistaken(&mut self, index: usize, problem: &str) {
        let name = self.arguments.name(index);
        self.arguments.mistakes.below(name, "", problem);
    }

    /// Where the arguments of the operations begin of which the argument at `index` names one.
    pub(crate) fn first_of_operations(&self, index: usize) -> Option<usize> {
        self.arguments.table.entry(index)?.operations
    }

    pub(crate) fn admits(&mut self, index: usize, json: &str) -> bool {
        self.arguments.admits(index, json)
    }

    pub(crate) fn refuse(&mut self, index: usize, json: &str, error: &serde_json::Error) {
        self.arguments.refuse(index, json, error);
    }
}

/// Arguments by position, and what is wrong with them.
pub(crate) struct Arguments<'a> {
    table: &'a ArgumentTable,
    slots: Slots<'a>,
    mistakes: Mistakes,
}

enum Slots<'a> {
    Inline([Option<&'a str>; INLINE]),
    Heap(Box<[Option<&'a str>]>),
}

impl<'a> Slots<'a> {
    fn new(len: usize) -> Self {
        if len <= INLINE {
            Self::Inline([None; INLINE])
        } else {
            Self::Heap(vec![None; len].into_boxed_slice())
        }
    }

    fn as_slice(&self) -> &[Option<&'a str>] {
        match self {
            Self::Inline(slots) => slots,
            Self::Heap(slots) => slots,
        }
    }

    fn as_mut_slice(&mut self) -> &mut [Option<&'a str>] {
        match self {
            Self::Inline(slots) => slots,
            Self::Heap(slots) => slots,
        }
    }
}

impl<'a> Arguments<'a> {
    pub(crate) fn split(table: &'a ArgumentTable, json: Option<&'a str>) -> Self {
        let mut arguments = Self {
            table,
            slots: Slots::new(table.len()),
            mistakes: Mistakes::default(),
        };
        match json.map(|json| (json, Members::of(json))) {
            None => {}
            Some((_, Some(members))) => arguments.place(members),
            Some((json, None)) if json.trim() == "null" => {}
            Some((json, None)) => arguments.mistakes.no_object(json),
        }
        arguments
    }

    fn place(&mut self, members: Members<'a>) {
        let (all, mut hint) = (members.clone(), 0);
        let mut repeated = Vec::new();
        for member in members {
            let name = member.name();
            let Some(index) = self.table.position(&name, hint) else {
                self.mistakes.unknown(&name, self.table);
                continue;
            };
            match self.slots.as_mut_slice().get_mut(index) {
                Some(Some(_)) => repeated.push((index, name)),
                Some(slot) => *slot = Some(member.value),
                None => {}
            }
            hint = index + 1;
        }
        for (index, name) in repeated {
            self.repeated(index, &name, all.clone());
        }
    }

    /// Names an argument that is given twice, by the two names it was given under.
    fn repeated(&mut self, index: usize, name: &str, mut members: Members<'_>) {
        let is_first =
            |member: &Member<'_>| self.table.position(&member.name(), index) == Some(index);
        match members.find(is_first).map(|member| member.name()) {
            Some(first) if first != name => self.mistakes.two_names(&first, name),
            _ => self.mistakes.repeated(name),
        }
    }

    pub(crate) fn has_mistakes(&self) -> bool {
        !self.mistakes.is_empty()
    }

    pub(crate) fn report(&self) -> String {
        self.mistakes.report(self.table.owner())
    }

    fn name(&self, index: usize) -> &'static str {
        self.table.entry(index).map_or("", |entry| entry.name)
    }

    pub(crate) fn given(&self, index: usize) -> Option<&'a str> {
        self.slots.as_slice().get(index).copied().flatten()
    }

    pub(crate) fn missing(&mut self, index: usize) {
        let name = self.name(index);
        self.mistakes.missing(name);
    }

    /// Holds an argument that decodes against what is demanded beyond its type.
    pub(crate) fn admits(&mut self, index: usize, json: &str) -> bool {
        let Some(entry) = self.table.entry(index) else {
            return true;
        };
        let Some(demands) = &entry.demands else {
            return true;
        };
        let mut holds = true;
        demands.limits(json, &mut |place, problem| {
            self.mistakes.below(entry.name, place, problem);
            holds = false;
        });
        holds
    }

    /// Says why an argument does not decode.
    pub(crate) fn refuse(&mut self, index: usize, json: &str, error: &serde_json::Error) {
        if let Some(entry) = self.table.entry(index) {
            let schema = || self.table.schema();
            self.mistakes.undecodable(entry, json, error, schema);
        }
    }

    /// Says why the text of an argument cannot be read.
    pub(crate) fn unreadable(&mut self, index: usize, error: &serde_json::Error) {
        if let Some(entry) = self.table.entry(index) {
            self.mistakes.unreadable(entry, error);
        }
    }
}

/// Without the values: some may be sensitive.
impl fmt::Debug for Arguments<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arguments")
            .field("owner", &self.table.owner())
            .field("mistakes", &self.mistakes)
            .finish_non_exhaustive()
    }
}
