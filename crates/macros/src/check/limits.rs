//! Reading the options of `#[arg(..)]` that limit a value.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Expr, RangeLimits, Type};

use super::constraint::{Constraint, Number, number};
use super::nearest::{either, nearest};
use super::options::{Reader, bare, shown};
use super::ty::{self, Known};
use super::{format, json, key, pattern};
use crate::errors::Errors;

/// What reading one parameter's options needs at hand.
struct Limits<'a> {
    name: &'a str,
    known: Option<Known>,
    found: Vec<Constraint>,
    errors: &'a mut Errors,
}

/// Reads all limits of the argument `name`.
pub(crate) fn read(
    name: &str,
    ty: &Type,
    options: &mut Reader,
    errors: &mut Errors,
) -> Vec<Constraint> {
    let mut limits = Limits {
        name,
        known: ty::known(ty),
        found: Vec::new(),
        errors,
    };
    limits.range(options);
    limits.number(options, key::MIN, Constraint::Min);
    limits.number(options, key::MAX, Constraint::Max);
    limits.multiple_of(options);
    limits.sizes(
        options,
        Known::Text,
        (key::MIN_LENGTH, Constraint::MinLength),
        (key::MAX_LENGTH, Constraint::MaxLength),
    );
    limits.sizes(
        options,
        Known::List,
        (key::MIN_ITEMS, Constraint::MinItems),
        (key::MAX_ITEMS, Constraint::MaxItems),
    );
    limits.pattern(options);
    limits.format(options);
    limits.unique(options);
    limits.one_of(options);
    limits.example(options);
    limits.header(options);
    limits.found
}

