//! `#[mcp_server]` on every kind of item.

use super::{golden, pipeline, quote};

#[test]
fn impl_block() {
    let expansion = pipeline::mcp_server(
        quote!(name = "weather", version = "1.4.0"),
        &quote! {
            /// Weather for the platform.
            impl Weather {
                /// Current conditions in a city.
                #[mcp_tool(read_only, tags("public"), timeout = "5s")]
                async fn current(
                    &self,
                    /// City name, for example `Paris`.
                    #[arg(min_length = 1, max_length = 80)] city: String,
                    /// Unit system.
                    #[arg(default = Units::Metric)] units: Units,
                    cx: &Context,
                ) -> Result<Conditions, ToolError> {
                    self.forecasts.current(city, units, cx).await
                }

                /// Cities we know in a country.
                #[mcp_resource("weather://cities/{country}", mime_type = "application/json")]
                async fn cities(&self, country: String) -> Result<Json<Vec<City>>, ResourceError> {
                    self.forecasts.cities(&country)
                }

                /// Brief me for a trip.
                #[mcp_prompt]
                fn briefing(&self, city: String, days: Option<u8>) -> Vec<PromptMessage> {
                    Vec::new()
                }

                #[mcp_completion(resource = "weather://cities/{country}", argument = "country")]
                async fn complete_country(&self, typed: &str) -> Vec<String> {
                    Vec::new()
                }

                /// Not a component.
                fn helper(&self) {}
            }
        },
    );
    golden("impl_block", expansion);
}

#[test]
fn module_of_functions() {
    let expansion = pipeline::mcp_server(
        quote!(),
        &quote! {
            mod arithmetic {
                /// Adds two numbers.
                #[mcp_tool]
                pub fn add(a: i64, b: i64) -> i64 {
                    a + b
                }

                /// Grinds for a while.
                #[mcp_tool(blocking)]
                pub fn grind(#[arg(range = 1..=10)] rounds: u32) -> u32 {
                    rounds
                }
            }
        },
    );
    golden("module_of_functions", expansion);
}

#[test]
fn arguments() {
    let expansion = pipeline::mcp_server(
        quote!(lenient),
        &quote! {
            mod people {
                /// Enters somebody.
                #[mcp_tool]
                pub fn enter(
                    #[arg(pattern = "^[a-z]+$", alias("handle", "nick"))] name: String,
                    #[arg(format = "date", example = "1990-01-31")] born: String,
                    #[arg(lenient)] height: Option<f64>,
                    #[arg(sensitive)] pin: String,
                ) {
                }
            }
        },
    );
    golden("arguments", expansion);
}

#[test]
fn demands_and_promises() {
    let expansion = pipeline::mcp_server(
        quote!(version = "1.4.0", scopes("shop")),
        &quote! {
            mod shop {
                /// Orders.
                #[mcp_tool(
                    scopes("orders:write"),
                    roles("clerk", "admin"),
                    rate_limit = "10/minute",
                    task = "optional",
                    output = "Vec<Order>",
                    deprecated(since = "1.2.0", remove_in = "2.0.0", note = "use `buy`")
                )]
                pub fn order(caller: &Principal) -> ToolResult {
                    ToolResult::text(caller.subject())
                }

                /// The books.
                #[mcp_resource("shop://books", version = "3.1.0", roles("admin"))]
                #[deprecated = "ask"]
                pub fn books() -> String {
                    String::new()
                }
            }
        },
    );
    golden("demands_and_promises", expansion);
}

#[test]
fn mounts() {
    let expansion = pipeline::mcp_server(
        quote!(
            name = "platform",
            instructions = "Ask away.",
            max_tools = 40,
            setup = Self::setup
        ),
        &quote! {
            pub struct Platform {
                #[mount(prefix = "weather", scopes("weather"))]
                weather: Weather,
                #[mount]
                legacy: Legacy,
                started: Instant,
            }
        },
    );
    golden("mounts", expansion);
}

#[test]
fn part() {
    let expansion = pipeline::mcp_server(
        quote!(part),
        &quote! {
            impl Platform {
                /// Whether all is well.
                #[mcp_tool]
                fn status(&self) -> &'static str {
                    "fine"
                }
            }
        },
    );
    golden("part", expansion);
}

#[test]
fn generic_server() {
    let expansion = pipeline::mcp_server(
        quote!(),
        &quote! {
            impl<S: Store, const N: usize> Shelf<S, N>
            where
                S: Clone,
            {
                /// What is on the shelf.
                #[mcp_tool]
                async fn fetch(&self, key: S::Key, limit: Option<Self::Limit>) -> Vec<S::Item> {
                    Vec::new()
                }
            }
        },
    );
    golden("generic_server", expansion);
}

#[test]
fn every_argument_option() {
    let expansion = pipeline::mcp_server(
        quote!(),
        &quote! {
            mod options {
                /// Takes them all.
                #[mcp_tool]
                fn all(
                    #[arg(name = "type", one_of("a", "b"), default = "a", example = "b")] r#type: &str,
                    #[arg(range = 0.5..2.0, multiple_of = 0.25)] factor: f64,
                    #[arg(min = -3, max = 3, header = "Shift")] shift: i8,
                    #[arg(min_items = 1, max_items = 5, unique)] names: &[String],
                    #[arg(description = "Only look.")] dry_run: bool,
                ) {}
            }
        },
    );
    golden("every_argument_option", expansion);
}

/// Two lints speak: one warning each, at the user's token.
#[test]
fn findings() {
    let expansion = pipeline::mcp_server(
        quote!(),
        &quote! {
            mod clock {
                #[mcp_tool]
                pub async fn wait() {
                    std::thread::sleep(A_WHILE);
                }
            }
        },
    );
    golden("findings", expansion);
}

/// Under another path the word `purlin` does not occur.
#[test]
fn another_path_to_the_crate() {
    let expansion = pipeline::mcp_server(
        quote!(crate = other::path),
        &quote! {
            impl Weather {
                /// Current conditions.
                #[mcp_tool]
                async fn current(&self, city: &str) -> String {
                    city.to_owned()
                }
            }
        },
    );
    let text = expansion.to_string();
    assert!(
        !text
            .replace("__purlin_part", "")
            .replace("__PURLIN_PART", "")
            .contains("purlin")
    );
    golden("another_path_to_the_crate", expansion);
}

#[test]
fn parts_and_functions_of_macros() {
    let expansion = pipeline::mcp_server(
        quote!(
            parts(
                orders,
                #[cfg(unix)]
                unix
            ),
            also(double),
            middleware(audit)
        ),
        &quote! {
            impl Shop {
                multiples!(double by 2);

                #[cfg_attr(debug_assertions, mcp_tool(middleware(Quota::new(5))), inline)]
                fn stock(&self) {}
            }
        },
    );
    golden("parts_and_functions_of_macros", expansion);
}

#[test]
fn part_with_a_name() {
    let expansion = pipeline::mcp_server(
        quote!(part = orders),
        &quote! {
            impl<T> Shop<T> {
                #[mcp_tool]
                fn order(&self) {}
            }
        },
    );
    golden("part_with_a_name", expansion);
}
