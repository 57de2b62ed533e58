//! Which names collide, and what is said of them.

use super::{MountedNames, Names};

fn refusal(names: &'static Names) -> String {
    let caught = std::panic::catch_unwind(|| {
        names.check();
        for mount in names.mounts {
            names.check_mount(mount.field);
        }
    });
    let message = caught.expect_err("the names collide");
    message
        .downcast::<String>()
        .map_or_else(|_| String::new(), |message| *message)
}

const WEATHER: Names = Names {
    server: "Weather",
    tools: &["current", "forecast"],
    resources: &["data://cities", "weather://cities/{country}"],
    ..Names::NONE
};

const LEGACY: Names = Names {
    server: "Legacy",
    tools: &["ping", "weather_current"],
    ..Names::NONE
};

#[test]
fn prefixes_keep_servers_apart() {
    const PLATFORM: Names = Names {
        server: "Platform",
        mounts: &[
            MountedNames {
                field: "a",
                prefix: Some("a"),
                names: &WEATHER,
            },
            MountedNames {
                field: "b",
                prefix: Some("b"),
                names: &WEATHER,
            },
            MountedNames {
                field: "c",
                prefix: None,
                names: &WEATHER,
            },
        ],
        ..Names::NONE
    };
    const { PLATFORM.check() };
    const { PLATFORM.check_mount("a") };
    const { PLATFORM.check_mount("b") };
    const { PLATFORM.check_mount("c") };
}

#[test]
fn a_collision_names_both_sides() {
    static PLATFORM: Names = Names {
        server: "Platform",
        mounts: &[
            MountedNames {
                field: "weather",
                prefix: Some("weather"),
                names: &WEATHER,
            },
            MountedNames {
                field: "legacy",
                prefix: None,
                names: &LEGACY,
            },
        ],
        ..Names::NONE
    };
    let message = refusal(&PLATFORM);
    assert_eq!(
        message,
        "two tools are called `weather_current`: one of `Weather`, one of `Legacy`; \
         rename one, or give a mount another `prefix`",
    );
}

#[test]
fn resources_take_the_prefix_behind_the_scheme() {
    const OTHER: Names = Names {
        server: "Other",
        resources: &["data://w/cities"],
        ..Names::NONE
    };
    static PLATFORM: Names = Names {
        server: "Platform",
        mounts: &[
            MountedNames {
                field: "weather",
                prefix: Some("w"),
                names: &WEATHER,
            },
            MountedNames {
                field: "other",
                prefix: None,
                names: &OTHER,
            },
        ],
        ..Names::NONE
    };
    assert!(refusal(&PLATFORM).starts_with("two resources have the URI `data://w/cities`"));
}

#[test]
fn nested_prefixes_stack() {
    const INNER: Names = Names {
        server: "Inner",
        mounts: &[MountedNames {
            field: "w",
            prefix: Some("b"),
            names: &WEATHER,
        }],
        ..Names::NONE
    };
    const CLASH: Names = Names {
        server: "Clash",
        tools: &["a_b_current"],
        ..Names::NONE
    };
    static PLATFORM: Names = Names {
        server: "Platform",
        parts: &[&CLASH],
        mounts: &[MountedNames {
            field: "inner",
            prefix: Some("a"),
            names: &INNER,
        }],
        ..Names::NONE
    };
    assert!(refusal(&PLATFORM).starts_with("two tools are called `a_b_current`"));
}

#[test]
fn names_are_short_with_their_prefixes_too() {
    const LONG: &str = "a_prefix_of_no_fewer_than_sixty_characters_if_you_count_them";
    static PLATFORM: Names = Names {
        server: "Platform",
        mounts: &[MountedNames {
            field: "weather",
            prefix: Some(LONG),
            names: &WEATHER,
        }],
        ..Names::NONE
    };
    assert!(refusal(&PLATFORM).contains("characters, and clients take at most 64"));
}

#[test]
fn tools_are_counted_with_the_mounts() {
    static PLATFORM: Names = Names {
        server: "Platform",
        mounts: &[MountedNames {
            field: "weather",
            prefix: None,
            names: &WEATHER,
        }],
        max_tools: Some(1),
        ..Names::NONE
    };
    assert!(refusal(&PLATFORM).starts_with("`Platform` has 2 tools, and its `max_tools` is 1"));
}
