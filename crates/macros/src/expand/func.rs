//! The two functions behind every component: one describes it, one calls it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Type;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::located;
use super::param::Slot;
use super::target::Target;
use crate::check::func::Func;

/// The names of the runtime for one kind of component.
pub(crate) struct Flavour {
    /// What the descriptions are written into.
    pub(crate) description: &'static str,
    /// What the arguments are taken from.
    pub(crate) input: &'static str,
    /// What a call gives.
    pub(crate) result: &'static str,
    /// What is asked of an argument's type before anything else, where it is
    /// used more than once.
    pub(crate) argument: Option<&'static str>,
    /// The same of what is returned.
    pub(crate) output: Option<&'static str>,
    pub(crate) describe: &'static str,
    pub(crate) default: &'static str,
    pub(crate) take: &'static str,
    pub(crate) take_or: &'static str,
    pub(crate) describe_output: Option<&'static str>,
    pub(crate) respond: &'static str,
    /// The answer to arguments that cannot be read.
    pub(crate) reject: &'static str,
    /// Whether a parameter can stand for several operations.
    pub(crate) has_operations: bool,
}

pub(crate) const TOOL: Flavour = Flavour {
    description: "ToolDescription",
    input: "ToolInput",
    result: "ToolResult",
    argument: Some("argument"),
    output: Some("output"),
    describe: "describe",
    default: "default",
    take: "take",
    take_or: "take_or",
    describe_output: Some("describe"),
    respond: "respond",
    reject: "reject",
    has_operations: true,
};

pub(crate) const RESOURCE: Flavour = Flavour {
    description: "ResourceDescription",
    input: "ResourceInput",
    result: "ResourceResult",
    argument: None,
    output: None,
    describe: "describe_variable",
    default: "default_variable",
    take: "take_variable",
    take_or: "take_variable_or",
    describe_output: None,
    respond: "respond_resource",
    reject: "reject",
    has_operations: false,
};

pub(crate) const PROMPT: Flavour = Flavour {
    description: "PromptDescription",
    input: "PromptInput",
    result: "PromptResult",
    argument: Some("prompt_argument"),
    output: None,
    describe: "describe_prompt_argument",
    default: "default_prompt_argument",
    take: "take_prompt_argument",
    take_or: "take_prompt_argument_or",
    describe_output: None,
    respond: "respond_prompt",
    reject: "reject",
    has_operations: false,
};

pub(crate) const COMPLETION: Flavour = Flavour {
    description: "CompletionDescription",
    input: "CompletionInput",
    result: "Completion",
    argument: None,
    output: None,
    describe: "describe_typed",
    default: "default_typed",
    take: "take_typed",
    take_or: "take_typed_or",
    describe_output: None,
    respond: "respond_completion",
    reject: "reject",
    has_operations: false,
};

/// Its arguments are read as those of a tool, of which it takes the ones it names.
pub(crate) const POLICY: Flavour = Flavour {
    description: "ToolDescription",
    input: "ToolInput",
    result: "Decision",
    argument: Some("argument"),
    output: None,
    describe: "describe",
    default: "default",
    take: "take",
    take_or: "take_or",
    describe_output: None,
    respond: "respond_policy",
    reject: "refuse_decision",
    has_operations: false,
};

/// A component's function, ready to be written out.
pub(crate) struct Caller<'a> {
    pub(crate) func: &'a Func,
    pub(crate) blocking: bool,
    pub(crate) target: &'a Target,
    pub(crate) flavour: &'static Flavour,
    /// The type of the result that the author declares.
    pub(crate) declared: Option<&'a Type>,
}

