//! Tools, resources, prompts and completions: a static, two functions, and a
//! statement that registers them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::Attribute;

use super::func::{self, Caller, Flavour};
use super::spec;
use super::target::Target;
use crate::check::completion::{self, Completion};
use crate::check::func::Func;
use crate::check::prompt::Prompt;
use crate::check::resource::Resource;
use crate::check::tool::Tool;

/// What one component adds to the expansion.
pub(crate) struct Expanded {
    /// Goes into the `const _` block.
    pub(crate) items: TokenStream,
    /// Goes into `__assemble`.
    pub(crate) statement: TokenStream,
}

/// `#[mcp_tool]`
pub(crate) fn tool(tool: &Tool, target: &Target) -> Expanded {
    let component = spec::component(&tool.component, target);
    let task = spec::field("task", tool.task.as_ref());
    let read_only = spec::field("read_only", tool.read_only);
    let destructive = spec::field("destructive", tool.destructive);
    let idempotent = spec::field("idempotent", tool.idempotent);
    let open_world = spec::field("open_world", tool.open_world);
    let hidden = spec::switch("hidden", tool.hidden);
    let params = spec::params(&tool.func.params, target);
    let fields = quote! {
        #component #task #read_only #destructive #idempotent #open_world #hidden #params
    };
    registered(
        "ToolSpec",
        "tool",
        &fields,
        &Caller {
            declared: tool.output.as_ref(),
            ..caller(&tool.func, tool.blocking, target, &func::TOOL)
        },
    )
}

/// `#[mcp_resource]`
pub(crate) fn resource(resource: &Resource, target: &Target) -> Expanded {
    let uri = &resource.uri;
    let component = spec::component(&resource.component, target);
    let mime_type = spec::field("mime_type", resource.mime_type.as_ref());
    let audience = spec::list("audience", &resource.audience);
    let priority = spec::field("priority", resource.priority);
    let hidden = spec::switch("hidden", resource.hidden);
    let params = spec::params(&resource.func.params, target);
    let fields = quote!(uri: #uri, #component #mime_type #audience #priority #hidden #params);
    let caller = caller(&resource.func, resource.blocking, target, &func::RESOURCE);
    let mut expanded = registered("ResourceSpec", "resource", &fields, &caller);
    let fillers = caller
        .slots()
        .filter(|slot| !resource.fills(slot.param))
        .filter_map(|slot| slot.must_be_injected(&resource.unfilled(slot.param)));
    expanded.items.extend(guarded(&resource.func.cfgs, fillers));
    expanded
}

/// `#[mcp_prompt]`
pub(crate) fn prompt(prompt: &Prompt, target: &Target) -> Expanded {
    let component = spec::component(&prompt.component, target);
    let hidden = spec::switch("hidden", prompt.hidden);
    let params = spec::params(&prompt.func.params, target);
    let fields = quote!(#component #hidden #params);
    let caller = caller(&prompt.func, prompt.blocking, target, &func::PROMPT);
    registered("PromptSpec", "prompt", &fields, &caller)
}

/// `#[mcp_completion]`
pub(crate) fn completion(completion: &Completion, target: &Target) -> Expanded {
    let caller = caller(
        &completion.func,
        completion.blocking,
        target,
        &func::COMPLETION,
    );
    let (spec, callee) = (caller.spec_ident(), caller.callee());
    let goal = match &completion.target {
        completion::Target::Prompt(name) => quote!(Prompt(#name)),
        completion::Target::Resource(uri) => quote!(Resource(#uri)),
    };
    let argument = &completion.argument;
    let constant = quote! {
        static #spec: __p::CompletionSpec = __p::CompletionSpec {
            target: __p::CompletionTarget::#goal,
            argument: #argument,
        };
    };
    let items = [constant].into_iter().chain(caller.call());
    let items = guarded(&completion.func.cfgs, items);
    let statement = quote!(part.completion(&#spec, #callee););
    Expanded {
        items,
        statement: guarded(&completion.func.cfgs, [statement]),
    }
}

fn caller<'a>(
    func: &'a Func,
    blocking: bool,
    target: &'a Target,
    flavour: &'static Flavour,
) -> Caller<'a> {
    Caller {
        func,
        blocking,
        target,
        flavour,
        declared: None,
    }
}

fn registered(ty: &str, method: &str, fields: &TokenStream, caller: &Caller<'_>) -> Expanded {
    let ident = |name: &str| Ident::new(name, Span::call_site());
    let (ty, method) = (ident(ty), ident(method));
    let spec = caller.spec_ident();
    let (describer, callee) = (caller.describer(), caller.callee());
    let mut items = caller.probes();
    items.push(quote!(static #spec: __p::#ty = __p::#ty { #fields ..__p::#ty::EMPTY };));
    items.extend(caller.describe());
    items.extend(caller.call());
    let items = guarded(&caller.func.cfgs, items);
    let statement = quote!(part.#method(&#spec, #describer, #callee););
    Expanded {
        items,
        statement: guarded(&caller.func.cfgs, [statement]),
    }
}

/// Each of `parts` under the `cfg`s of the user's function.
fn guarded(cfgs: &[Attribute], parts: impl IntoIterator<Item = TokenStream>) -> TokenStream {
    parts
        .into_iter()
        .map(|part| quote!(#(#cfgs)* #part))
        .collect()
}
