//! The stock of the first day.

use super::item::{Category, Item};

/// Name, pieces and reorder level.
type Row = (&'static str, u32, u32);

/// What there is of each category, with the letters its SKUs begin with.
const GOODS: [(Category, &str, &[Row]); 4] = [
    (
        Category::Fasteners,
        "FST",
        &[
            ("Wood screw 4x40", 4000, 500),
            ("Wood screw 5x80", 2500, 500),
            ("Hex bolt M8", 900, 200),
            ("Hex bolt M10", 640, 200),
            ("Hex nut M8", 1200, 200),
            ("Wall plug 8", 3000, 400),
            ("Nail 60", 150, 300),
        ],
    ),
    (
        Category::Lumber,
        "LMB",
        &[
            ("Purlin 80x160, 5 m", 48, 12),
            ("Rafter 60x180, 4 m", 75, 20),
            ("Batten 30x50, 3 m", 320, 80),
            ("Oak board 27, 2 m", 18, 10),
            ("Plywood 18, 2.5 m", 40, 15),
            ("Larch decking, 4 m", 9, 25),
        ],
    ),
    (
        Category::Tools,
        "TLS",
        &[
            ("Claw hammer", 22, 5),
            ("Hand saw 550", 14, 5),
            ("Spirit level 600", 11, 4),
            ("Cordless drill", 7, 3),
            ("Chisel set", 6, 3),
            ("Folding rule", 60, 10),
        ],
    ),
    (
        Category::Finishes,
        "FIN",
        &[
            ("Linseed oil 1 l", 35, 10),
            ("White paint 10 l", 16, 6),
            ("Wood glue 750 g", 44, 12),
            ("Sandpaper P120", 200, 50),
            ("Brush 50", 38, 10),
        ],
    ),
];

/// Everything that is there on the first day.
pub(super) fn items() -> impl Iterator<Item = Item> {
    GOODS.into_iter().flat_map(|(category, code, goods)| {
        goods
            .iter()
            .zip(1..)
            .map(move |(&(name, quantity, reorder_level), number)| Item {
                sku: format!("{code}-{number:03}"),
                name: name.to_owned(),
                category,
                quantity,
                reorder_level,
            })
    })
}
