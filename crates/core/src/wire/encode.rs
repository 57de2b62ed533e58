//! Results as each era writes them.

use super::{Reply, Revision, begin_result, settle};
use crate::{
    protocol::Meta,
    server::Tail,
    tool::{StructuredShape, ToolResult},
};

/// Writes one result: the members, then what the era adds.
pub(crate) struct ResultWriter<'a> {
    out: Vec<u8>,
    revision: Revision,
    tail: &'a Tail,
}

impl<'a> ResultWriter<'a> {
    /// Starts the answer to a request; `room` is a guess at the size of the
    /// members, in bytes.
    pub(crate) fn new(id: &str, revision: Revision, tail: &'a Tail, room: usize) -> Self {
        let ending = tail.complete.len() + tail.cache.len() + 8;
        let mut out = begin_result(id, room + ending);
        out.push(b'{');
        Self {
            out,
            revision,
            tail,
        }
    }

    /// The buffer, to write members into.
    pub(crate) fn members(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    /// Adds the cache hints of the stateless era. What is `guarded` differs from
    /// caller to caller, whatever the server says of the rest.
    pub(crate) fn cache_hints(&mut self, guarded: bool) {
        if self.revision.is_modern() {
            let hints = match guarded {
                true => &self.tail.private_cache,
                false => &self.tail.cache,
            };
            self.out.extend_from_slice(hints.as_bytes());
        }
    }

    /// Ends a complete result whose members hold no `_meta`.
    pub(crate) fn finish(mut self) -> Reply {
        if self.revision.is_modern() {
            self.out.extend_from_slice(self.tail.complete.as_bytes());
        }
        self.close()
    }

    /// Ends a complete result whose members hold a `_meta` that has been
    /// through [`server_info`].
    pub(crate) fn finish_with_meta(mut self) -> Reply {
        if self.revision.is_modern() {
            self.out.extend_from_slice(br#","resultType":"complete""#);
        }
        self.close()
    }

    /// Ends a result that asks for input; its members hold everything but the
    /// type.
    pub(crate) fn finish_input_required(mut self) -> Reply {
        self.out
            .extend_from_slice(br#","resultType":"input_required""#);
        self.close()
    }

    fn close(mut self) -> Reply {
        self.out.extend_from_slice(b"}}");
        Reply::ok(self.out)
    }
}

/// Puts the server's own description into a `_meta` that has other members.
pub(crate) fn server_info(meta: &mut Meta, revision: Revision, tail: &Tail) {
    if revision.is_modern() {
        meta.insert(Meta::SERVER_INFO, tail.info.clone());
    }
}

/// How structured content is written in a revision.
pub(crate) fn shape(revision: Revision, has_schema: bool, wraps: bool) -> StructuredShape {
    if !revision.has_structured_content() {
        StructuredShape::None
    } else if !has_schema {
        if revision.is_modern() {
            StructuredShape::Any
        } else {
            StructuredShape::Object
        }
    } else if wraps && !revision.is_modern() {
        StructuredShape::Wrapped
    } else {
        StructuredShape::Declared
    }
}

/// The answer that carries the result of a tool.
pub(crate) fn tool_reply(
    id: &str,
    revision: Revision,
    tail: &Tail,
    shape: StructuredShape,
    mut result: ToolResult,
) -> Reply {
    let has_meta = result.meta().is_some_and(|meta| !meta.is_empty());
    if has_meta {
        server_info(result.meta_mut(), revision, tail);
    }
    for block in result.blocks_mut() {
        settle(block, revision);
    }
    let mut writer = ResultWriter::new(id, revision, tail, result.size_hint());
    result.write(writer.members(), shape);
    if has_meta {
        writer.finish_with_meta()
    } else {
        writer.finish()
    }
}
