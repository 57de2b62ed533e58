//! The text of a URL.

use purlin_guard::fetch::{FetchError, UrlRules};

/// What becomes of a text with the profile `web`: its normal form, or the name of the error.
fn verdict(text: &str) -> String {
    verdict_by(&UrlRules::web(), text)
}

fn verdict_by(rules: &UrlRules, text: &str) -> String {
    match rules.check(text) {
        Ok(target) => target.to_string(),
        Err(error) => error.name().to_owned(),
    }
}

#[track_caller]
fn all(verdict_of_all: &str, texts: &[&str]) {
    for text in texts {
        assert_eq!(verdict(text), verdict_of_all, "{text:?}");
    }
}

#[test]
fn an_empty_text_is_refused() {
    all("invalid_url", &[""]);
}

#[test]
fn more_than_8192_bytes_are_refused() {
    let of = |length: usize| format!("http://a.example/{}", "x".repeat(length - 17));
    assert_eq!(verdict(&of(8192)), of(8192));
    assert_eq!(verdict(&of(8193)), "invalid_url");
    // Nor may a text become longer than that in its normal form.
    let swelling = format!("http://a.example/{}", "ü".repeat(3000));
    assert_eq!(verdict(&swelling), "invalid_url");
}

#[test]
fn white_space_and_control_characters_are_refused_anywhere() {
    let blanks = [
        ' ', '\t', '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{a0}', '\u{1680}', '\u{2003}',
        '\u{2028}', '\u{202f}', '\u{205f}', '\u{3000}', '\0', '\u{1b}', '\u{7f}', '\u{9f}',
    ];
    for blank in blanks {
        for text in [
            format!("{blank}http://a.example/"),
            format!("ht{blank}tp://a.example/"),
            format!("http:/{blank}/a.example/"),
            format!("http://a.{blank}example/"),
            format!("http://a.example:{blank}80/"),
            format!("http://a.example/x{blank}y"),
            format!("http://a.example/?x{blank}"),
            format!("http://a.example/#x{blank}"),
            format!("http://a.example/{blank}"),
        ] {
            assert_eq!(verdict(&text), "invalid_url", "{text:?}");
        }
    }
}

#[test]
fn backslashes_are_refused_anywhere() {
    all(
        "invalid_url",
        &[
            "http:\\\\a.example/",
            "http://a.example\\@b.example/",
            "http://a.example/\\b",
            "http://a.example/?\\",
            "http://a.example/#\\",
        ],
    );
}

#[test]
fn what_parsers_would_repair_is_refused() {
    all(
        "invalid_url",
        &[
            "http:/a.example/",
            "http:a.example",
            "https:///a.example/",
            "http://",
            "http://?x",
            "//a.example/",
            "/a",
            "a.example",
            "http//a.example",
            "://a.example/",
            "1http://a.example/",
            "javascript:alert(1)",
            "data:text/plain,x",
        ],
    );
}

#[test]
fn users_and_passwords_are_refused() {
    all(
        "userinfo",
        &[
            "http://user@a.example/",
            "http://user:password@a.example/",
            "http://@a.example/",
            "http://a.example:80@b.example/",
            "http://a.example@127.0.0.1/",
        ],
    );
    assert_eq!(verdict("http://a.example/@x"), "http://a.example/@x");
    assert_eq!(verdict("http://a.example?@x"), "http://a.example/?@x");
}

#[test]
fn percent_and_forbidden_code_points_in_the_host_are_refused() {
    all(
        "invalid_url",
        &[
            "http://a%2eexample/",
            "http://%61.example/",
            "http://127.0.0.1%00.example/",
            "http://a<b.example/",
            "http://a>b.example/",
            "http://a^b.example/",
            "http://a|b.example/",
            "http://a[b.example/",
            "http://a]b.example/",
            "http://a!b.example/",
            "http://a$b.example/",
            "http://a\"b.example/",
            "http://a;b.example/",
            "http://a,b.example/",
            "http://a=b.example/",
            "http://a{b}.example/",
            "http://a'b.example/",
            "http://a*b.example/",
        ],
    );
}

