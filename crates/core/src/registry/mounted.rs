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

/// The URI without what [`prefixed_uri`] has put into it; `None` when it does not
/// have that.
pub(crate) fn unprefixed_uri<'a>(prefix: Option<&str>, uri: &'a str) -> Option<Cow<'a, str>> {
    let Some(prefix) = prefix else {
        return Some(Cow::Borrowed(uri));
    };
    let without = |rest: &'a str| rest.strip_prefix(prefix)?.strip_prefix('/');
    if let Some((scheme, rest)) = uri.split_once("://") {
        return Some(Cow::Owned(format!("{scheme}://{}", without(rest)?)));
    }
    match uri.split_once(':') {
        Some((scheme, rest)) => Some(Cow::Owned(format!("{scheme}:{}", without(rest)?))),
        None => Some(Cow::Borrowed(without(uri)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_comes_off_as_it_went_on() {
        for uri in [
            "weather://cities/Paris",
            "urn:x",
            "plain",
            "a://b://c",
            "x:p/y",
        ] {
            for prefix in [None, Some("p")] {
                let outer = prefixed_uri(prefix, uri);
                assert_eq!(unprefixed_uri(prefix, &outer).as_deref(), Some(uri));
            }
            assert_eq!(unprefixed_uri(Some("q"), uri), None);
        }
    }

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
