//! Templates parsed, expanded and matched.

use proptest::prelude::*;

use super::*;

fn template(text: &str) -> UriTemplate {
    UriTemplate::parse(text).unwrap()
}

/// `name=value` pairs as matched, or `None`.
fn matched(text: &str, uri: &str) -> Option<Vec<(String, String)>> {
    let variables = template(text).match_uri(uri)?;
    let pairs = variables
        .iter()
        .map(|(name, value)| (name.to_owned(), value.text().into_owned()));
    Some(pairs.collect())
}

#[track_caller]
fn check(text: &str, uri: &str, expected: Option<&[(&str, &str)]>) {
    let expected: Option<Vec<_>> = expected.map(|pairs| {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    });
    assert_eq!(matched(text, uri), expected, "{text} on {uri}");
}

#[test]
fn simple_variables_match_one_segment() {
    check("data://stats", "data://stats", Some(&[]));
    check("data://stats", "data://stats/", None);
    check("greet://{name}", "greet://Ada", Some(&[("name", "Ada")]));
    check("greet://{name}", "greet://", None);
    check("greet://{name}", "greet://a/b", None);
    check("greet://{name}", "greet://a?b", None);
    check("greet://{name}", "other://Ada", None);
    check("g://{a}/{b}", "g://1/2", Some(&[("a", "1"), ("b", "2")]));
    check("g://{a}/{b}", "g://1", None);
    check(
        "g://{a}/x/{b}.json",
        "g://1/x/a.b.json",
        Some(&[("a", "1"), ("b", "a.b")]),
    );
    check(
        "g://{a}.{b}.json",
        "g://x.json.json",
        Some(&[("a", "x"), ("b", "json")]),
    );
    check("g://{a,b}", "g://1,2", Some(&[("a", "1"), ("b", "2")]));
    check("g://x{/a,b}", "g://x/1/2", Some(&[("a", "1"), ("b", "2")]));
    check("g://x{.ext}", "g://x.png", Some(&[("ext", "png")]));
    check("g://x{;a}", "g://x;a=1", Some(&[("a", "1")]));
    check("g://ä/{a}", "g://%C3%A4/1", Some(&[("a", "1")]));
}

#[test]
fn values_are_decoded() {
    check(
        "g://{a}",
        "g://S%C3%A3o%20Paulo",
        Some(&[("a", "São Paulo")]),
    );
    check("g://{a}", "g://ü", Some(&[("a", "ü")]));
    check("g://{a}", "g://%25", Some(&[("a", "%")]));
    check("g://{a}", "g://%2", None);
    check("g://{a}", "g://%zz", None);
    check("g://{a}", "g://%FF", None);
}

#[test]
fn one_variable_may_span_segments() {
    check(
        "f://{+path}",
        "f://a/b/c.txt",
        Some(&[("path", "a/b/c.txt")]),
    );
    check("f://{path*}", "f://a/b%20c", Some(&[("path", "a/b c")]));
    check("f://{path*}", "f://", None);
    check("f://{+path}/raw", "f://a/b/raw", Some(&[("path", "a/b")]));
    check(
        "f://{repo}/{+path}/v/{version}",
        "f://r/a/v/b/v/2",
        Some(&[("repo", "r"), ("path", "a/v/b"), ("version", "2")]),
    );
    check("f://{repo}/{+path}/v/{version}", "f://r/v/2", None);
    check("f://x{/path*}", "f://x/a/b", Some(&[("path", "a/b")]));
    check("f://x{#part}", "f://x#a/b", Some(&[("part", "a/b")]));
    let list = template("f://x{/path*}").match_uri("f://x/a/b").unwrap();
    assert_eq!(list.get("path").unwrap().texts(), ["a", "b"]);
}

#[test]
fn query_parameters_come_in_any_order_or_not_at_all() {
    let text = "s://find{?q,limit}";
    check(
        text,
        "s://find?q=a%20b&limit=3",
        Some(&[("q", "a b"), ("limit", "3")]),
    );
    check(
        text,
        "s://find?limit=3&q=a/b&other=1",
        Some(&[("q", "a/b"), ("limit", "3")]),
    );
    check(text, "s://find", Some(&[]));
    check(text, "s://find?q=", Some(&[("q", "")]));
    check(text, "s://find/x?q=1", None);
    check(
        "s://find?kind=a{&limit}",
        "s://find?limit=3&kind=a",
        Some(&[("limit", "3")]),
    );
    check("s://find?kind=a{&limit}", "s://find?limit=3", None);
    check(
        "s://find{?tag*}",
        "s://find?tag=a&tag=b",
        Some(&[("tag", "a/b")]),
    );
    check("s://find?kind=a", "s://find?kind=a", Some(&[]));
}

