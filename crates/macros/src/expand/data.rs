//! `#[derive(ToolArg)]` and `#[derive(ToolOutput)]`: the impls of serde's and
//! schemars' traits.
//!
//! Their own derives write them, for two types of the same fields that nobody
//! sees: `__Form` is read and written in place of the user's type (serde calls
//! it `remote`), and `__Shape` has its schema. Both take it on trust that each
//! field is of a fitting type, by a bound that is higher-ranked so that the
//! compiler does so too. Whether it is true is asked once for each field, in
//! our words. Where it is not, `Formless` and `Shapeless` stand in, and nothing
//! else is wrong. `__Shape` has a parameter of no use, because schemars leaves
//! out the bounds of a type that has none.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, Generics, Ident, parse_quote};

use super::target::Target;
use super::{located, spec};
use crate::check::data::{Body, Data, Field, Fields, Kept, Role, Variant};
use crate::check::ty;
use crate::parse::derive::Style;
use crate::parse::docs::Text;
use crate::parse::item::Form;

/// What goes beside the type.
pub(crate) fn expand(data: &Data) -> TokenStream {
    let derived = Derived::new(data);
    let krate = &data.krate;
    let (items, form, shape) = (derived.items(), derived.form(), derived.shape());
    let ask = derived.ask();
    let impls = impls(data, &derived.form_path(), &derived.shape_path());
    quote! {
        #[allow(dead_code, unused_imports, clippy::needless_update)]
        const _: () = {
            use #krate::__private as __p;
            use __p::{Formless as _, Shapeless as _};
            #items
            #form
            #shape
            #ask
            #impls
        };
    }
}

/// The impls of a type that was refused.
pub(crate) fn fallback(data: &Data) -> TokenStream {
    if data.taken {
        return TokenStream::new();
    }
    let krate = &data.krate;
    let impls = impls(data, &quote!(__p::NoForm), &quote!(__p::NoForm));
    quote! {
        #[allow(unused_imports)]
        const _: () = {
            use #krate::__private as __p;
            use __p::{Formless as _, Shapeless as _};
            #impls
        };
    }
}

/// Which of the two types is written.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Mirror {
    Form,
    Shape,
}

/// A type on its way out.
struct Derived<'a> {
    data: &'a Data,
    target: Target,
}

impl<'a> Derived<'a> {
    fn new(data: &'a Data) -> Self {
        let target = Target::new(&Form::Struct {
            ident: data.ident.clone(),
            generics: data.generics.clone(),
        });
        Self { data, target }
    }

    /// The functions and constants that attributes of fields refer to.
    fn items(&self) -> TokenStream {
        let fields = self.data.fields().enumerate();
        fields
            .map(|(index, field)| {
                let (default, limits) = (self.default(index, field), limits(index, field));
                quote!(#default #limits)
            })
            .collect()
    }

    fn default(&self, index: usize, field: &Field) -> Option<TokenStream> {
        let default = spec::default(field.param.default.as_ref()?, &self.target);
        let (ident, ty) = (default_ident(index), self.target.without_self(field.ty()));
        let (generics, _, bounds) = self.target.split();
        Some(quote! {
            fn #ident #generics () -> #ty #bounds {
                let default: fn() -> #ty = #default;
                default()
            }
        })
    }

    /// The type that is read and written.
    fn form(&self) -> TokenStream {
        let derives = match self.data.role {
            Role::Argument => quote!(__p::serde::Deserialize, __p::serde::Serialize),
            Role::Output => quote!(__p::serde::Serialize),
        };
        let path = self.private("serde");
        let (remote, bounds) = (self.data.ident.to_string(), self.trusted());
        let attrs = quote! {
            #[derive(#derives)]
            #[serde(crate = #path, remote = #remote, bound = #bounds)]
        };
        self.mirror(Mirror::Form, &attrs, &self.data.generics)
    }

    /// The type that has the schema.
    fn shape(&self) -> TokenStream {
        let (path, bounds) = (self.private("schemars"), self.trusted());
        let description = description(self.data.description.as_ref());
        let attrs = quote! {
            #[derive(__p::schemars::JsonSchema)]
            #[schemars(crate = #path, bound = #bounds)]
            #description
        };
        let mut generics = without_defaults(&self.data.generics);
        generics.params.push(parse_quote!(const __TRUSTED: bool));
        self.mirror(Mirror::Shape, &attrs, &generics)
    }

