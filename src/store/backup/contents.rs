//! What a database holds, to compare two by content: every row of every table, whatever the order and the file's layout.

use std::collections::BTreeMap;

use futures_util::TryStreamExt as _;
use sha2::{Digest as _, Sha256};

use crate::domain::digest::{Digest, Tally};
use crate::store::{Doing as _, Result, Store};

impl Store {
    /// How many rows each table has and the sum over them, all as of one moment.
    ///
    /// A row's digest covers the value and the type of each of its columns.
    pub async fn contents(&self) -> Result<BTreeMap<String, Tally>> {
        let mut tx = self.readers.begin().await.doing("start to read the whole database")?;
        let sql = "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name";
        let tables: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut *tx).await.doing("list the tables")?;
        let mut contents = BTreeMap::new();
        for table in tables {
            let sql = "select group_concat('quote(\"' || name || '\")', ' || '','' || ') from pragma_table_info(?)";
            let columns: String =
                sqlx::query_scalar(sql).bind(&table).fetch_one(&mut *tx).await.doing("list the columns of a table")?;
            // Both names come from the schema, none from anybody who asks.
            let sql = sqlx::AssertSqlSafe(format!("select {columns} from \"{table}\""));
            let mut rows = sqlx::query_scalar::<_, String>(sql).fetch(&mut *tx);
            let mut sum = Tally::default();
            while let Some(row) = rows.try_next().await.doing("read every row of a table")? {
                sum = sum.plus(Tally::one(Digest::from_bytes(&Sha256::digest(row).into())));
            }
            drop(rows);
            contents.insert(table, sum);
        }
        Ok(contents)
    }
}