impl Limits<'_> {
    fn range(&mut self, options: &mut Reader) {
        let Some(expr) = options.expr(key::RANGE, "1..=10", self.errors) else {
            return;
        };
        self.for_numbers(key::RANGE, &expr);
        let Expr::Range(range) = bare(&expr) else {
            self.errors
                .push(&expr, "`range` is written like `1..=10`, `0..` or `..=1.5`");
            return;
        };
        if range.start.is_none() && range.end.is_none() {
            self.errors
                .push(&expr, "this `range` admits everything: leave it out");
            return;
        }
        let start = range
            .start
            .as_ref()
            .and_then(|start| self.read(key::RANGE, start));
        let end = range
            .end
            .as_ref()
            .and_then(|end| self.read(key::RANGE, end));
        let closed = matches!(range.limits, RangeLimits::Closed(_));
        if let (Some(start), Some(end)) = (start, end) {
            let (start, end) = (start.value(), end.value());
            if start > end {
                self.errors
                    .push(&expr, "this `range` is empty: put the smaller number first");
                return;
            }
            if start >= end && !closed {
                self.errors.push(
                    &expr,
                    "this `range` is empty: write `..=` to take the end in",
                );
                return;
            }
        }
        self.found.extend(start.map(Constraint::Min));
        self.found.extend(end.map(|end| match closed {
            true => Constraint::Max(end),
            false => Constraint::ExclusiveMax(end),
        }));
    }

    fn number(&mut self, options: &mut Reader, key: &str, make: fn(Number) -> Constraint) {
        let Some(expr) = options.expr(key, "1", self.errors) else {
            return;
        };
        self.for_numbers(key, &expr);
        let Some(number) = self.read(key, &expr) else {
            return;
        };
        let constraint = make(number);
        let same = |earlier: &&Constraint| {
            matches!(
                (&constraint, earlier),
                (Constraint::Min(_), Constraint::Min(_))
                    | (
                        Constraint::Max(_),
                        Constraint::Max(_) | Constraint::ExclusiveMax(_)
                    )
            )
        };
        if self.found.iter().any(|earlier| same(&earlier)) {
            self.errors
                .push(&expr, format!("`range` says this already: drop `{key}`"));
            return;
        }
        if let (Constraint::Max(max), Some(Constraint::Min(min))) = (
            &constraint,
            self.found
                .iter()
                .find(|found| matches!(found, Constraint::Min(_))),
        ) && min.value() > max.value()
        {
            self.errors
                .push(&expr, "`min` is above `max`: swap the two");
        }
        self.found.push(constraint);
    }

    fn multiple_of(&mut self, options: &mut Reader) {
        let Some(expr) = options.expr(key::MULTIPLE_OF, "5", self.errors) else {
            return;
        };
        self.for_numbers(key::MULTIPLE_OF, &expr);
        let Some(step) = self.read(key::MULTIPLE_OF, &expr) else {
            return;
        };
        if step.value() <= 0.0 {
            self.errors
                .push(&expr, "`multiple_of` is a number above zero");
        }
        self.found.push(Constraint::MultipleOf(step));
    }

    fn sizes(
        &mut self,
        options: &mut Reader,
        of: Known,
        (min_key, min): (&str, fn(usize) -> Constraint),
        (max_key, max): (&str, fn(usize) -> Constraint),
    ) {
        let low = self.size(options, min_key, of);
        let high = self.size(options, max_key, of);
        if let (Some((low, _)), Some((high, blame))) = (&low, &high)
            && low > high
        {
            let message = format!("`{min_key}` is above `{max_key}`: swap the two");
            self.errors.push(blame, message);
        }
        self.found.extend(low.map(|(low, _)| min(low)));
        self.found.extend(high.map(|(high, _)| max(high)));
    }

    fn size(&mut self, options: &mut Reader, key: &str, of: Known) -> Option<(usize, TokenStream)> {
        let entry = options.take(key)?;
        let blame = entry.blame();
        options.put_back(entry);
        let count = options.count(key, self.errors)?;
        self.fits(key, of, &blame);
        Some((count, blame))
    }

    fn pattern(&mut self, options: &mut Reader) {
        let Some(literal) = options.literal(key::PATTERN, self.errors) else {
            return;
        };
        self.fits(key::PATTERN, Known::Text, &literal);
        let source = literal.value();
        match pattern::mistake(&source) {
            Some(mistake) => self.errors.push(
                &literal,
                format!("`{source}` is not a pattern that every client reads alike: {mistake}"),
            ),
            None => self.found.push(Constraint::Pattern(source)),
        }
    }

    fn format(&mut self, options: &mut Reader) {
        let Some(literal) = options.literal(key::FORMAT, self.errors) else {
            return;
        };
        self.fits(key::FORMAT, Known::Text, &literal);
        let name = literal.value();
        if format::is_enforced(&name) {
            return self.found.push(Constraint::Format(name));
        }
        let message = match nearest(&name, format::names()) {
            Some(near) => format!("there is no format `{name}`: did you mean `{near}`?"),
            None if format::is_standard(&name) => {
                format!("the format `{name}` would only be shown, not enforced: use `pattern`")
            }
            None => format!(
                "there is no format `{name}`: it is {}",
                either(format::names())
            ),
        };
        self.errors.push(&literal, message);
    }

    fn unique(&mut self, options: &mut Reader) {
        if options.flag(key::UNIQUE, self.errors) == Some(true) {
            self.found.push(Constraint::UniqueItems);
        }
    }

    fn one_of(&mut self, options: &mut Reader) {
        let Some(entry) = options.take(key::ONE_OF) else {
            return;
        };
        let wrong = self.known.is_some_and(|known| known != Known::Text);
        if wrong {
            self.fits(key::ONE_OF, Known::Text, &entry.key);
            return;
        }
        options.put_back(entry);
        let words = options.words(key::ONE_OF, self.errors);
        if words.is_empty() {
            return;
        }
        let words = words.iter().map(syn::LitStr::value).collect();
        self.found.push(Constraint::OneOf(words));
    }

    fn example(&mut self, options: &mut Reader) {
        let Some(expr) = options.expr(key::EXAMPLE, "\"Paris\"", self.errors) else {
            return;
        };
        let Some(json) = json::of_expr(&expr) else {
            return self
                .errors
                .push(&expr, "`example` is a literal, or an array of literals");
        };
        let broken = self.found.iter().find_map(|limit| limit.broken_by(&expr));
        if let Some(wanted) = broken {
            let message =
                format!("the example is refused by the limits of its own argument: {wanted}");
            self.errors.push(&expr, message);
        }
        self.found.push(Constraint::Example(json));
    }

    fn header(&mut self, options: &mut Reader) {
        let Some(literal) = options.literal(key::HEADER, self.errors) else {
            return;
        };
        let name = literal.value();
        let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(token) {
            let message =
                format!("`{name}` is not the name of an HTTP header: use letters, digits and `-`",);
            self.errors.push(&literal, message);
        } else if matches!(self.known, Some(Known::List | Known::Float)) {
            let message = format!(
                "a header carries a text, a whole number or a `bool`, and `{}` is {}",
                self.name,
                self.known.map_or("", Known::noun),
            );
            self.errors.push(&literal, message);
        }
        self.found.push(Constraint::Header(name));
    }

    fn for_numbers(&mut self, key: &str, blame: &impl ToTokens) {
        if !matches!(self.known, Some(Known::Integer { .. })) {
            self.fits(key, Known::Float, blame);
        }
    }

    fn fits(&mut self, key: &str, wanted: Known, blame: &impl ToTokens) {
        let Some(known) = self.known.filter(|known| *known != wanted) else {
            return;
        };
        let subject = match wanted {
            Known::Text => "texts",
            Known::List => "lists",
            _ => "numbers",
        };
        let instead = match (known, key) {
            (Known::List, key::ONE_OF | key::PATTERN | key::FORMAT) => "",
            (Known::Integer { .. } | Known::Float, _) => ": use `range`",
            (Known::Text, _) => ": use `min_length` and `max_length`",
            (Known::List, _) => ": use `min_items` and `max_items`",
            (Known::Bool, _) => "",
        };
        let message = format!(
            "`{key}` is for {subject}, and `{}` is {}{instead}",
            self.name,
            known.noun()
        );
        self.errors.push(blame, message);
    }

    /// A literal number that the type can hold.
    fn read(&mut self, key: &str, expr: &Expr) -> Option<Number> {
        let Some(number) = number(expr) else {
            let message = format!("`{key}` is read while compiling: write a literal number");
            self.errors.push(expr, message);
            return None;
        };
        if let Some(Known::Integer { min, max }) = self.known {
            let held = match number {
                Number::Float(_) => String::new(),
                Number::Int(int) if i128::from(int) < min || i128::from(int) > max => {
                    format!(" from {min} to {max}")
                }
                Number::Int(_) => return Some(number),
            };
            let (name, shown) = (self.name, shown(expr));
            let message = format!("`{name}` is a whole number{held}, and `{shown}` is not");
            self.errors.push(expr, message);
            return None;
        }
        Some(number)
    }
}
