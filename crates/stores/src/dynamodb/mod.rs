//! A store in a table of Amazon DynamoDB.
//!
//! The table has a partition key `pk` and a sort key `sk`, both texts. The partition is the namespace
//! and the collection, which holds the tenant when [`Prefixed`](crate::Prefixed) puts it there; the
//! sort key is the key, or its SHA-256 when it is long. Values lie in `val_b`, or in `val_n` when
//! they are a counter. `until_ms` is checked at every read, and `until_s` is for DynamoDB's own time
//! to live, which clears away what has expired within days.
//!
//! Writes are conditional where they have to be, and reads are consistent. A call takes two seconds
//! at most. Within them, reads are sent again when they came to nothing, and writes only when the
//! service says that it has not begun with them (it is asked too much, for example). A write whose
//! answer was lost is an error that leaves open whether it was made: sent again, an addition would
//! count twice, and a comparison would take its own first attempt for somebody else's. The retries
//! of the client itself are therefore off in here.
//!
//! What has expired is told by the clock of this process, so the clocks of replicas have to agree as
//! closely as times to live are meant.
//!
//! The client is the caller's, with its region, credentials and HTTP stack. This feature takes part
//! in the versions of `aws-sdk-dynamodb`, which raise the Rust version they need more often than the
//! rest of Purlin does.
//!
//! ```no_run
//! use purlin_core::store::StoreError;
//! use purlin_stores::DynamoDb;
//!
//! # async fn example(client: aws_sdk_dynamodb::Client) -> Result<(), StoreError> {
//! let store = DynamoDb::new(&client, "purlin").namespace("shop");
//! store.create_table().await?; // or by your own means
//! # Ok(()) }
//! ```

mod call;
mod item;
mod store;
mod table;

use std::{fmt, time::Duration};

use aws_sdk_dynamodb::{Client, config::retry::RetryConfig};

/// A store in a table of Amazon DynamoDB. Cheap to clone.
#[derive(Clone)]
pub struct DynamoDb {
    client: Client,
    table: String,
    namespace: String,
    timeout: Duration,
}

impl DynamoDb {
    /// The largest value, in bytes: an item of DynamoDB holds 400 KB, names included.
    pub const LARGEST_VALUE: usize = 390 << 10;

    /// A store in a table, reached as the given client does.
    pub fn new(client: &Client, table: impl Into<String>) -> Self {
        let config = client.config().to_builder();
        let config = config.retry_config(RetryConfig::disabled()).build();
        Self {
            client: Client::from_conf(config),
            table: table.into(),
            namespace: "purlin".to_owned(),
            timeout: Duration::from_secs(2),
        }
    }

    /// A part of the table that nobody else uses; `purlin` unless said otherwise.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// How long a call may take; two seconds unless said otherwise.
    #[must_use]
    pub fn timeout(mut self, time: Duration) -> Self {
        self.timeout = time;
        self
    }
}

impl fmt::Debug for DynamoDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamoDb")
            .field("table", &self.table)
            .field("namespace", &self.namespace)
            .finish()
    }
}
