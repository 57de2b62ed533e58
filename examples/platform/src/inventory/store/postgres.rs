//! The stock in PostgreSQL, shared by all replicas of the platform.
//!
//! The pool is opened with the server and closed with it. A change is one
//! statement, so two replicas never sell the same piece.

use std::time::Duration;

use deadpool_postgres::{Client, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use purlin::config::Secret;
use tokio_postgres::{Config, NoTls, Row};

use super::{Failure, Movement, StockError};
use crate::inventory::{
    item::{Category, Item},
    seed,
};

/// How long a connection may take to be made, or to come free.
const PATIENCE: Duration = Duration::from_secs(2);

/// The one table there is.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS items (
    sku TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity >= 0),
    reorder_level BIGINT NOT NULL
)";

/// The stock, by SKU. A clone uses the same pool.
#[derive(Debug, Clone)]
pub(in crate::inventory) struct Postgres {
    pool: Pool,
}

impl Postgres {
    /// Connects, and puts the goods of the first day into a new database.
    pub(super) async fn open(url: &Secret, connections: u32) -> Result<Self, Failure> {
        let config: Config = url
            .reveal()
            .parse()
            .map_err(|_| Failure::new("`database_url` is not the URL of a PostgreSQL database"))?;
        let recycling = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let manager = Manager::from_config(config, NoTls, recycling);
        let pool = Pool::builder(manager)
            .max_size(usize::try_from(connections).unwrap_or(usize::MAX))
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .build()
            .map_err(Failure::new)?;
        let this = Self { pool };
        this.fill().await?;
        Ok(this)
    }

    /// Ends every connection; those that are lent end when they come back.
    pub(super) fn close(&self) {
        self.pool.close();
    }

    /// Whether the database answers.
    pub(super) async fn check(&self) -> Result<(), Failure> {
        let client = self.client().await?;
        client.simple_query("SELECT 1").await.map_err(failed)?;
        Ok(())
    }

    async fn fill(&self) -> Result<(), Failure> {
        let mut client = self.client().await?;
        let all = client.transaction().await.map_err(failed)?;
        // Replicas that start together wait for each other here.
        all.execute("SELECT pg_advisory_xact_lock(7261)", &[])
            .await
            .map_err(failed)?;
        all.execute(TABLE, &[]).await.map_err(failed)?;
        let count = all
            .query_one("SELECT count(*) FROM items", &[])
            .await
            .map_err(failed)?;
        if count.get::<_, i64>(0) == 0 {
            for item in seed::items() {
                let insert = "INSERT INTO items VALUES ($1, $2, $3, $4, $5)";
                let (quantity, level) = (i64::from(item.quantity), i64::from(item.reorder_level));
                let values: [&(dyn tokio_postgres::types::ToSql + Sync); 5] = [
                    &item.sku,
                    &item.name,
                    &word(item.category),
                    &quantity,
                    &level,
                ];
                all.execute(insert, &values).await.map_err(failed)?;
            }
        }
        all.commit().await.map_err(failed)
    }

    pub(super) async fn find(
        &self,
        text: &str,
        category: Option<Category>,
        limit: usize,
    ) -> Result<Vec<Item>, Failure> {
        let query = "SELECT * FROM items
            WHERE (strpos(lower(name), lower($1)) > 0 OR strpos(lower(sku), lower($1)) > 0)
            AND ($2::text IS NULL OR category = $2) ORDER BY sku LIMIT $3";
        let category = category.map(word);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let client = self.client().await?;
        let rows = client.query(query, &[&text, &category, &limit]).await;
        rows.map_err(failed)?.iter().map(item).collect()
    }

    pub(super) async fn low(&self) -> Result<Vec<Item>, Failure> {
        let query = "SELECT * FROM items WHERE quantity < reorder_level ORDER BY sku";
        let rows = self.client().await?.query(query, &[]).await;
        rows.map_err(failed)?.iter().map(item).collect()
    }

    pub(super) async fn get(&self, sku: &str) -> Result<Option<Item>, Failure> {
        let query = "SELECT * FROM items WHERE sku = $1";
        let row = self.client().await?.query_opt(query, &[&sku]).await;
        row.map_err(failed)?.as_ref().map(item).transpose()
    }

    pub(super) async fn skus_starting_with(&self, typed: &str) -> Result<Vec<String>, Failure> {
        let query = "SELECT sku FROM items WHERE starts_with(sku, upper($1)) ORDER BY sku";
        let rows = self.client().await?.query(query, &[&typed]).await;
        let rows = rows.map_err(failed)?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    pub(super) async fn take(&self, sku: &str, quantity: u32) -> Result<Movement, StockError> {
        match self.change(sku, -i64::from(quantity)).await? {
            Some(movement) => Ok(movement),
            None => Err(match self.get(sku).await? {
                Some(item) => StockError::Short {
                    sku: item.sku,
                    available: item.quantity,
                },
                None => StockError::Unknown(sku.to_owned()),
            }),
        }
    }

    pub(super) async fn put(&self, sku: &str, quantity: u32) -> Result<Movement, StockError> {
        let changed = self.change(sku, i64::from(quantity)).await?;
        changed.ok_or_else(|| StockError::Unknown(sku.to_owned()))
    }

    /// Adds to the pieces of an item; `None` when it is not there or too few are.
    async fn change(&self, sku: &str, by: i64) -> Result<Option<Movement>, Failure> {
        let query = "UPDATE items SET quantity = least(quantity + $2, $3)
            WHERE sku = $1 AND quantity + $2 >= 0 RETURNING *";
        let most = i64::from(u32::MAX);
        let row = self
            .client()
            .await?
            .query_opt(query, &[&sku, &by, &most])
            .await;
        let Some(row) = row.map_err(failed)? else {
            return Ok(None);
        };
        let item = item(&row)?;
        let before = i64::from(item.quantity) - by;
        let was_low = before < i64::from(item.reorder_level);
        Ok(Some(Movement { item, was_low }))
    }

    async fn client(&self) -> Result<Client, Failure> {
        self.pool.get().await.map_err(Failure::new)
    }
}

fn failed(error: tokio_postgres::Error) -> Failure {
    Failure::new(error)
}

/// The category as the table has it.
fn word(category: Category) -> &'static str {
    match category {
        Category::Fasteners => "fasteners",
        Category::Lumber => "lumber",
        Category::Tools => "tools",
        Category::Finishes => "finishes",
    }
}

fn item(row: &Row) -> Result<Item, Failure> {
    let count = |column: &str| -> Result<u32, Failure> {
        let value: i64 = row.try_get(column).map_err(failed)?;
        u32::try_from(value).map_err(Failure::new)
    };
    let category: &str = row.try_get("category").map_err(failed)?;
    let known = [
        Category::Fasteners,
        Category::Lumber,
        Category::Tools,
        Category::Finishes,
    ];
    let category = known.into_iter().find(|known| word(*known) == category);
    Ok(Item {
        sku: row.try_get("sku").map_err(failed)?,
        name: row.try_get("name").map_err(failed)?,
        category: category.ok_or_else(|| Failure::new("an item of an unknown category"))?,
        quantity: count("quantity")?,
        reorder_level: count("reorder_level")?,
    })
}
