//! All tables under a mount, walked without putting them together.

use super::Names;
use super::prefix::{Kind, Prefix};
use super::table::Table;

/// A table by itself, or with everything mounted under it.
#[derive(Clone, Copy)]
pub(super) enum Tree {
    Own(&'static Names),
    Whole(&'static Names),
}

impl Tree {
    /// Calls for every table of the tree: its prefix does not collide with
    /// itself, and no name is too long.
    #[track_caller]
    pub(super) const fn check_alone(self, kind: Kind, prefix: &Prefix, mounted: bool) {
        match self {
            Self::Own(names) => Table::new(names, kind, prefix).check(kind, mounted),
            Self::Whole(names) => {
                let mut index = 0;
                while index < names.children() {
                    let (tree, inner) = names.child(index, kind);
                    tree.check_alone(kind, &prefix.join(&inner), mounted);
                    index += 1;
                }
            }
        }
    }

    #[track_caller]
    pub(super) const fn against_tree(
        self,
        kind: Kind,
        prefix: &Prefix,
        other: Self,
        other_prefix: &Prefix,
    ) {
        if !prefix.overlaps(other_prefix) {
            return;
        }
        match self {
            Self::Own(names) => {
                let table = Table::new(names, kind, prefix);
                other.against_table(kind, other_prefix, &table);
            }
            Self::Whole(names) => {
                let mut index = 0;
                while index < names.children() {
                    let (tree, inner) = names.child(index, kind);
                    tree.against_tree(kind, &prefix.join(&inner), other, other_prefix);
                    index += 1;
                }
            }
        }
    }

    #[track_caller]
    const fn against_table(self, kind: Kind, prefix: &Prefix, table: &Table<'_>) {
        if !prefix.overlaps(table.prefix) {
            return;
        }
        match self {
            Self::Own(names) => table.merge(kind, &Table::new(names, kind, prefix)),
            Self::Whole(names) => {
                let mut index = 0;
                while index < names.children() {
                    let (tree, inner) = names.child(index, kind);
                    tree.against_table(kind, &prefix.join(&inner), table);
                    index += 1;
                }
            }
        }
    }
}