#[test]
fn values_that_leave_their_place_are_refused() {
    for value in [
        "..",
        "%2e%2e",
        "%2E.",
        "a%2Fb",
        "%2Fetc",
        "a%5Cb",
        "%00",
        "C:",
        "%2e%2e%2f",
    ] {
        check("f://{a}", &format!("f://{value}"), None);
    }
    for value in [
        "../x",
        "a/../b",
        "a/%2e%2e",
        "a%2F..%2Fb",
        "/etc/passwd",
        "%2Fetc",
        "a\\b",
        "a%00b",
        "C:/x",
        "..",
    ] {
        check("f://{+a}", &format!("f://{value}"), None);
        check("f://x{?a}", &format!("f://x?a={value}"), None);
        check("f://x{/a*}", &format!("f://x/{value}"), None);
    }
    for value in ["...", ".hidden", "a..b", "%252e%252e"] {
        assert!(
            matched("f://{a}", &format!("f://{value}")).is_some(),
            "{value}"
        );
    }
}

#[test]
fn a_variable_can_opt_out_and_stays_out_under_a_prefix() {
    let open = template("f://{a}").allow_traversal("a");
    let prefixed = open.reparse("f://files/{a}").unwrap();
    let variables = prefixed.match_uri("f://files/..%2Fx").unwrap();
    assert_eq!(variables.text("a").as_deref(), Some("../x"));
}

#[test]
fn long_uris_are_refused() {
    let uri = format!("f://{}", "a".repeat(UriTemplate::MAX_LEN));
    assert!(template("f://{a}").match_uri(&uri).is_none());
}

#[test]
fn malformed_templates_say_what_is_wrong() {
    for (text, problem) in [
        ("x://{", "has a `{` without its `}`"),
        ("x://}", "has a `}` without its `{`"),
        ("x://{a{b}}", "has a variable `a{b`, which is not a name"),
        ("x://{}", "has an expression without a variable"),
        ("x://{a,}", "has an expression without a variable"),
        ("x://{a b}", "has a variable `a b`, which is not a name"),
        ("x://{=a}", "uses the operator `=`, which is reserved"),
        (
            "x://{a:3}",
            "cuts the variable `a:3` with `:`, which is not supported",
        ),
        ("x://{a}/{a}", "names the variable `a` twice"),
        (
            "x://{a}{b}",
            "has nothing between the variables `a` and `b` to tell them apart",
        ),
        (
            "x://{+a}/{b*}",
            "has more than one variable that may span segments",
        ),
        ("x://{?a}/b", "goes on after its query parameters"),
        (
            "x://{.a*}",
            "uses `*` with the operator `.` or `;`, which is not supported",
        ),
    ] {
        let error = UriTemplate::parse(text).unwrap_err().to_string();
        assert_eq!(error, format!("the URI template `{text}` {problem}"));
    }
}

/// The examples of RFC 6570, sections 1.2 and 3.2, that levels 1 to 3 and `*` cover.
#[test]
fn expansion_follows_the_rfc() {
    let variables = Variables::new()
        .with("var", "value")
        .with("hello", "Hello World!")
        .with("path", "/foo/bar")
        .with("half", "50%")
        .with("empty", "")
        .with("x", "1024")
        .with("y", "768")
        .with_list("list", ["red", "green", "blue"]);
    for (text, expected) in [
        ("{var}", "value"),
        ("{hello}", "Hello%20World%21"),
        ("{half}", "50%25"),
        ("O{empty}X", "OX"),
        ("O{undef}X", "OX"),
        ("{x,y}", "1024,768"),
        ("{x,hello,y}", "1024,Hello%20World%21,768"),
        ("?{x,empty}", "?1024,"),
        ("{list}", "red,green,blue"),
        ("{list*}", "red,green,blue"),
        ("{+var}", "value"),
        ("{+hello}", "Hello%20World!"),
        ("{+half}", "50%25"),
        ("{+path}/here", "/foo/bar/here"),
        ("{#var}", "#value"),
        ("{#hello}", "#Hello%20World!"),
        ("X{.var}", "X.value"),
        ("X{.x,y}", "X.1024.768"),
        ("{/var}", "/value"),
        ("{/var,x}/here", "/value/1024/here"),
        ("{/list*}", "/red/green/blue"),
        ("{;x,y}", ";x=1024;y=768"),
        ("{;x,y,empty}", ";x=1024;y=768;empty"),
        ("{?x,y}", "?x=1024&y=768"),
        ("{?x,y,empty}", "?x=1024&y=768&empty="),
        ("{?list}", "?list=red,green,blue"),
        ("{?list*}", "?list=red&list=green&list=blue"),
        ("?fixed=yes{&x}", "?fixed=yes&x=1024"),
        ("{&x,y,empty}", "&x=1024&y=768&empty="),
    ] {
        assert_eq!(template(text).expand(&variables), expected, "{text}");
    }
}

