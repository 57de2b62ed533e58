//! Several settings of one type, or none.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::BuildHasher,
};

use super::Setting;
use crate::config::{Node, Reader, Shape, shape::Kind, shown};

impl<T: Setting> Setting for Option<T> {
    fn shape() -> Shape {
        T::shape().optional()
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        T::read(node, reader).map(Some)
    }

    fn show(&self) -> String {
        self.as_ref().map_or_else(|| "none".to_owned(), T::show)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Setting> Setting for Box<T> {
    fn shape() -> Shape {
        T::shape()
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        T::read(node, reader).map(Self::new)
    }

    fn show(&self) -> String {
        T::show(self)
    }

    fn absent() -> Option<Self> {
        T::absent().map(Self::new)
    }
}

fn list_of<T: Setting>() -> Shape {
    let of = T::shape();
    let what = format!("a list, each of it {}", of.what);
    Shape::of(Kind::List(Box::new(of)), what)
}

fn show_list<'a, T: Setting + 'a>(items: impl Iterator<Item = &'a T>) -> String {
    let items: Vec<String> = items.map(T::show).collect();
    format!("[{}]", items.join(", "))
}

impl<T: Setting> Setting for Vec<T> {
    fn shape() -> Shape {
        list_of::<T>()
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let items = reader.items(node, &Self::shape())?;
        let read: Vec<Option<T>> = items
            .iter()
            .enumerate()
            .map(|(at, item)| reader.at(&format!("[{at}]"), |reader| T::read(item, reader)))
            .collect();
        read.into_iter().collect()
    }

    fn show(&self) -> String {
        show_list(self.iter())
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }
}

impl<T: Setting + Ord> Setting for BTreeSet<T> {
    fn shape() -> Shape {
        list_of::<T>()
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        Vec::read(node, reader).map(|items| items.into_iter().collect())
    }

    fn show(&self) -> String {
        show_list(self.iter())
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }
}

impl<T: Setting> Setting for BTreeMap<String, T> {
    fn shape() -> Shape {
        let of = T::shape();
        let what = format!("a table, each of it {}", of.what);
        Shape::of(Kind::Map(Box::new(of)), what)
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let members = reader.members(node, &Self::shape())?;
        let read: Vec<Option<(String, T)>> = members
            .iter()
            .map(|(name, member)| {
                let value = reader.at(&format!(".{}", shown::name(name)), |reader| {
                    T::read(member, reader)
                });
                Some((name.clone(), value?))
            })
            .collect();
        read.into_iter().collect()
    }

    fn show(&self) -> String {
        let members: Vec<String> = self
            .iter()
            .map(|(name, value)| format!("{name} = {}", value.show()))
            .collect();
        format!("{{{}}}", members.join(", "))
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }
}

impl<T: Setting, S: BuildHasher + Default> Setting for HashMap<String, T, S> {
    fn shape() -> Shape {
        BTreeMap::<String, T>::shape()
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        BTreeMap::read(node, reader).map(|members| members.into_iter().collect())
    }

    fn show(&self) -> String {
        let mut names: Vec<&String> = self.keys().collect();
        names.sort_unstable();
        let members: Vec<String> = names
            .into_iter()
            .filter_map(|name| Some(format!("{name} = {}", self.get(name)?.show())))
            .collect();
        format!("{{{}}}", members.join(", "))
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}
