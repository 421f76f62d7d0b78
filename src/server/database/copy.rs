//! Copies a database into an empty one, of the same engine or the other, and proves that it did.
//!
//! Decisions: what there is to copy is asked of the databases, never listed here. The proof is read back
//! from what was written, inside the transaction that wrote it: a sum over the SHA-256 of every row, in
//! which the order of rows and the ways in which engines store values do not show.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;
use thiserror::Error;

use super::rows::{Pages, Values, insert};
use super::sql::Value;
use super::tables::{Table, tables};
use super::{Database, Transaction, sql};

/// Is told what is under way: its name, how much of it is done, and how much there is; in rows, or in KiB.
pub type Told<'a> = &'a (dyn Fn(&str, u64, u64) + Sync);

/// Why it could not be copied. Nothing has been written then.
#[derive(Debug, Error)]
pub enum CopyError {
    /// An engine said no.
    #[error(transparent)]
    Sql(#[from] sqlx::Error),
    /// They do not have the same tables and columns.
    #[error("the two databases differ in {0}")]
    Different(String),
    /// There is something already where the copy is to go.
    #[error("the table {0} has rows already")]
    NotEmpty(String),
    /// A column has, or holds, a type that is not known.
    #[error("the column {column} has a type that cannot be copied: {kind}")]
    Strange {
        /// Which one.
        column: String,
        /// What it has.
        kind: String,
    },
    /// Tables point to each other, so that none can come first.
    #[error("these tables point to each other: {0:?}")]
    Circle(Vec<String>),
    /// What was read back is not what was written.
    #[error("the rows of {0} are not those that were copied")]
    Altered(String),
}

/// How many rows a table has, and what they come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The table.
    pub table: String,
    /// How many.
    pub rows: u64,
    /// The sum of the SHA-256 of all rows, as 64 digits.
    pub sum: String,
}

/// What of a database is copied.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extent<'a> {
    /// Tables whose rows stay behind.
    pub without_rows_of: &'a [&'a str],
    /// Whether tables and columns may stay behind that the copy has no place for: a newer version may
    /// have added them.
    pub may_lack: bool,
}

/// Adds up rows.
struct Sum {
    rows: u64,
    lanes: [u64; 4],
}

impl Sum {
    /// Begins with what the columns are called.
    fn of(table: &Table) -> Self {
        let mut sum = Self { rows: 0, lanes: [0; 4] };
        sum.add_hash(Sha256::digest(table.column_names().join(",").as_bytes()).as_slice());
        sum
    }

    fn add_all(&mut self, rows: &[Values]) {
        for row in rows {
            self.add(row);
        }
    }

    fn add(&mut self, row: &Values) {
        let mut hash = Sha256::new();
        for value in row {
            let (tag, bytes) = match value {
                Value::Integer(Some(number)) => (1, number.to_be_bytes().to_vec()),
                Value::Boolean(Some(yes)) => (1, i64::from(*yes).to_be_bytes().to_vec()),
                Value::Text(Some(text)) => (2, text.clone().into_bytes()),
                Value::Bytes(Some(bytes)) => (3, bytes.clone()),
                _ => (0, Vec::new()),
            };
            hash.update([tag]);
            hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(bytes);
        }
        self.rows += 1;
        self.add_hash(hash.finalize().as_slice());
    }

    fn add_hash(&mut self, hash: &[u8]) {
        for (lane, bytes) in self.lanes.iter_mut().zip(hash.chunks_exact(8)) {
            let number = bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
            *lane = lane.wrapping_add(number);
        }
    }

    fn tally(&self, table: &Table) -> Tally {
        let sum = self.lanes.map(|lane| format!("{lane:016x}")).concat();
        Tally { table: table.name.clone(), rows: self.rows, sum }
    }
}

