//! `#[middleware]` on functions and on impl blocks.

use super::{golden, pipeline, quote};

#[test]
fn middleware_function() {
    let expansion = pipeline::middleware(
        quote!(),
        &quote! {
            /// Writes every call down.
            #[tracing::instrument]
            pub async fn audit(call: ToolCall<'_>, next: Next<'_>) -> Result<ToolResult> {
                next.run(call).await
            }
        },
    );
    golden("middleware_function", expansion);
}

#[test]
fn middleware_block() {
    let expansion = pipeline::middleware(
        quote!(),
        &quote! {
            impl<C: Clock> Quota<C> {
                async fn calls(&self, call: ToolCall<'_>, next: Next<'_>) -> Result<ToolResult> {
                    self.spend()?;
                    next.run(call).await
                }

                async fn lists(&self, list: ToolList<'_>, next: Next<'_>) -> Result<Listing<Tool>> {
                    next.run(list).await
                }

                fn spend(&self) -> Result<()> {
                    Ok(())
                }
            }
        },
    );
    golden("middleware_block", expansion);
}