impl Caller<'_> {
    /// The name of a static of this component.
    pub(crate) fn spec_ident(&self) -> Ident {
        format_ident!("__{}", self.func.ident.unraw().to_string().to_uppercase())
    }

    pub(crate) fn describe_ident(&self) -> Ident {
        format_ident!(
            "__{}_describe",
            self.func.ident.unraw(),
            span = Span::call_site()
        )
    }

    pub(crate) fn call_ident(&self) -> Ident {
        format_ident!(
            "__{}_call",
            self.func.ident.unraw(),
            span = Span::call_site()
        )
    }

    /// What is asked of the types of the parameters.
    pub(crate) fn probes(&self) -> Vec<TokenStream> {
        let probes = self.slots().filter_map(|slot| slot.probe());
        let apart = self.slots().filter_map(|slot| {
            let others = self.slots().filter(|other| other.index != slot.index);
            slot.apart(others).filter(|_| self.flavour.has_operations)
        });
        let limits = self.slots().filter_map(|slot| slot.limits());
        probes.chain(apart).chain(limits).collect()
    }

    /// What is handed over to describe the component: a function, or a closure
    /// where functions of the expansion could not name the types.
    pub(crate) fn describer(&self) -> TokenStream {
        if self.target.is_self() {
            let (local, body) = self.describe_body();
            return quote!(|#local| { #body });
        }
        let (ident, turbofish) = (self.describe_ident(), self.target.turbofish());
        quote!(#ident #turbofish)
    }

    /// The same to call it.
    pub(crate) fn callee(&self) -> TokenStream {
        if self.target.is_self() {
            let (server, input, body) = self.call_body();
            return quote!(|#server, #input| { #body });
        }
        let (ident, turbofish) = (self.call_ident(), self.target.turbofish());
        quote!(#ident #turbofish)
    }

    /// `fn __current_describe(description: &mut ToolDescription) { .. }`
    pub(crate) fn describe(&self) -> Option<TokenStream> {
        if self.target.is_self() {
            return None;
        }
        let ident = self.describe_ident();
        let description = self.runtime(self.flavour.description);
        let (generics, _, bounds) = self.target.split();
        let (local, body) = self.describe_body();
        Some(quote! {
            fn #ident #generics (#local: &mut #description) #bounds { #body }
        })
    }

    fn describe_body(&self) -> (Ident, TokenStream) {
        let params = self.slots().map(|slot| slot.describe());
        let output = self.flavour.describe_output.map(|method| {
            let span = self.output_span();
            let (tag, method) = (self.returns(), Ident::new(method, span));
            quote_spanned!(span=> #tag.#method(description);)
        });
        let declared = self.declared.map(|ty| self.declare(ty));
        let used = !self.func.params.is_empty() || output.is_some();
        let local = self.local("description", used);
        (local, quote!(#(#params)* #output #declared))
    }

    /// Declares another output than the one of the return type. The bound on the
    /// declared type is checked at that type.
    fn declare(&self, ty: &Type) -> TokenStream {
        let returns = self.returns();
        let ty = self.target.spelled(ty);
        quote_spanned!(located(ty.span())=> #returns.declare::<#ty>(description);)
    }

    /// `fn __current_call(server: &Shared<Weather>, input: ToolInput<'_>) -> ..`
    pub(crate) fn call(&self) -> Option<TokenStream> {
        if self.target.is_self() {
            return None;
        }
        let ident = self.call_ident();
        let ty = self.target.ty();
        let (input, result) = (
            self.runtime(self.flavour.input),
            self.runtime(self.flavour.result),
        );
        let (generics, bounds) = self.call_generics();
        let (server_local, input_local, body) = self.call_body();
        let deprecated = self.func.deprecated.then(|| quote!(#[allow(deprecated)]));
        Some(quote! {
            #deprecated
            fn #ident #generics (
                #server_local: &'__a __p::Shared<#ty>,
                #input_local: #input<'__a>,
            ) -> __p::BoxFuture<'__a, ::core::result::Result<#result, __p::Error>> #bounds {
                #body
            }
        })
    }

    fn call_body(&self) -> (Ident, TokenStream, TokenStream) {
        let kinds = self.slots().map(|slot| slot.bind());
        let takes = self.slots().map(|slot| slot.take());
        let has_params = !self.func.params.is_empty();
        let reject = has_params.then(|| {
            let reject = Ident::new(self.flavour.reject, Span::call_site());
            quote! {
                if input.has_mistakes() {
                    return input.#reject();
                }
            }
        });
        let mutable = has_params.then(|| quote!(mut));
        let server_local = self.local("server", self.func.takes_self);
        let input_local = self.local("input", has_params);
        let future = self.future();
        let body = quote! {
            #(#kinds)*
            #(#takes)*
            #reject
            #future
        };
        (server_local, quote!(#mutable #input_local), body)
    }

    /// The boxed future. It is located at the function's name, where an error
    /// about what it holds across an `await` is best seen.
    fn future(&self) -> TokenStream {
        let extracts = self.slots().map(|slot| slot.extract());
        let span = located(self.func.ident.span());
        let call = self.invocation();
        let respond = Ident::new(self.flavour.respond, self.output_span());
        let returns = self.returns();
        let respond = quote_spanned!(self.output_span()=> #returns.#respond);
        quote_spanned! {span=>
            __p::Box::pin(async move {
                #(#extracts)*
                #respond(#call)
            })
        }
    }

    fn invocation(&self) -> TokenStream {
        let function = self.target.function(&self.func.ident);
        let server = self.func.takes_self.then(|| match self.blocking {
            true => quote!(&server,),
            false => quote!(server,),
        });
        let arguments = self.slots().map(|slot| slot.pass()).collect::<Vec<_>>();
        let call = quote!(#function(#server #(#arguments),*));
        match (self.blocking, self.func.is_async) {
            (true, _) => {
                let clone = self
                    .func
                    .takes_self
                    .then(|| quote!(let server = ::core::clone::Clone::clone(server);));
                quote!({ #clone __p::run_blocking(move || #call).await? })
            }
            (false, true) => quote!(#call.await),
            (false, false) => call,
        }
    }

    pub(crate) fn slots(&self) -> impl Iterator<Item = Slot<'_>> {
        self.func
            .params
            .iter()
            .enumerate()
            .map(|(index, param)| Slot {
                param,
                index,
                target: self.target,
                flavour: self.flavour,
            })
    }

    /// The tag that knows, by trait, what is returned.
    fn returns(&self) -> TokenStream {
        let ty = match &self.func.output {
            None => quote!(()),
            Some(ty) => self.target.spelled(ty),
        };
        let span = self.output_span();
        let output = self.flavour.output.map(|method| {
            let method = Ident::new(method, span);
            quote_spanned!(span=> .#method())
        });
        quote_spanned!(span=> (&&&__p::Returns::<#ty>::NEW).tag()#output)
    }

    fn output_span(&self) -> Span {
        located(match &self.func.output {
            Some(ty) => ty.span(),
            None => self.func.ident.span(),
        })
    }

    fn runtime(&self, name: &str) -> TokenStream {
        let name = Ident::new(name, Span::call_site());
        quote!(__p::#name)
    }

    fn local(&self, name: &str, used: bool) -> Ident {
        match used {
            true => Ident::new(name, Span::call_site()),
            false => format_ident!("_{name}"),
        }
    }

    /// The server's generics with the lifetime of the call in front.
    fn call_generics(&self) -> (TokenStream, Option<TokenStream>) {
        let (generics, _, bounds) = self.target.split();
        let bounds = bounds.map(ToTokens::to_token_stream);
        let params = generics.to_token_stream().into_iter();
        // `<T: Bound>` without its angle brackets.
        let inner: Vec<_> = params.collect();
        let inner: TokenStream = match &inner[..] {
            [_, inner @ .., _] => inner.iter().cloned().collect(),
            _ => TokenStream::new(),
        };
        (quote!(<'__a, #inner>), bounds)
    }
}
