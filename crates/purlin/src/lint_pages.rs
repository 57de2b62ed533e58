//! Runs the examples of the pages of `docs/lints`: what a lint is to find is
//! refused under `deny(..)`, and what stands in its place is not.

#[doc = include_str!("../../../docs/lints/blocking_in_async.md")]
mod blocking_in_async {}

#[doc = include_str!("../../../docs/lints/fat_tool.md")]
mod fat_tool {}

#[doc = include_str!("../../../docs/lints/god_server.md")]
mod god_server {}

#[doc = include_str!("../../../docs/lints/hardcoded_secret.md")]
mod hardcoded_secret {}

#[doc = include_str!("../../../docs/lints/leaky_abstraction.md")]
mod leaky_abstraction {}

#[doc = include_str!("../../../docs/lints/missing_cleanup.md")]
mod missing_cleanup {}

#[doc = include_str!("../../../docs/lints/missing_description.md")]
mod missing_description {}

#[doc = include_str!("../../../docs/lints/model_does_the_work.md")]
mod model_does_the_work {}

#[doc = include_str!("../../../docs/lints/state_leakage.md")]
mod state_leakage {}

#[doc = include_str!("../../../docs/lints/stdout_pollution.md")]
mod stdout_pollution {}
