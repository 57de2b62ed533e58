use super::{finds, of_block, of_module, passes, quote, spoken};
use crate::pipeline;

const LINT: &str = "blocking_in_async";

#[test]
fn full_paths_to_the_standard_library() {
    finds(
        LINT,
        [
            quote!(std::thread::sleep(a);),
            quote!(::std::thread::sleep(a);),
            quote!(let text = std::fs::read_to_string("a")?;),
            quote!(let all = names.map(std::fs::read);),
            quote!(let file = std::fs::File::open("a")?;),
            quote!(let file = std::fs::OpenOptions::new().append(true).open("a")?;),
            quote!(let socket = std::net::TcpStream::connect("a:1")?;),
            quote!(std::process::Command::new("ls").arg("-l").output()?;),
        ],
    );
}

#[test]
fn short_paths_whose_result_is_not_awaited() {
    finds(
        LINT,
        [
            quote!(thread::sleep(a);),
            quote!(let text = fs::read_to_string("a").map_err(Oops)?;),
            quote!(let file = File::open("a")?;),
            quote!(let socket = TcpListener::bind("a:1")?;),
            quote!(let status = Command::new("ls").status()?;),
        ],
    );
}

#[test]
fn clients_that_block() {
    finds(
        LINT,
        [
            quote!(let page = reqwest::blocking::get("https://a")?;),
            quote!(let page = ureq::get("https://a").call()?;),
            quote!(futures::executor::block_on(work());),
            quote!(runtime.block_on(work());),
            quote!(let first = receiver.blocking_recv();),
        ],
    );
}

#[test]
fn names_brought_in_by_use() {
    finds(
        LINT,
        [
            quote!(use std::fs; fs::write("a", "b")?;),
            quote!(use std::{fs::{self, read as slurp}, thread::sleep}; sleep(a);),
            quote!(use std::fs::read as slurp; slurp("a")?;),
        ],
    );
    let of_its_module = quote! {
        use std::thread::sleep;
        /// Waits.
        #[mcp_tool]
        async fn wait() { sleep(a); }
    };
    assert_eq!(of_module(&of_its_module), [LINT]);
}

#[test]
fn code_inside_macros() {
    finds(
        LINT,
        [
            quote!(tokio::select! { _ = a => std::thread::sleep(b), }),
            quote!(let all = vec![std::fs::read("a")?];),
        ],
    );
}

#[test]
fn what_awaits_is_no_block() {
    passes([
        quote!(tokio::time::sleep(a).await;),
        quote!(use tokio::time::sleep; sleep(a).await;),
        quote!(let text = fs::read_to_string("a").await?;),
        quote!(use tokio::net::TcpStream; let dial = TcpStream::connect("a:1"); dial.await?;),
        quote!(let file = File::open("a").await?;),
        quote!(let socket = TcpListener::bind("a:1").await?;),
        quote!(let out = Command::new("ls").arg("-l").output().await?;),
        quote!(let child = tokio::process::Command::new("ls").output();),
    ]);
}

#[test]
fn what_only_sounds_like_it() {
    passes([
        quote!(my_fs::read("a");),
        quote!(self.fs.read("a");),
        quote!(crate::fs::store("a");),
        quote!(fs::open_store("a");),
        quote!(sleep(a).await;),
        quote!(let name = "std::thread::sleep(a)";),
        quote!(let kind: std::fs::FileType = a;),
        quote!(let command = Command::new("ls");),
        quote!(let now = <Clock as Sleeps>::thread::sleep(a);),
        quote!(#[doc = "std::fs::read"] let a = 1;),
    ]);
}

#[test]
fn what_runs_elsewhere() {
    let mut bodies = vec![
        quote!(tokio::task::block_in_place(|| std::thread::sleep(a));),
        quote!(let thread = std::thread::spawn(|| std::thread::sleep(a));),
        quote!(pool.spawn_blocking(move || { thread::sleep(a); }).await;),
    ];
    passes(bodies.split_off(0));
    let of_a_blocking_tool = quote! {
        /// Waits.
        #[mcp_tool(blocking)]
        fn wait() { std::thread::sleep(a); }
    };
    assert!(of_block(&of_a_blocking_tool).is_empty());
}

#[test]
fn a_tool_that_is_not_async_is_told_of_the_option() {
    let expansion = pipeline::mcp_server(
        quote!(),
        &quote! {
            impl S {
                /// Waits.
                #[mcp_tool]
                fn wait() { std::thread::sleep(a); }
            }
        },
    );
    assert!(
        expansion
            .to_string()
            .contains("write `#[mcp_tool(blocking)]`")
    );
    assert_eq!(spoken(&expansion), [LINT]);
}

#[test]
fn functions_beside_the_components() {
    assert_eq!(
        of_block(&quote!(
            async fn nap(&self) {
                std::thread::sleep(a);
            }
        )),
        [LINT]
    );
    // Somebody may call it from `spawn_blocking`.
    assert!(
        of_block(&quote!(
            fn nap(&self) {
                std::thread::sleep(a);
            }
        ))
        .is_empty()
    );
}
