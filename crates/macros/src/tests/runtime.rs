//! `#[purlin::main]` and `#[purlin::test]`.

use super::{golden, pipeline, quote};

#[test]
fn main() {
    let expansion = pipeline::main(
        quote!(worker_threads = 4),
        &quote! {
            async fn main() -> purlin::Result<()> {
                Ok(())
            }
        },
    );
    golden("main", expansion);
}

#[test]
fn test_once() {
    let expansion = pipeline::test(
        quote!(),
        &quote! {
            async fn answers() {
                assert_eq!(1, 1);
            }
        },
    );
    golden("test_once", expansion);
}

#[test]
fn test_in_both_eras() {
    let expansion = pipeline::test(
        quote!(eras),
        &quote! {
            #[should_panic]
            async fn answers(era: Era) -> Result<()> {
                connect(era).await?;
                Ok(())
            }
        },
    );
    golden("test_in_both_eras", expansion);
}
