//! Functions stand where their author wants them, and stay what they were.

#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    rust_2018_idioms
)]

use purlin::prelude::*;
use std::fmt::Debug;
use std::sync::Arc;

/// A server of several blocks, generic and with trait objects inside.
pub struct Shop<T, const N: usize>
where
    T: ?Sized,
{
    name: String,
    shelves: [u8; N],
    thing: Box<dyn Debug + Send + Sync>,
    kind: Arc<T>,
}

impl<T: ?Sized, const N: usize> Debug for Shop<T, N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shop").field("thing", &self.thing).finish_non_exhaustive()
    }
}

macro_rules! doubles {
    ($($name:ident by $factor:expr => $number:ty),*) => {
        $(
            /// Multiplies.
            #[mcp_tool(read_only)]
            fn $name(&self, #[arg(min = 0)] n: $number) -> $number {
                n * $factor
            }
        )*
    };
}

#[mcp_server(parts(orders, #[cfg(unix)] unix, #[cfg(not(unix))] windows), also(double, triple))]
impl<T, const N: usize> Shop<T, N>
where
    T: ?Sized + Send + Sync + 'static,
{
    doubles!(double by 2 => i64, triple by 3 => i64);

    /// What is on the shelves.
    #[mcp_tool]
    #[inline]
    #[must_use]
    #[doc(hidden)]
    pub async fn stock<'a>(&'a self, mut at: usize, r#where: &str) -> Option<u8>
    where
        T: Send,
    {
        at += usize::from(r#where.is_empty());
        std::future::ready(()).await;
        self.shelves.get(at).copied()
    }

    /// A tool in some builds only.
    #[cfg_attr(all(), mcp_tool(name = "sometimes"), inline)]
    #[cfg_attr(any(), must_use)]
    pub(crate) fn sometimes(&self) -> bool {
        true
    }

    /// A tool in no build.
    #[cfg_attr(any(), mcp_tool)]
    pub(crate) fn never(&self) -> bool {
        false
    }
}

mod orders {
    use super::*;

    #[mcp_server(part = orders)]
    impl<T: ?Sized + Send + Sync + 'static, const N: usize> Shop<T, N> {
        /// Takes an order.
        #[mcp_tool]
        pub(super) fn order(&self, what: String) -> String {
            format!("{what} of {}, {}", self.name, Arc::strong_count(&self.kind))
        }
    }
}

#[cfg(unix)]
#[mcp_server(part = unix)]
impl<T: ?Sized + Send + Sync + 'static, const N: usize> Shop<T, N> {
    /// Where it runs.
    #[mcp_tool]
    fn system() -> &'static str {
        "unix"
    }
}

#[cfg(not(unix))]
#[mcp_server(part = windows)]
impl<T: ?Sized + Send + Sync + 'static, const N: usize> Shop<T, N> {
    /// Where it runs.
    #[mcp_tool]
    fn system() -> &'static str {
        "another"
    }
}

/// Adds, outside of any server.
#[mcp_tool]
pub fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Has the name of something in the expansion.
#[mcp_tool]
fn input(server: &str) -> String {
    server.to_owned()
}

mod nested {
    use super::*;

    /// Greets.
    #[mcp_prompt]
    pub(super) fn greet(name: &str) -> String {
        format!("Greet {name}.")
    }

    #[mcp_completion(prompt = "greet", argument = "name")]
    pub(super) fn names(typed: &str) -> Vec<String> {
        vec![typed.to_owned()]
    }

    /// Who is known.
    #[mcp_resource("people://{name}")]
    pub(in crate::nested) fn person(name: &str) -> String {
        name.to_owned()
    }

    pub(super) fn all(server: Server) -> Server {
        server.function::<greet>().function::<names>().function::<person>()
    }
}

macro_rules! server {
    ($vis:vis $name:ident, $ty:ty, |$this:ident, $n:ident| $body:expr) => {
        /// Made by a macro.
        #[derive(Debug, Clone, Copy)]
        $vis struct $name;

        #[mcp_server(middleware(pass))]
        impl $name {
            /// Counts.
            #[mcp_tool]
            fn count(&$this, $n: $ty, list: &[$ty]) -> usize {
                list.len() + $body
            }

            /// Uses `self`.
            #[mcp_tool(middleware(pass, Count(PhantomDataOf::NEW)))]
            fn own(&self) -> String {
                format!("{self:?}")
            }
        }
    };
}

server!(pub(crate) Made, u8, |self, n| {
    let _ = format!("{self:?}");
    usize::from(n)
});

/// Functions that macros write into a module.
#[mcp_server(also(seven))]
pub mod numbers {
    use purlin::prelude::*;

    macro_rules! number {
        ($name:ident = $value:literal) => {
            /// A number.
            #[mcp_tool]
            pub fn $name() -> u8 {
                $value
            }
        };
    }

    number!(seven = 7);

    /// Nothing.
    #[mcp_tool]
    pub fn zero() -> u8 {
        0
    }
}

type Call<'a> = ToolCall<'a>;
type Rest<'a> = Next<'a>;

/// Passes on, by other names.
#[middleware]
pub async fn pass(call: Call<'_>, next: Rest<'_>) -> Result<ToolResult> {
    next.run(call).await
}

/// Lends what a generic middleware needs.
#[derive(Debug)]
pub struct PhantomDataOf;

impl PhantomDataOf {
    const NEW: Self = Self;
}

/// A generic middleware.
#[derive(Debug)]
pub struct Count<T>(T);

#[middleware]
impl<T: Debug + Send + Sync + 'static> Count<T> {
    async fn calls(&self, call: Call<'_>, next: Rest<'_>) -> Result<ToolResult> {
        let _ = format!("{:?}", self.0);
        next.run(call).await
    }

    async fn lists(&self, list: ToolList<'_>, next: Next<'_>) -> Result<purlin::middleware::Listing<purlin::protocol::Tool>> {
        next.run(list).await
    }
}

/// All together.
#[mcp_server(middleware(pass, Count(1)))]
#[derive(Debug)]
pub struct Platform {
    #[mount(prefix = "shop", middleware(pass))]
    shop: Arc<Box<Shop<u8, 3>>>,
    #[mount(prefix = "made")]
    made: Made,
    #[mount(prefix = "numbers")]
    numbers: numbers::Server,
}

fn main() -> Result<()> {
    assert_eq!((add(1, 2), input("a").as_str(), numbers::seven()), (3, "a", 7));
    assert_eq!(nested::greet("Ann"), "Greet Ann.");
    let shop = Shop {
        name: "shop".to_owned(),
        shelves: [1, 2, 3],
        thing: Box::new(1),
        kind: Arc::new(0_u8),
    };
    assert!(shop.sometimes() && !shop.never());
    assert_eq!((shop.double(2), shop.triple(2)), (4, 6));

    /// Inside of a function.
    #[mcp_tool]
    fn local() -> u8 {
        1
    }

    let server = Platform {
        shop: Arc::new(Box::new(shop)),
        made: Made,
        numbers: numbers::Server,
    }
    .into_server();
    let server = nested::all(server).function::<local>().function::<input>();
    server.add_function::<add>()?;
    assert_eq!(local(), 1);
    Ok(())
}