#[test]
fn only_http_and_https_are_fetched() {
    all(
        "scheme",
        &[
            "ftp://a.example/",
            "file:///etc/passwd",
            "gopher://a.example/",
            "ws://a.example/",
            "httpx://a.example/",
            "http+unix://a.example/",
        ],
    );
    assert_eq!(verdict("HtTpS://a.example"), "https://a.example/");
}

#[test]
fn the_profile_oauth_takes_https_at_port_443_alone() {
    let rules = UrlRules::oauth();
    for (text, expected) in [
        ("https://a.example/keys", "https://a.example/keys"),
        ("https://a.example:443/keys", "https://a.example/keys"),
        ("http://a.example/keys", "scheme"),
        ("http://a.example:443/keys", "scheme"),
        ("https://a.example:80/keys", "port"),
        ("https://a.example:8443/keys", "port"),
        ("https://127.0.0.1/keys", "blocked_address"),
        ("https://localhost/keys", "blocked_host"),
    ] {
        assert_eq!(verdict_by(&rules, text), expected, "{text}");
    }
}

#[test]
fn the_id_of_a_client_has_a_path() {
    let rules = UrlRules::oauth().require_path();
    for text in [
        "https://a.example",
        "https://a.example/",
        "https://a.example/?x",
    ] {
        assert_eq!(verdict_by(&rules, text), "invalid_url", "{text}");
    }
    let id = "https://a.example/client.json";
    assert_eq!(verdict_by(&rules, id), id);
}

#[test]
fn ports_other_than_80_and_443_are_refused_unless_opened() {
    all(
        "port",
        &[
            "http://a.example:8080/",
            "https://a.example:8443/",
            "http://a.example:22/",
            "http://a.example:65535/",
        ],
    );
    assert_eq!(verdict("http://a.example:443/"), "http://a.example:443/");
    let rules = UrlRules::web().open_ports([8080]);
    assert_eq!(
        verdict_by(&rules, "http://a.example:8080/"),
        "http://a.example:8080/"
    );
    assert_eq!(verdict_by(&rules, "http://a.example:8081/"), "port");
    assert_eq!(
        verdict_by(&UrlRules::web().any_port(), "http://a.example:1/"),
        "http://a.example:1/"
    );
}

#[test]
fn zero_and_text_are_no_ports() {
    all(
        "port",
        &[
            "http://a.example:0/",
            "http://a.example:/",
            "http://a.example:http/",
            "http://a.example:080/",
            "http://a.example:+80/",
            "http://a.example:65536/",
            "http://a.example:80:80/",
            "http://[2606:4700::1111]:x/",
        ],
    );
    let any = UrlRules::web().any_port();
    assert_eq!(verdict_by(&any, "http://a.example:0/"), "port");
}

#[test]
fn ipv4_addresses_are_four_canonical_decimal_numbers() {
    assert_eq!(verdict("http://1.1.1.1/"), "http://1.1.1.1/");
    all(
        "invalid_url",
        &[
            "http://0x1.1.1.1/",
            "http://0x01010101/",
            "http://0x/",
            "http://01.1.1.1/",
            "http://001.001.001.001/",
            "http://0101.1.1.1/",
            "http://16843009/",
            "http://1.1/",
            "http://1.1.1/",
            "http://1.1.1.1./",
            "http://1.1.1.1.1/",
            "http://1.1.1.256/",
            "http://1.1.1.0x1/",
        ],
    );
}

#[test]
fn names_whose_last_label_is_a_number_are_refused() {
    all(
        "invalid_url",
        &[
            "http://a.1/",
            "http://a.example.09/",
            "http://a.0x7f/",
            "http://a.0X7F/",
            "http://a.0x./",
            "http://a.12./",
        ],
    );
    assert_eq!(verdict("http://1.a1/"), "http://1.a1/");
}

