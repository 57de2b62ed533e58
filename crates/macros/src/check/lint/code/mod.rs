//! The one walk over the tokens of a body.
//!
//! It goes through groups of every kind, so what a macro is given is seen, and
//! passes over attributes. Names in strings and comments are no names. What it
//! comes across it shows to the lints; it judges nothing itself.

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};

mod imports;
mod path;
mod text;
mod tokens;

pub(super) use self::imports::Imports;
pub(super) use self::path::Path;
use self::tokens::{group, is_punct};

/// Something a walk came across.
pub(super) struct Seen<'a> {
    pub(super) what: What<'a>,
    pub(super) span: Span,
    /// Whether it is handed to a thread where it holds up nobody.
    pub(super) elsewhere: bool,
}

/// What a walk comes across.
pub(super) enum What<'a> {
    /// `a::b::c`
    Path(Path<'a>),
    /// `name!(..)`, with the names of its path.
    Macro(&'a [&'a str]),
    /// `.name(arguments)`
    Method(&'a str, &'a Group),
    /// A string, and what it is the value of.
    Text { value: &'a str, of: Option<&'a str> },
    /// `static NAME: Type`
    Static(Static<'a>),
}

/// A static, wherever it stands.
pub(super) struct Static<'a> {
    pub(super) name: &'a str,
    pub(super) is_mut: bool,
    /// The words in its type.
    pub(super) ty: &'a [String],
    /// Whether it stands in `thread_local!`.
    pub(super) per_thread: bool,
}

/// A walk over the code of one function.
pub(super) struct Walk<'a> {
    imports: Imports,
    elsewhere: bool,
    per_thread: bool,
    see: &'a mut dyn FnMut(&Seen<'_>),
}

impl<'a> Walk<'a> {
    /// A walk that shows what it comes across to `see`.
    pub(super) fn new(imports: Imports, see: &'a mut dyn FnMut(&Seen<'_>)) -> Self {
        Self {
            imports,
            elsewhere: false,
            per_thread: false,
            see,
        }
    }

    /// Walks over `tokens`.
    pub(super) fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at = self.step(&tokens, at);
        }
    }

    /// Takes the tree at `at`, or more, and says where to go on.
    fn step(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        match &tokens[at] {
            TokenTree::Group(group) => self.tokens(group.stream()),
            TokenTree::Literal(literal) => self.literal(literal, &tokens[..at]),
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                return tokens::after_attribute(tokens, at);
            }
            TokenTree::Punct(_) => {}
            TokenTree::Ident(ident) => return self.ident(tokens, at, ident),
        }
        at + 1
    }

    fn ident(&mut self, tokens: &[TokenTree], at: usize, ident: &Ident) -> usize {
        let quoted = at > 0 && is_punct(&tokens[at - 1], '\'');
        match ident.to_string().as_str() {
            _ if quoted => at + 1,
            "use" => self.imports.read(tokens, at + 1),
            "static" => self.global(tokens, at + 1),
            // What follows is a name that is made here, not used.
            "fn" => at + 2,
            name if at > 0 && is_punct(&tokens[at - 1], '.') => self.method(tokens, at, name),
            name => self.path(tokens, at, name),
        }
    }

    /// `name(..)` behind a dot.
    fn method(&mut self, tokens: &[TokenTree], at: usize, name: &str) -> usize {
        let next = tokens::after_generics(tokens, at + 1);
        let Some(arguments) = group(tokens.get(next), Delimiter::Parenthesis) else {
            return at + 1;
        };
        self.show(tokens[at].span(), What::Method(name, arguments));
        self.arguments(arguments, path::MOVES_AWAY.contains(&name));
        next + 1
    }

    /// `a::b::c`, or `a::b::c!`.
    fn path(&mut self, tokens: &[TokenTree], at: usize, first: &str) -> usize {
        if path::is_word(tokens, at) {
            return at + 1;
        }
        let (written, end) = path::read(tokens, at, first);
        let imported = self.imports.resolve(&written);
        let names = imported.as_ref().unwrap_or(&written);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        if let Some(arguments) = path::macro_arguments(tokens, end) {
            self.show(tokens[end - 1].span(), What::Macro(&names));
            self.within_macro(&names, arguments);
            return end + 2;
        }
        let next = tokens::after_generics(tokens, end);
        let arguments = group(tokens.get(next), Delimiter::Parenthesis);
        let after = arguments.map_or(end, |_| next + 1);
        if !path::is_of_a_trait(tokens, at) {
            let path = Path {
                names: &names,
                written: &written,
                is_called: arguments.is_some(),
                before: &tokens[..at],
                behind: &tokens[after..],
            };
            self.show(tokens[end - 1].span(), What::Path(path));
        }
        if let Some(arguments) = arguments {
            self.arguments(arguments, path::moves_away(&names));
        }
        after
    }

    fn within_macro(&mut self, names: &[&str], arguments: &Group) {
        let outside = self.per_thread;
        self.per_thread |= names.last() == Some(&"thread_local");
        self.tokens(arguments.stream());
        self.per_thread = outside;
    }

    fn arguments(&mut self, arguments: &Group, move_away: bool) {
        let outside = self.elsewhere;
        self.elsewhere |= move_away;
        self.tokens(arguments.stream());
        self.elsewhere = outside;
    }

    /// `NAME: Type` behind `static`. Its value is walked over in its turn.
    fn global(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        let Some((name, colon)) = tokens::declared(tokens, at) else {
            return at;
        };
        let is_mut = tokens[at..colon]
            .iter()
            .any(|token| matches!(token, TokenTree::Ident(ident) if ident == "mut"));
        let ty = tokens::words_until(tokens, colon + 1, '=');
        let what = What::Static(Static {
            name: &name,
            is_mut,
            ty: &ty,
            per_thread: self.per_thread,
        });
        self.show(tokens[colon - 1].span(), what);
        colon + 1
    }

    fn literal(&mut self, literal: &Literal, before: &[TokenTree]) {
        let Some(value) = text::value(literal) else {
            return;
        };
        let of = text::bound_to(before);
        let what = What::Text {
            value: &value,
            of: of.as_deref(),
        };
        self.show(literal.span(), what);
    }

    fn show(&mut self, span: Span, what: What<'_>) {
        (self.see)(&Seen {
            what,
            span,
            elsewhere: self.elsewhere,
        });
    }
}
