//! The item under `#[mcp_server]`: an impl block, a module or a struct.

use proc_macro2::Span;
use syn::{
    Attribute, Fields, Generics, Ident, ImplItem, Item, ItemFn, ItemImpl, ItemMod, ItemStruct,
    Path, Signature, Type, UseTree,
};

use super::code::{Helper, Surroundings};
use super::conditional;
use super::docs::Docs;
use super::func::{self, Func};
use super::options::Options;
use crate::errors::Errors;

/// What was written, free of helper attributes in `item`.
pub(crate) struct ServerItem {
    /// The user's item as it goes back to the compiler.
    pub(crate) item: Item,
    pub(crate) form: Form,
    pub(crate) docs: Docs,
    pub(crate) components: Vec<Component>,
    pub(crate) mounts: Vec<Field>,
    /// The functions beside the components.
    pub(crate) helpers: Vec<Helper>,
    /// What stands around them in a module.
    pub(crate) surroundings: Surroundings,
    /// The paths of all markers that the item's scope can resolve.
    pub(crate) markers: Vec<Path>,
    /// The names of `#[arg]` and `#[mount]`, wherever they stood.
    pub(crate) inert: Vec<Ident>,
}

/// Where the attribute stands.
#[derive(Clone)]
pub(crate) enum Form {
    /// `impl Weather { .. }`
    Impl { ty: Box<Type>, generics: Generics },
    /// `mod arithmetic { .. }`
    Module { ident: Ident },
    /// `struct Platform { .. }`
    Struct { ident: Ident, generics: Generics },
    /// A function with a marker, outside of any server.
    Function,
    /// The same with `self`: a macro wrote it into an `impl` block, or the block
    /// has no `#[mcp_server]`.
    Method,
    /// Anything else: the check refuses it.
    Other,
}

/// The attributes that make a function a component of a server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Marker {
    Tool,
    Resource,
    Prompt,
    Completion,
}

/// A function with a marker on it.
pub(crate) struct Component {
    pub(crate) marker: Marker,
    /// The path of the marker, to point at.
    pub(crate) path: Path,
    pub(crate) options: Options,
    pub(crate) func: Func,
}

/// A field with `#[mount]` on it.
pub(crate) struct Field {
    pub(crate) path: Path,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) ident: Option<Ident>,
    pub(crate) ty: Type,
    pub(crate) options: Options,
}

/// The name of the helper attribute on fields.
pub(crate) const MOUNT: &str = "mount";

impl Marker {
    pub(crate) const ALL: [Self; 4] = [Self::Tool, Self::Resource, Self::Prompt, Self::Completion];

    /// The name of the attribute.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Tool => "mcp_tool",
            Self::Resource => "mcp_resource",
            Self::Prompt => "mcp_prompt",
            Self::Completion => "mcp_completion",
        }
    }

    /// What the attribute makes of a function.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Resource => "resource",
            Self::Prompt => "prompt",
            Self::Completion => "completion",
        }
    }

    pub(crate) fn of(attr: &Attribute) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|marker| func::is(attr, marker.name()))
    }
}

impl ServerItem {
    /// Takes the item apart.
    pub(crate) fn take(mut item: Item, errors: &mut Errors) -> Self {
        let mut components = Vec::new();
        let mut mounts = Vec::new();
        let (helpers, surroundings) = code(&item);
        let mut markers = markers(&item);
        let inert = inert(&item);
        let (form, docs) = match &mut item {
            Item::Impl(block) if block.trait_.is_none() => {
                components = impl_components(block, errors);
                (impl_form(block), Docs::read(&block.attrs))
            }
            Item::Mod(module) => {
                markers.retain(|marker| imports(module, marker));
                components = mod_components(module, errors);
                let ident = module.ident.clone();
                (Form::Module { ident }, Docs::read(&module.attrs))
            }
            Item::Struct(item) => {
                mounts = fields(item, errors);
                let (ident, generics) = (item.ident.clone(), item.generics.clone());
                (Form::Struct { ident, generics }, Docs::read(&item.attrs))
            }
            Item::Impl(block) => {
                // Refused as a whole: its functions are only rid of their markers.
                impl_components(block, &mut Errors::default());
                (Form::Other, Docs::default())
            }
            _ => (Form::Other, Docs::default()),
        };
        Self {
            item,
            form,
            docs,
            components,
            mounts,
            helpers,
            surroundings,
            markers,
            inert,
        }
    }
}

impl ServerItem {
    /// Takes a function apart whose marker, with these `options`, stands alone.
    pub(crate) fn alone(
        marker: Marker,
        options: Options,
        mut func: ItemFn,
        errors: &mut Errors,
    ) -> Self {
        for attr in func.attrs.iter().filter(|attr| Marker::of(attr).is_some()) {
            let (ident, noun) = (&func.sig.ident, marker.noun());
            let message = format!("`{ident}` is a {noun} already: give this one its own function");
            errors.push(attr.path(), message);
        }
        func.attrs.retain(|attr| Marker::of(attr).is_none());
        let form = match func.sig.receiver() {
            Some(_) => Form::Method,
            None => Form::Function,
        };
        let inert = func::inert(&func.sig).collect();
        let component = Component {
            marker,
            path: Ident::new(marker.name(), Span::call_site()).into(),
            options,
            func: Func::take(&func.attrs, &mut func.sig, &func.block, errors),
        };
        Self {
            item: Item::Fn(func),
            form,
            docs: Docs::default(),
            components: vec![component],
            mounts: Vec::new(),
            markers: Vec::new(),
            inert,
            helpers: Vec::new(),
            surroundings: Surroundings::default(),
        }
    }
}