#[test]
fn ipv6_addresses_stand_in_brackets_without_a_zone() {
    assert_eq!(
        verdict("http://[2606:4700:0::1111]:80/"),
        "http://[2606:4700::1111]/"
    );
    all(
        "invalid_url",
        &[
            "http://[2606:4700::1111/",
            "http://2606:4700::1111]/",
            "http://[2606:4700::1111%25eth0]/",
            "http://[2606:4700::1111%eth0]/",
            "http://[fe80::1%25eth0]/",
            "http://[]/",
            "http://[1.1.1.1]/",
            "http://[a.example]/",
            "http://[v1.x]/",
            "http://[2606:4700::1111]x/",
        ],
    );
    assert_eq!(verdict("http://fe80:4700::1111/"), "port");
}

#[test]
fn names_of_other_scripts_go_through_uts_46() {
    for (text, normal) in [
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://BÜCHER.example/", "http://xn--bcher-kva.example/"),
        ("http://日本語.jp/", "http://xn--wgv71a119e.jp/"),
        (
            "http://xn--bcher-kva.example/",
            "http://xn--bcher-kva.example/",
        ),
    ] {
        assert_eq!(verdict(text), normal, "{text}");
    }
    all(
        "invalid_url",
        &["http://xn--zzzzzz.example/", "http://xn--.example/"],
    );
}

#[test]
fn names_that_become_ascii_by_mapping_are_refused() {
    all(
        "invalid_url",
        &[
            "http://ｅxample.com/",
            "http://ｅｘａｍｐｌｅ.com/",
            "http://ⓔⓧⓐⓜⓟⓛⓔ.com/",
            "http://example。com/",
            "http://example．com/",
            "http://exam\u{ad}ple.com/",
            "http://exam\u{200b}ple.com/",
            "http://１２７.0.0.1/",
            "http://①②⑦.⓪.⓪.①/",
            "http://127。0。0。1/",
            "http://ﬁ.example/",
            "http://example.ⓒⓞⓜ/",
        ],
    );
}

#[test]
fn one_trailing_dot_is_removed() {
    assert_eq!(verdict("http://a.example./x"), "http://a.example/x");
    assert_eq!(verdict("http://A.EXAMPLE.:80/x"), "http://a.example/x");
    all(
        "invalid_url",
        &["http://a.example../", "http://./", "http://../"],
    );
}

#[test]
fn labels_and_names_are_bounded_and_never_empty() {
    let label = "x".repeat(63);
    let long = format!("http://{label}.{label}.{label}.{}/", "x".repeat(61));
    assert_eq!(verdict(&long), long);
    all(
        "invalid_url",
        &[
            "http://a..example/",
            "http://.a.example/",
            &format!("http://{label}x.example/"),
            &format!("http://{label}.{label}.{label}.{}/", "x".repeat(62)),
        ],
    );
}

#[test]
fn what_is_allowed_has_one_normal_form() {
    for (text, normal) in [
        ("http://a.example", "http://a.example/"),
        ("http://a.example?q", "http://a.example/?q"),
        ("http://a.example#f", "http://a.example/"),
        (
            "https://a.example:443/a/./b/../c?d#e",
            "https://a.example/a/c?d",
        ),
        ("https://a.example/ü?ü", "https://a.example/%C3%BC?%C3%BC"),
        ("https://a.example/%2e%2E/x", "https://a.example/x"),
        ("https://a.example//b", "https://a.example//b"),
        ("https://a_b.example/", "https://a_b.example/"),
    ] {
        assert_eq!(verdict(text), normal, "{text}");
    }
}

#[test]
fn the_error_says_what_is_wrong_about_the_text() {
    let error = UrlRules::web().check("http://a.example/\n").unwrap_err();
    assert!(
        matches!(error, FetchError::InvalidUrl("it has white space in it")),
        "{error}"
    );
}