    fn mirror(&self, mirror: Mirror, attrs: &TokenStream, generics: &Generics) -> TokenStream {
        let ident = match mirror {
            Mirror::Form => format_ident!("__Form"),
            Mirror::Shape => format_ident!("__Shape"),
        };
        let kept = kept(&self.data.kept, mirror);
        let rename_all = self.data.rename_all.as_ref();
        let rename_all = rename_all.map(|style| quote!(#[serde(rename_all = #style)]));
        let closed = self
            .data
            .closed
            .then(|| quote!(#[serde(deny_unknown_fields)]));
        let attrs = quote!(#attrs #kept #rename_all #closed);
        let (generics, _, bounds) = generics.split_for_impl();
        match &self.data.body {
            Body::Struct(fields) => {
                let list = self.fields(fields, 0, mirror);
                match fields.style {
                    Style::Named => quote!(#attrs struct #ident #generics #bounds { #list }),
                    Style::Tuple => quote!(#attrs struct #ident #generics (#list) #bounds;),
                    Style::Unit => quote!(#attrs struct #ident #generics #bounds;),
                }
            }
            Body::Enum(variants) => {
                let variants = self.variants(variants, mirror);
                quote!(#attrs enum #ident #generics #bounds { #variants })
            }
        }
    }

    fn variants(&self, variants: &[Variant], mirror: Mirror) -> TokenStream {
        let mut tokens = TokenStream::new();
        let mut index = 0;
        for variant in variants {
            let (ident, kept) = (&variant.ident, kept(&variant.kept, mirror));
            let name = variant.name.as_ref();
            let name = name.map(|name| quote!(#[serde(rename = #name)]));
            let description = description(variant.description.as_ref());
            let description = (mirror == Mirror::Shape).then_some(description);
            let list = self.fields(&variant.fields, index, mirror);
            let fields = match variant.fields.style {
                Style::Named => quote!({ #list }),
                Style::Tuple => quote!((#list)),
                Style::Unit => TokenStream::new(),
            };
            tokens.extend(quote!(#kept #name #description #ident #fields,));
            index += variant.fields.list.len();
        }
        tokens
    }

    /// The fields, of which the first has this place among those of all variants.
    fn fields(&self, fields: &Fields, first: usize, mirror: Mirror) -> TokenStream {
        let fields = fields.list.iter().enumerate();
        fields
            .map(|(index, field)| self.field(first + index, field, mirror))
            .collect()
    }

    fn field(&self, index: usize, field: &Field, mirror: Mirror) -> TokenStream {
        let kept = kept(&field.kept, mirror);
        let name = &field.param.wire;
        let name = field.is_renamed.then(|| quote!(#[serde(rename = #name)]));
        let default = field.param.default.as_ref().map(|_| {
            let turbofish = self.target.turbofish();
            let path = format!("{}{turbofish}", default_ident(index));
            quote!(#[serde(default = #path)])
        });
        let said = (mirror == Mirror::Shape).then(|| {
            let description = description(field.param.description.as_ref());
            let limits = (!field.param.constraints.is_empty()).then(|| {
                let limits = limits_ident(index);
                quote!(#[schemars(transform = __p::Limited(#limits))])
            });
            let aliased = spec::texts(&field.param.aliases)
                .map(|aliases| quote!(#[schemars(transform = __p::Aliased(#aliases))]));
            let hidden =
                (field.param.sensitive).then(|| quote!(#[schemars(extend("writeOnly" = true))]));
            quote!(#description #limits #aliased #hidden)
        });
        let aliases = &field.param.aliases;
        let aliases = quote!(#(#[serde(alias = #aliases)])*);
        let ident = field.ident.as_ref().map(|ident| quote!(#ident:));
        let ty = self.target.without_self(field.ty());
        quote!(#kept #name #aliases #default #said #ident #ty,)
    }

    /// What the two types take on trust, as the text of a where clause.
    fn trusted(&self) -> String {
        let bound = bound(self.data.role);
        let params = self.data.generics.type_params();
        let params = params.map(|param| {
            let ident = &param.ident;
            quote!(#ident: __p::#bound,)
        });
        let fields = self.asked().map(|field| {
            let ty = self.target.without_self(field.ty());
            quote!(for<'__trusted> #ty: __p::#bound,)
        });
        params.chain(fields).collect::<TokenStream>().to_string()
    }

    /// Asks whether it is true.
    fn ask(&self) -> TokenStream {
        let question = match self.data.role {
            Role::Argument => "argument_field",
            Role::Output => "output_field",
        };
        let asks = self.asked().map(|field| {
            let ty = self.target.without_self(field.ty());
            let span = located(field.ty().span());
            let question = Ident::new(question, span);
            quote_spanned!(span=> __p::#question::<#ty>();)
        });
        let asks: TokenStream = asks.collect();
        let (generics, _, bounds) = self.target.split();
        quote!(fn __ask #generics () #bounds { #asks })
    }

    /// The fields whose type is known here: what a parameter stands for is asked
    /// where it is decided. Plain numbers and texts are known to fit.
    fn asked(&self) -> impl Iterator<Item = &Field> {
        let params: Vec<String> = self
            .data
            .generics
            .params
            .iter()
            .filter_map(|param| match param {
                GenericParam::Lifetime(_) => None,
                GenericParam::Type(param) => Some(param.ident.to_string()),
                GenericParam::Const(param) => Some(param.ident.to_string()),
            })
            .collect();
        self.data.fields().filter(move |field| {
            let ty = field.ty();
            field.is_plain && !ty::is_scalar(ty) && !mentions(ty.to_token_stream(), &params)
        })
    }

    fn private(&self, name: &str) -> String {
        let (krate, name) = (&self.data.krate, format_ident!("{name}"));
        quote!(#krate::__private::#name).to_string()
    }

    fn form_path(&self) -> TokenStream {
        let (_, arguments, _) = self.data.generics.split_for_impl();
        quote!(__Form #arguments)
    }

    fn shape_path(&self) -> TokenStream {
        let arguments = self.data.generics.params.iter().map(|param| match param {
            GenericParam::Lifetime(param) => param.lifetime.to_token_stream(),
            GenericParam::Type(param) => param.ident.to_token_stream(),
            GenericParam::Const(param) => param.ident.to_token_stream(),
        });
        quote!(__p::Shaped<__Shape<#(#arguments,)* true>>)
    }
}

/// The impls of the user's type, which leave the work to others.
fn impls(data: &Data, form: &TokenStream, shape: &TokenStream) -> TokenStream {
    let ident = &data.ident;
    let name = ident.to_string();
    let mut generics = without_defaults(&data.generics);
    let bound = bound(data.role);
    for param in data.generics.type_params() {
        let param = &param.ident;
        let clause = generics.make_where_clause();
        clause.predicates.push(parse_quote!(#param: __p::#bound));
    }
    let (impl_generics, arguments, bounds) = generics.split_for_impl();
    let deserialize = (data.role == Role::Argument).then(|| deserialize(data, &generics, form));
    quote! {
        #deserialize
        #[automatically_derived]
        impl #impl_generics __p::serde::Serialize for #ident #arguments #bounds {
            fn serialize<__S: __p::serde::Serializer>(
                &self,
                serializer: __S,
            ) -> ::core::result::Result<__S::Ok, __S::Error> {
                <#form>::serialize(self, serializer)
            }
        }
        #[automatically_derived]
        impl #impl_generics __p::schemars::JsonSchema for #ident #arguments #bounds {
            fn schema_name() -> __p::Cow<'static, str> {
                __p::Cow::Borrowed(#name)
            }
            fn schema_id() -> __p::Cow<'static, str> {
                __p::Cow::Borrowed(::core::any::type_name::<Self>())
            }
            fn json_schema(
                generator: &mut __p::schemars::SchemaGenerator,
            ) -> __p::schemars::Schema {
                <#shape>::schema(generator)
            }
        }
    }
}

fn deserialize(data: &Data, generics: &Generics, form: &TokenStream) -> TokenStream {
    let ident = &data.ident;
    let (_, arguments, bounds) = generics.split_for_impl();
    let mut with_lifetime = generics.clone();
    with_lifetime.params.insert(0, parse_quote!('__de));
    let (impl_generics, _, _) = with_lifetime.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics __p::serde::Deserialize<'__de> for #ident #arguments #bounds {
            fn deserialize<__D: __p::serde::Deserializer<'__de>>(
                deserializer: __D,
            ) -> ::core::result::Result<Self, __D::Error> {
                <#form>::deserialize(deserializer)
            }
        }
    }
}

/// The trait every field has to have.
fn bound(role: Role) -> Ident {
    let name = match role {
        Role::Argument => "ArgumentField",
        Role::Output => "OutputField",
    };
    Ident::new(name, Span::call_site())
}

fn default_ident(index: usize) -> Ident {
    format_ident!("__default_{index}")
}

fn limits_ident(index: usize) -> Ident {
    format_ident!("__LIMITS_{index}")
}

fn limits(index: usize, field: &Field) -> Option<TokenStream> {
    let limits = spec::constraints(&field.param)?;
    let ident = limits_ident(index);
    Some(quote!(const #ident: &[__p::Constraint] = #limits;))
}

fn kept(kept: &Kept, mirror: Mirror) -> TokenStream {
    let (serde, schemars) = (&kept.serde, &kept.schemars);
    match mirror {
        Mirror::Form => quote!(#(#serde)*),
        Mirror::Shape => quote!(#(#serde)* #(#schemars)*),
    }
}

fn description(text: Option<&Text>) -> TokenStream {
    text.map_or_else(
        TokenStream::new,
        |text| quote!(#[schemars(description = #text)]),
    )
}

fn without_defaults(generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    for param in &mut generics.params {
        match param {
            GenericParam::Lifetime(_) => {}
            GenericParam::Type(param) => {
                param.default = None;
            }
            GenericParam::Const(param) => {
                param.default = None;
            }
        }
    }
    generics
}

/// Whether one of these names occurs.
fn mentions(tokens: TokenStream, names: &[String]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => names.iter().any(|name| ident == name),
        TokenTree::Group(group) => mentions(group.stream(), names),
        _ => false,
    })
}