/// The paths of the markers on the functions of the item.
fn markers(item: &Item) -> Vec<Path> {
    let attrs = functions(item).into_iter().flat_map(|(attrs, _)| attrs);
    let markers = attrs.filter(|attr| Marker::of(attr).is_some());
    markers.map(|attr| attr.path().clone()).collect()
}

/// The names of the attributes that no macro is called by.
fn inert(item: &Item) -> Vec<Ident> {
    if let Item::Struct(item) = item {
        let attrs = item.fields.iter().flat_map(|field| &field.attrs);
        return attrs.filter_map(|attr| func::named(attr, MOUNT)).collect();
    }
    let functions = functions(item).into_iter();
    functions.flat_map(|(_, sig)| func::inert(sig)).collect()
}

/// The functions of an `impl` block or a module.
fn functions(item: &Item) -> Vec<(&[Attribute], &Signature)> {
    match item {
        Item::Impl(block) => block
            .items
            .iter()
            .filter_map(|item| match item {
                ImplItem::Fn(func) => Some((&*func.attrs, &func.sig)),
                _ => None,
            })
            .collect(),
        Item::Mod(module) => module
            .content
            .iter()
            .flat_map(|(_, items)| items)
            .filter_map(|item| match item {
                Item::Fn(func) => Some((&*func.attrs, &func.sig)),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether a module brings a marker into its scope, by name or by a prelude.
/// It need not: nothing but the server's attribute reads the marker.
fn imports(module: &ItemMod, marker: &Path) -> bool {
    let Some(name) = marker.get_ident() else {
        return true;
    };
    let items = module.content.iter().flat_map(|(_, items)| items);
    items.into_iter().any(|item| match item {
        Item::Use(item) => brings(&item.tree, name, false),
        _ => false,
    })
}

fn brings(tree: &UseTree, name: &Ident, in_prelude: bool) -> bool {
    match tree {
        UseTree::Path(path) => brings(&path.tree, name, path.ident == "prelude"),
        UseTree::Name(leaf) => leaf.ident == *name,
        UseTree::Rename(leaf) => leaf.rename == *name,
        UseTree::Glob(_) => in_prelude,
        UseTree::Group(group) => group
            .items
            .iter()
            .any(|tree| brings(tree, name, in_prelude)),
    }
}

/// The code that no marker stands on.
fn code(item: &Item) -> (Vec<Helper>, Surroundings) {
    match item {
        Item::Impl(block) => (Helper::of_impl(block), Surroundings::default()),
        Item::Mod(module) => (Helper::of_mod(module), Surroundings::of_mod(module)),
        _ => (Vec::new(), Surroundings::default()),
    }
}

fn impl_form(block: &ItemImpl) -> Form {
    Form::Impl {
        ty: block.self_ty.clone(),
        generics: block.generics.clone(),
    }
}

fn impl_components(block: &mut ItemImpl, errors: &mut Errors) -> Vec<Component> {
    let mut components = Vec::new();
    for item in &mut block.items {
        if let ImplItem::Fn(func) = item {
            components.extend(component(
                &mut func.attrs,
                &mut func.sig,
                &func.block,
                errors,
            ));
        }
    }
    components
}

fn mod_components(module: &mut ItemMod, errors: &mut Errors) -> Vec<Component> {
    let mut components = Vec::new();
    let Some((_, items)) = &mut module.content else {
        return components;
    };
    for item in items {
        if let Item::Fn(func) = item {
            components.extend(component(
                &mut func.attrs,
                &mut func.sig,
                &func.block,
                errors,
            ));
        }
    }
    components
}

fn component(
    attrs: &mut Vec<Attribute>,
    sig: &mut Signature,
    block: &syn::Block,
    errors: &mut Errors,
) -> Option<Component> {
    let conditions = conditional::take(attrs);
    let mut found: Option<(Marker, Path, Options)> = None;
    for attr in attrs.iter() {
        let Some(marker) = Marker::of(attr) else {
            continue;
        };
        let options = func::options(attr, errors);
        match &found {
            None => found = Some((marker, attr.path().clone(), options)),
            Some((first, ..)) => errors.push(
                attr.path(),
                format!(
                    "`{}` is a {} already: give the {} a function of its own",
                    sig.ident,
                    first.noun(),
                    marker.noun(),
                ),
            ),
        }
    }
    let (marker, path, options) = found?;
    attrs.retain(|attr| Marker::of(attr).is_none());
    let mut func = Func::take(attrs, sig, block, errors);
    func.cfgs.extend(conditions);
    Some(Component {
        marker,
        path,
        options,
        func,
    })
}

fn fields(item: &mut ItemStruct, errors: &mut Errors) -> Vec<Field> {
    let fields = match &mut item.fields {
        Fields::Named(fields) => &mut fields.named,
        Fields::Unnamed(fields) => &mut fields.unnamed,
        Fields::Unit => return Vec::new(),
    };
    let mut mounts = Vec::new();
    for field in fields {
        let Some(at) = field.attrs.iter().position(|attr| func::is(attr, MOUNT)) else {
            continue;
        };
        let attr = field.attrs.remove(at);
        mounts.push(Field {
            path: attr.path().clone(),
            cfgs: func::cfgs(&field.attrs),
            ident: field.ident.clone(),
            ty: field.ty.clone(),
            options: func::options(&attr, errors),
        });
    }
    mounts
}
