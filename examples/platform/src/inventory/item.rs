//! What the warehouse holds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A kind of goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Screws, nails, bolts.
    Fasteners,
    /// Boards and beams.
    Lumber,
    /// Things to work with.
    Tools,
    /// Paint, oil and what goes with them.
    Finishes,
}

/// Goods of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The number of the article.
    pub sku: String,
    /// What it is.
    pub name: String,
    /// The kind of goods.
    pub category: Category,
    /// How many pieces are there.
    pub quantity: u32,
    /// Below this many pieces it has to be ordered again.
    pub reorder_level: u32,
}

impl Item {
    /// Whether it has to be ordered again.
    pub fn is_low(&self) -> bool {
        self.quantity < self.reorder_level
    }

    /// Whether its name or SKU contains a text, in whatever case.
    pub(super) fn matches(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.name.to_lowercase().contains(&text) || self.sku.to_lowercase().contains(&text)
    }
}
