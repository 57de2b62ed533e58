//! Making the table.

use aws_sdk_dynamodb::{
    error::BuildError,
    types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
        TimeToLiveSpecification,
    },
};
use purlin_core::store::{StoreError, StoreErrorKind, StoreResult};

use super::{
    DynamoDb,
    call::Repeat,
    item::{PARTITION, SORT, UNTIL_S},
};

impl DynamoDb {
    /// Makes the table, paid by request, with its time to live. DynamoDB takes some seconds until
    /// it can be used; [`check`](purlin_core::store::KeyValue::check) fails until then.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unavailable`] when it is there already, or may not be made.
    pub async fn create_table(&self) -> StoreResult<()> {
        let (hash, range) = (KeyType::Hash, KeyType::Range);
        let key = |name, kind| {
            KeySchemaElement::builder()
                .attribute_name(name)
                .key_type(kind)
        };
        let text = |name| {
            AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(ScalarAttributeType::S)
        };
        let create = self
            .client
            .create_table()
            .table_name(&self.table)
            .billing_mode(BillingMode::PayPerRequest)
            .key_schema(key(PARTITION, hash).build().map_err(incomplete)?)
            .key_schema(key(SORT, range).build().map_err(incomplete)?)
            .attribute_definitions(text(PARTITION).build().map_err(incomplete)?)
            .attribute_definitions(text(SORT).build().map_err(incomplete)?);
        self.call(Repeat::Write, || create.clone().send()).await?;
        let expiry = TimeToLiveSpecification::builder()
            .attribute_name(UNTIL_S)
            .enabled(true)
            .build()
            .map_err(incomplete)?;
        let update = self
            .client
            .update_time_to_live()
            .table_name(&self.table)
            .time_to_live_specification(expiry);
        self.call(Repeat::Write, || update.clone().send()).await?;
        Ok(())
    }
}

fn incomplete(error: BuildError) -> StoreError {
    let text = "the description of the table is incomplete";
    StoreError::new(StoreErrorKind::Invalid, text).with_source(error)
}
