//! What a database consists of, as it says itself: so that nothing that is added to it is forgotten
//! where all of it has to be copied.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::FromRow;

use super::copy::CopyError;
use super::{Transaction, sql};

/// What a column takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Whole numbers.
    Integer,
    /// Yes or no; a number with SQLite.
    Boolean,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// What it is called.
    pub name: String,
    /// What it takes.
    pub kind: Kind,
}

/// A table.
#[derive(Debug, Clone)]
pub struct Table {
    /// What it is called.
    pub name: String,
    /// Its columns, by name: engines may have them in different orders.
    pub columns: Vec<Column>,
    /// The column whose values the engine counts up by itself.
    pub counted: Option<String>,
}

impl Table {
    /// The names of its columns.
    pub fn column_names(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.name.as_str()).collect()
    }

    /// The same as SQL has them in a list.
    pub(super) fn listed(&self) -> String {
        let quoted = self.columns.iter().map(|column| format!("\"{}\"", column.name));
        quoted.collect::<Vec<_>>().join(", ")
    }
}

#[derive(Debug, FromRow)]
struct ColumnRow {
    of_table: String,
    name: String,
    kind: String,
    counted: bool,
}

/// Every table but the migrator's own.
const COLUMNS_OF_SQLITE: &str = "
    select m.name as of_table, c.name, lower(c.type) as kind,
        c.pk = 1 and lower(m.sql) like '%autoincrement%' as counted
    from sqlite_master m join pragma_table_info(m.name) c
    where m.type = 'table' and m.name <> '_sqlx_migrations' and substr(m.name, 1, 7) <> 'sqlite_'";

const COLUMNS_OF_POSTGRES: &str = "
    select c.table_name::text as of_table, c.column_name::text as name, c.data_type::text as kind,
        c.is_identity = 'YES' as counted
    from information_schema.columns c join information_schema.tables t
        on t.table_schema = c.table_schema and t.table_name = c.table_name
    where c.table_schema = current_schema() and t.table_type = 'BASE TABLE'
        and c.table_name <> '_sqlx_migrations'";

const REFERENCES_OF_SQLITE: &str = "
    select m.name, k.\"table\" from sqlite_master m join pragma_foreign_key_list(m.name) k
    where m.type = 'table'";

const REFERENCES_OF_POSTGRES: &str = "
    select k.relname::text, r.relname::text
    from pg_constraint c join pg_class k on k.oid = c.conrelid join pg_class r on r.oid = c.confrelid
        join pg_namespace n on n.oid = k.relnamespace
    where c.contype = 'f' and n.nspname = current_schema()";

/// Every table, those that others point to before them.
pub async fn tables(on: &mut Transaction<'_>) -> Result<Vec<Table>, CopyError> {
    let (columns, references) = match on {
        Transaction::Sqlite(_) => (COLUMNS_OF_SQLITE, REFERENCES_OF_SQLITE),
        Transaction::Postgres(_) => (COLUMNS_OF_POSTGRES, REFERENCES_OF_POSTGRES),
    };
    let rows: Vec<ColumnRow> = sql::query_as(columns).fetch_all(&mut *on).await?;
    let references: Vec<(String, String)> = sql::query_as(references).fetch_all(&mut *on).await?;
    let mut found = BTreeMap::new();
    for row in rows {
        let kind = kind(&row)?;
        let fresh = || Table { name: row.of_table.clone(), columns: Vec::new(), counted: None };
        let table = found.entry(row.of_table.clone()).or_insert_with(fresh);
        if row.counted {
            table.counted = Some(row.name.clone());
        }
        table.columns.push(Column { name: row.name, kind });
    }
    for table in found.values_mut() {
        table.columns.sort_by(|one, other| one.name.cmp(&other.name));
    }
    in_order(found, &references)
}

fn kind(row: &ColumnRow) -> Result<Kind, CopyError> {
    match row.kind.as_str() {
        "integer" | "bigint" | "smallint" => Ok(Kind::Integer),
        "boolean" => Ok(Kind::Boolean),
        "text" => Ok(Kind::Text),
        "blob" | "bytea" => Ok(Kind::Bytes),
        other => {
            let column = format!("{}.{}", row.of_table, row.name);
            Err(CopyError::Strange { column, kind: other.to_owned() })
        }
    }
}

/// Tables that point to none that is still missing come next; which one of them does not matter.
fn in_order(
    mut left: BTreeMap<String, Table>,
    references: &[(String, String)],
) -> Result<Vec<Table>, CopyError> {
    let mut ordered = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |name: &str| {
            let mut others = references.iter().filter(|(from, to)| from == name && to != name);
            others.any(|(_, to)| left.contains_key(to))
        };
        let next: BTreeSet<String> = left.keys().filter(|name| !waits(name)).cloned().collect();
        if next.is_empty() {
            return Err(CopyError::Circle(left.into_keys().collect()));
        }
        ordered.extend(next.iter().filter_map(|name| left.remove(name)));
    }
    Ok(ordered)
}
