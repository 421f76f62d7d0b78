//! The rows of a table, whatever they are: page by page out of one engine, in values that any takes.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Column as _, Row as _, TypeInfo as _, ValueRef as _};

use super::copy::CopyError;
use super::sql::Value;
use super::tables::{Kind, Table};
use super::{Transaction, sql};

/// How many rows are read at once.
const PAGE: usize = 500;

/// A row, its values in the order of the table's columns.
pub(super) type Values = Vec<Value>;

/// Where reading a table has got to.
#[derive(Debug)]
pub(super) struct Pages<'t> {
    table: &'t Table,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Nothing has been read yet.
    Fresh,
    /// The last row of SQLite's that has been read; with Postgres the cursor knows.
    After(i64),
    Over,
}

impl<'t> Pages<'t> {
    pub(super) fn of(table: &'t Table) -> Self {
        Self { table, state: State::Fresh }
    }

    /// The next rows; none at the end.
    pub(super) async fn next(
        &mut self,
        from: &mut Transaction<'_>,
    ) -> Result<Vec<Values>, CopyError> {
        let read = match (from, &self.state) {
            (_, State::Over) => return Ok(Vec::new()),
            (Transaction::Sqlite(from), state) => {
                let after = if let State::After(row) = state { *row } else { i64::MIN };
                let (columns, name) = (self.table.listed(), &self.table.name);
                let select = format!(
                    "select rowid, {columns} from \"{name}\" where rowid > $1 order by rowid limit {PAGE}"
                );
                let query = sqlx::query(AssertSqlSafe(select)).bind(after);
                let rows = query.fetch_all(&mut **from).await?;
                if let Some(last) = rows.last() {
                    self.state = State::After(last.try_get(0)?);
                }
                let values = |row| self.values(|place| of_sqlite(row, place + 1));
                rows.iter().map(values).collect::<Result<Vec<_>, _>>()?
            }
            (Transaction::Postgres(from), state) => {
                if matches!(state, State::Fresh) {
                    let (columns, name) = (self.table.listed(), &self.table.name);
                    let declare = format!(
                        "declare every_row no scroll cursor for select {columns} from \"{name}\""
                    );
                    sqlx::query(AssertSqlSafe(declare)).execute(&mut **from).await?;
                    self.state = State::After(0);
                }
                let fetch = AssertSqlSafe(format!("fetch {PAGE} from every_row"));
                // Each cursor has columns of its own: what was learnt of the last one is not true.
                let fetch = sqlx::query(fetch).persistent(false);
                let rows = fetch.fetch_all(&mut **from).await?;
                if rows.len() < PAGE {
                    sqlx::query("close every_row").execute(&mut **from).await?;
                }
                let values = |row| self.values(|place| of_postgres(row, place));
                rows.iter().map(values).collect::<Result<Vec<_>, _>>()?
            }
        };
        if read.len() < PAGE {
            self.state = State::Over;
        }
        Ok(read)
    }

    fn values(
        &self,
        read: impl Fn(usize) -> Result<Option<Value>, sqlx::Error>,
    ) -> Result<Values, CopyError> {
        let columns = self.table.columns.iter().enumerate();
        let values = columns.map(|(place, column)| {
            read(place)?.ok_or_else(|| {
                let column = format!("{}.{}", self.table.name, column.name);
                CopyError::Strange { column, kind: "an unknown one".to_owned() }
            })
        });
        values.collect()
    }
}

/// What stands there; None where it is of a type that is not known here.
fn of_sqlite(row: &SqliteRow, place: usize) -> Result<Option<Value>, sqlx::Error> {
    let kind = {
        let value = row.try_get_raw(place)?;
        if value.is_null() { "NULL".to_owned() } else { value.type_info().name().to_owned() }
    };
    Ok(Some(match kind.as_str() {
        "NULL" => Value::Integer(None),
        "INTEGER" => Value::Integer(row.try_get(place)?),
        "TEXT" => Value::Text(row.try_get(place)?),
        "BLOB" => Value::Bytes(row.try_get(place)?),
        _ => return Ok(None),
    }))
}

fn of_postgres(row: &PgRow, place: usize) -> Result<Option<Value>, sqlx::Error> {
    if row.try_get_raw(place)?.is_null() {
        return Ok(Some(Value::Integer(None)));
    }
    Ok(Some(match row.column(place).type_info().name() {
        "INT8" => Value::Integer(row.try_get(place)?),
        "INT4" => Value::Integer(Some(row.try_get::<i32, _>(place)?.into())),
        "INT2" => Value::Integer(Some(row.try_get::<i16, _>(place)?.into())),
        "BOOL" => Value::Boolean(row.try_get(place)?),
        "TEXT" => Value::Text(row.try_get(place)?),
        "BYTEA" => Value::Bytes(row.try_get(place)?),
        _ => return Ok(None),
    }))
}

/// The value as a column of this kind takes it; None where it does not.
pub(super) fn fitting(value: Value, kind: Kind) -> Option<Value> {
    let is_null = matches!(
        value,
        Value::Integer(None) | Value::Boolean(None) | Value::Text(None) | Value::Bytes(None)
    );
    match (value, kind) {
        (_, Kind::Integer) if is_null => Some(Value::Integer(None)),
        (_, Kind::Boolean) if is_null => Some(Value::Boolean(None)),
        (_, Kind::Text) if is_null => Some(Value::Text(None)),
        (_, Kind::Bytes) if is_null => Some(Value::Bytes(None)),
        (Value::Integer(Some(number @ (0 | 1))), Kind::Boolean) => {
            Some(Value::Boolean(Some(number == 1)))
        }
        (Value::Boolean(Some(yes)), Kind::Integer) => Some(Value::Integer(Some(yes.into()))),
        (value @ Value::Integer(_), Kind::Integer)
        | (value @ Value::Boolean(_), Kind::Boolean)
        | (value @ Value::Text(_), Kind::Text)
        | (value @ Value::Bytes(_), Kind::Bytes) => Some(value),
        _ => None,
    }
}

/// Writes rows, as many at once as a statement takes.
pub(super) async fn insert(
    table: &Table,
    rows: Vec<Values>,
    into: &mut Transaction<'_>,
) -> Result<(), CopyError> {
    let width = table.columns.len().max(1);
    // SQLite's limit; Postgres' is twice as high.
    let most = 32_766 / width;
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some: Vec<Values> = rows.by_ref().take(most).collect();
        let group = |row: usize| {
            let numbers = (1..=width).map(|place| format!("${}", row * width + place));
            format!("({})", numbers.collect::<Vec<_>>().join(", "))
        };
        let groups: Vec<String> = (0..some.len()).map(group).collect();
        let (name, columns) = (&table.name, table.listed());
        let insert = format!("insert into \"{name}\" ({columns}) values {}", groups.join(", "));
        let mut query = sql::query(AssertSqlSafe(insert));
        for row in some {
            for (value, column) in row.into_iter().zip(&table.columns) {
                let value = fitting(value, column.kind).ok_or_else(|| CopyError::Strange {
                    column: format!("{name}.{}", column.name),
                    kind: "one that does not fit".to_owned(),
                })?;
                query = query.bind(value);
            }
        }
        query.execute(&mut *into).await?;
    }
    Ok(())
}