/// Copies every row into a database that has none, and reads them back. The transaction is the caller's
/// to commit.
pub async fn copy(
    from: &mut Transaction<'_>,
    into: &mut Transaction<'_>,
    extent: Extent<'_>,
    (what, told): (&str, Told<'_>),
) -> Result<Vec<Tally>, CopyError> {
    be_patient(from).await?;
    be_patient(into).await?;
    let (there, here) = (tables(from).await?, tables(into).await?);
    compare(&there, &here, extent)?;
    let goes_along = |table: &&Table| !extent.without_rows_of.contains(&table.name.as_str());
    let mut all = 0;
    for table in &here {
        if count(table, into).await? > 0 {
            return Err(CopyError::NotEmpty(table.name.clone()));
        }
        all += if goes_along(&table) { count(table, from).await? } else { 0 };
    }
    let mut tallies = Vec::with_capacity(here.len());
    let mut done = 0;
    let tell = |done| told(&format!("copying {what}"), done, all);
    tell(0);
    for table in &here {
        let mut sum = Sum::of(table);
        if goes_along(&table) {
            copy_rows(table, &mut sum, (from, into), |rows| tell(done + rows)).await?;
        }
        done += sum.rows;
        tallies.push(sum.tally(table));
    }
    for table in here.iter().filter(|table| table.counted.is_some()) {
        let last = last_counted(table, from).await?;
        count_on_from(table, last, into).await?;
    }
    let mut done = 0;
    let tell = |done| told(&format!("comparing {what}"), done, all);
    tell(0);
    for (table, wanted) in here.iter().zip(&tallies) {
        if tally(table, into, |rows| tell(done + rows)).await? != *wanted {
            return Err(CopyError::Altered(table.name.clone()));
        }
        done += wanted.rows;
    }
    Ok(tallies)
}

async fn copy_rows(
    table: &Table,
    sum: &mut Sum,
    (from, into): (&mut Transaction<'_>, &mut Transaction<'_>),
    tell: impl Fn(u64),
) -> Result<(), CopyError> {
    let mut pages = Pages::of(table);
    loop {
        let rows = pages.next(from).await?;
        if rows.is_empty() {
            return Ok(());
        }
        sum.add_all(&rows);
        insert(table, rows, into).await?;
        tell(sum.rows);
    }
}

/// What a whole database comes to.
pub async fn tallies(
    database: &Database,
    (what, told): (&str, Told<'_>),
) -> Result<Vec<Tally>, CopyError> {
    let mut from = database.snapshot().await?;
    be_patient(&mut from).await?;
    let tables = tables(&mut from).await?;
    let (mut all, mut done) = (0, 0);
    for table in &tables {
        all += count(table, &mut from).await?;
    }
    let tell = |done| told(&format!("comparing {what}"), done, all);
    tell(0);
    let mut tallies = Vec::with_capacity(tables.len());
    for table in &tables {
        let tally = tally(table, &mut from, |rows| tell(done + rows)).await?;
        done += tally.rows;
        tallies.push(tally);
    }
    from.rollback().await?;
    Ok(tallies)
}

async fn tally(
    table: &Table,
    from: &mut Transaction<'_>,
    tell: impl Fn(u64),
) -> Result<Tally, CopyError> {
    let mut sum = Sum::of(table);
    let mut pages = Pages::of(table);
    loop {
        let rows = pages.next(from).await?;
        if rows.is_empty() {
            return Ok(sum.tally(table));
        }
        sum.add_all(&rows);
        tell(sum.rows);
    }
}

/// The limits on statements are for visitors, who wait.
pub(super) async fn be_patient(transaction: &mut Transaction<'_>) -> Result<(), sqlx::Error> {
    if let Transaction::Postgres(transaction) = transaction {
        for limit in ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"] {
            let set = AssertSqlSafe(format!("set local {limit} = 0"));
            sqlx::query(set).execute(&mut **transaction).await?;
        }
    }
    Ok(())
}

fn compare(there: &[Table], here: &[Table], extent: Extent<'_>) -> Result<(), CopyError> {
    let named = |tables: &[Table]| -> BTreeSet<String> {
        let names = |table: &Table| {
            let column = |column: &str| format!("{}.{column}", table.name);
            table.column_names().into_iter().map(column).collect::<Vec<_>>()
        };
        tables.iter().flat_map(names).collect()
    };
    let (there, here) = (named(there), named(here));
    let left: Vec<&String> = there.difference(&here).collect();
    let first =
        here.difference(&there).next().or(left.first().filter(|_| !extent.may_lack).copied());
    if let Some(column) = first {
        return Err(CopyError::Different(format!("the column {column}")));
    }
    if !left.is_empty() {
        tracing::warn!(
            ?left,
            "what a newer version of Keyfold has added to the database is not copied: this one does not know it"
        );
    }
    Ok(())
}

async fn count(table: &Table, on: &mut Transaction<'_>) -> Result<u64, sqlx::Error> {
    let select = AssertSqlSafe(format!("select count(*) from \"{}\"", table.name));
    let count: i64 = sql::query_scalar(select).fetch_one(on).await?;
    Ok(count.try_into().unwrap_or(0))
}

/// The last number that the engine has given out, used or not: it must not give it out again.
async fn last_counted(table: &Table, from: &mut Transaction<'_>) -> Result<i64, sqlx::Error> {
    if let Transaction::Sqlite(_) = from {
        let select = "select seq from sqlite_sequence where name = $1";
        let last = sql::query_scalar::<i64>(select).bind(&table.name).fetch_optional(from).await?;
        return Ok(last.unwrap_or(0));
    }
    let sequence = sequence(table, from).await?;
    let select = format!("select case when is_called then last_value else 0 end from {sequence}");
    sql::query_scalar(AssertSqlSafe(select)).fetch_one(from).await
}

/// What follows is counted on from there.
async fn count_on_from(
    table: &Table,
    last: i64,
    into: &mut Transaction<'_>,
) -> Result<(), sqlx::Error> {
    if last < 1 {
        return Ok(());
    }
    if let Transaction::Sqlite(_) = into {
        let forget = sql::query("delete from sqlite_sequence where name = $1").bind(&table.name);
        forget.execute(&mut *into).await?;
        let note = sql::query("insert into sqlite_sequence (name, seq) values ($1, $2)");
        note.bind(&table.name).bind(last).execute(into).await?;
        return Ok(());
    }
    let sequence = sequence(table, into).await?;
    let set = "select setval(($1::text)::regclass, $2) = $2";
    sql::query_scalar::<bool>(set).bind(sequence).bind(last).fetch_one(into).await.map(drop)
}

async fn sequence(table: &Table, on: &mut Transaction<'_>) -> Result<String, sqlx::Error> {
    let select = "select pg_get_serial_sequence(quote_ident($1), $2)";
    let column = table.counted.clone().unwrap_or_default();
    sql::query_scalar(select).bind(&table.name).bind(column).fetch_one(on).await
}
