use super::{finds, of_block, passes, quote};

const LINT: &str = "missing_cleanup";

#[test]
fn what_is_started_and_let_go() {
    finds(
        LINT,
        [
            quote!(tokio::spawn(work());),
            quote!(tokio::task::spawn(async move { work().await; });),
            quote!(if a { b(); } tokio::spawn(work());),
            quote!(let _ = tokio::spawn(work());),
            quote!(std::thread::spawn(|| work());),
            quote!(use tokio::spawn; spawn(work());),
            quote!(std::mem::forget(guard);),
        ],
    );
}

#[test]
fn what_somebody_holds() {
    passes([
        quote!(let work = tokio::spawn(work());),
        quote!(tokio::spawn(work()).await?;),
        quote!(let _work = tokio::spawn(work());),
        quote!(self.tasks.spawn(work());),
        quote!(set.push(tokio::spawn(work()));),
        quote!(tokio::spawn(work())),
        quote!(spawn(work());),
        quote!(let forget = memory::forget(a);),
    ]);
}

#[test]
fn a_server_may_start_what_it_keeps_running() {
    assert!(
        of_block(&quote!(
            fn setup(&self) {
                tokio::spawn(work());
            }
        ))
        .is_empty()
    );
}