/// Templates whose literals stand in values too, so that a matcher which tries
/// again would try often.
const ADVERSARIAL: [&str; 6] = [
    "a://{a}a{b}aa{c}aaa{d}",
    "a://{a}/a/{b}/a/{c}/a/{d}",
    "a://{+a}aa{b}aa{c}aa",
    "a://a{a}aa{b}aaa{path*}a{c}aa{d}a",
    "a://{a}/{b}{?a1,a2,a3,a4}",
    "a://a?a=a&a=aa{&a1,a2,a3,a4}",
];

#[test]
fn no_byte_is_looked_at_again_for_a_variable() {
    for text in ADVERSARIAL {
        let template = template(text);
        // The query is gone through once for each of its parameters.
        let passes = 2 + text.matches(['?', '&', ',']).count();
        for unit in [
            "a", "aa/", "a/a", "aab", "a?", "?a=a", "&a1=a", "a&a=a", "aaa?a&",
        ] {
            for times in [1, 10, 100, 1000] {
                let uri = format!("a://{}", unit.repeat(times));
                search::steps::take();
                let _ = template.match_uri(&uri);
                let steps = search::steps::take();
                assert!(
                    steps <= passes * uri.len(),
                    "{steps} for {text} on {unit} x {times}"
                );
            }
        }
    }
}

/// A value that may stand anywhere: it is not empty, climbs nowhere and has no separator.
fn value() -> impl Strategy<Value = String> {
    "[^/\\\\\\x00]{1,12}".prop_filter("it leaves its place", |value| safety::is_safe(value, true))
}

proptest! {
    #[test]
    fn matching_undoes_expansion(
        a in value(), b in value(), q in value(), c in value(), d in value(),
    ) {
        let simple = Variables::new().with("a", &a).with("b", &b).with("q", &q);
        // `.` stays as it is in a value, so it cannot tell variables apart; slashes do.
        for text in ["x://{a}/{b}{?q}", "x://y/{a}/z/{b}/w{?q}", "x://y{/a,b}{?q}", "x://{a,b}{?q}"] {
            let template = template(text);
            prop_assert_eq!(template.match_uri(&template.expand(&simple)), Some(simple.clone()), "{}", text);
        }
        let path = format!("{c}/{d}");
        let wild = Variables::new().with("a", &a).with("path", &path).with("b", &b);
        let template = template("x://{a}/{path*}/end/{b}");
        prop_assume!(!path.contains("/end/"));
        prop_assert_eq!(template.match_uri(&template.expand(&wild)), Some(wild));
    }

    #[test]
    fn no_uri_makes_matching_panic(uri in ".{0,64}") {
        for text in ["x://{a}/{b}{?q}", "{+a}x{b}", "{a}.{b}", "é{a}é"] {
            let _ = template(text).match_uri(&uri);
            let _ = template(text).match_uri(&format!("x://{uri}"));
        }
        let _ = UriTemplate::parse(&uri);
    }

    #[test]
    fn steps_grow_with_the_uri_and_no_faster(uri in "[a/?&=]{0,256}") {
        for text in ADVERSARIAL {
            let passes = 2 + text.matches(['?', '&', ',']).count();
            let uri = format!("a://{uri}");
            search::steps::take();
            let _ = template(text).match_uri(&uri);
            prop_assert!(search::steps::take() <= passes * uri.len(), "{} on {}", text, uri);
        }
    }
}
