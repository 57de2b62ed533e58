//! The pages of the handbook.

use serde::Serialize;

/// One page.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) text: &'static str,
}

/// A line of the table of contents.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    /// What the page is called in its URI.
    pub(super) page: &'static str,
    /// Its title.
    pub(super) title: &'static str,
}

const PAGES: [Page; 4] = [
    Page {
        id: "deliveries",
        title: "Deliveries",
        text: include_str!("handbook/deliveries.md"),
    },
    Page {
        id: "deployments",
        title: "Deployments",
        text: include_str!("handbook/deployments.md"),
    },
    Page {
        id: "ordering",
        title: "Ordering",
        text: include_str!("handbook/ordering.md"),
    },
    Page {
        id: "style",
        title: "How we write",
        text: include_str!("handbook/style.md"),
    },
];

impl Page {
    pub(super) fn uri(&self) -> String {
        format!("handbook://pages/{}", self.id)
    }
}

pub(super) fn contents() -> Vec<Summary> {
    PAGES
        .iter()
        .map(|page| Summary {
            page: page.id,
            title: page.title,
        })
        .collect()
}

pub(super) fn page(id: &str) -> Option<&'static Page> {
    PAGES.iter().find(|page| page.id == id)
}

/// The pages that contain a text, in whatever case.
pub(super) fn search(text: &str) -> impl Iterator<Item = &'static Page> {
    let text = text.to_lowercase();
    PAGES
        .iter()
        .filter(move |page| page.text.to_lowercase().contains(&text))
}

/// The pages whose names start so.
pub(super) fn starting_with(typed: &str) -> Vec<&'static str> {
    let names = PAGES.iter().map(|page| page.id);
    names.filter(|id| id.starts_with(typed)).collect()
}
