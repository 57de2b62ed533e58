//! The names of what is mounted under a prefix.

use std::borrow::Cow;

/// `{prefix}_{name}`, for tools and prompts.
pub(crate) fn prefixed_name<'a>(prefix: Option<&str>, name: &'a str) -> Cow<'a, str> {
    match prefix {
        Some(prefix) => Cow::Owned(format!("{prefix}_{name}")),
        None => Cow::Borrowed(name),
    }
}

/// `{scheme}://{prefix}/{rest}`, for URIs and URI templates.
pub(crate) fn prefixed_uri<'a>(prefix: Option<&str>, uri: &'a str) -> Cow<'a, str> {
    let Some(prefix) = prefix else {
        return Cow::Borrowed(uri);
    };
    if let Some((scheme, rest)) = uri.split_once("://") {
        return Cow::Owned(format!("{scheme}://{prefix}/{rest}"));
    }
    match uri.split_once(':') {
        Some((scheme, rest)) => Cow::Owned(format!("{scheme}:{prefix}/{rest}")),
        None => Cow::Owned(format!("{prefix}/{uri}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_stack_from_the_outside_in() {
        let inner = prefixed_uri(Some("inner"), "weather://cities/{country}");
        assert_eq!(
            prefixed_uri(Some("outer"), &inner),
            "weather://outer/inner/cities/{country}"
        );
        let inner = prefixed_name(Some("inner"), "current");
        assert_eq!(prefixed_name(Some("outer"), &inner), "outer_inner_current");
        assert_eq!(prefixed_uri(None, "a://b"), "a://b");
        assert_eq!(prefixed_uri(Some("p"), "urn:x"), "urn:p/x");
    }
}
