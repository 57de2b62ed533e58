use super::{finds, of_block, of_module, passes, quote, spoken};
use crate::pipeline;

const LINT: &str = "stdout_pollution";

#[test]
fn every_way_to_standard_output() {
    finds(
        LINT,
        [
            quote!(println!("a");),
            quote!(print!("{a}");),
            quote!(std::println!();),
            quote!(writeln!(std::io::stdout(), "a")?;),
            quote!(let mut out = io::stdout().lock();),
            quote!(tokio::io::stdout().write_all(a).await?;),
            quote!(use std::io::stdout; stdout().flush()?;),
            quote!(if a {
                log!(println!("b"))
            }),
        ],
    );
}

#[test]
fn everything_else_may_be_written_to() {
    passes([
        quote!(eprintln!("a");),
        quote!(std::io::stderr().write_all(a)?;),
        quote!(write!(text, "a")?;),
        quote!(let out = child.stdout();),
        quote!(command.stdout(Stdio::piped());),
        quote!(printer::println!("a");),
        quote!(let text = "println!(1)";),
        quote!(if println != a {}),
    ]);
}

#[test]
fn every_function_of_the_server() {
    assert_eq!(
        of_block(&quote!(
            fn helper(&self) {
                println!("a");
            }
        )),
        [LINT]
    );
    let of_a_type_in_a_module = quote!(struct A; impl A { fn b() { println!("a"); } });
    assert_eq!(of_module(&of_a_type_in_a_module), [LINT]);
    let middleware = pipeline::middleware(
        quote!(),
        &quote! {
            async fn audit(call: ToolCall<'_>, next: Next<'_>) -> Result<ToolResult> {
                println!("a");
                next.run(call).await
            }
        },
    );
    assert_eq!(spoken(&middleware), [LINT]);
}

#[test]
fn tests_may_print() {
    assert!(
        of_module(&quote!(
            #[cfg(test)]
            fn a() {
                println!("a");
            }
        ))
        .is_empty()
    );
    assert!(
        of_module(&quote!(
            #[test]
            fn a() {
                println!("a");
            }
        ))
        .is_empty()
    );
    assert!(
        of_module(&quote!(
            #[cfg(test)]
            mod tests {
                fn a() {
                    println!("a");
                }
            }
        ))
        .is_empty()
    );
}
