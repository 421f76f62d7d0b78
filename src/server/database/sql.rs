//! One text of SQL, asked of whichever engine there is.
//!
//! Owns: how values go in ([`Value`]) and rows come out. Refuses to know: what the statements mean.
//!
//! Decision: a statement keeps its values until it knows whom it asks, so that callers are written once.
//! Rows are read by sqlx's own types, on each engine; nothing goes through text. SQLite commits a statement
//! that stands alone, and checks its foreign keys, after its last row: each is gone through to its end, also
//! where one row is asked for, or what went wrong there would not be heard of.

use std::marker::PhantomData;
use std::pin::Pin;

use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{Executor as _, FromRow, Postgres, SqlSafeStr, SqlStr, Sqlite};

use super::{Pool, Transaction};
use crate::server::metrics;

/// What goes into a statement. None is `null` of that type.
#[derive(Debug, Clone)]
pub enum Value {
    /// A whole number, or a time in milliseconds.
    Integer(Option<i64>),
    /// Yes or no.
    Boolean(Option<bool>),
    /// Text.
    Text(Option<String>),
    /// Bytes.
    Bytes(Option<Vec<u8>>),
}

macro_rules! takes {
    ($($variant:ident: $($from:ty => $convert:expr),+;)+) => {$($(
        impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$variant(Some($convert(value)))
            }
        }

        impl From<Option<$from>> for Value {
            fn from(value: Option<$from>) -> Self {
                Self::$variant(value.map($convert))
            }
        }
    )+)+};
}

takes! {
    Integer: i64 => std::convert::identity, i32 => i64::from, u32 => i64::from;
    Boolean: bool => std::convert::identity;
    Text: String => std::convert::identity, &str => str::to_owned, &String => String::clone;
    Bytes: Vec<u8> => std::convert::identity, &[u8] => <[u8]>::to_vec, &Vec<u8> => Vec::clone;
}

impl<const LENGTH: usize> From<&[u8; LENGTH]> for Value {
    fn from(value: &[u8; LENGTH]) -> Self {
        Self::Bytes(Some(value.to_vec()))
    }
}

impl From<&Option<String>> for Value {
    fn from(value: &Option<String>) -> Self {
        Self::Text(value.clone())
    }
}

/// A row that both engines can give.
pub trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{}

/// Whom a statement is put to.
#[derive(Debug)]
pub enum On<'a> {
    /// Any connection of a pool.
    Pool(Pool<'a>),
    /// This one of SQLite's.
    Sqlite(&'a mut SqliteConnection),
    /// This one of Postgres'.
    Postgres(&'a mut PgConnection),
}

impl<'a> From<Pool<'a>> for On<'a> {
    fn from(pool: Pool<'a>) -> Self {
        Self::Pool(pool)
    }
}

impl<'a> From<&'a mut Transaction<'_>> for On<'a> {
    fn from(transaction: &'a mut Transaction<'_>) -> Self {
        match transaction {
            Transaction::Sqlite(transaction) => Self::Sqlite(transaction),
            Transaction::Postgres(transaction) => Self::Postgres(transaction),
        }
    }
}

/// What the engine says. In a box: it is as large as both engines' ways to say it.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, sqlx::Error>> + Send + 'a>>;

/// What a statement that gives no rows has done.
#[derive(Debug, Clone, Copy)]
pub struct Done(u64);

impl Done {
    /// How many rows it has touched.
    pub fn rows_affected(self) -> u64 {
        self.0
    }
}

/// A statement and its values.
#[derive(Debug, Clone)]
#[must_use]
pub struct Query {
    sql: SqlStr,
    values: Vec<Value>,
}

/// A statement that gives rows.
#[derive(Debug, Clone)]
#[must_use]
pub struct QueryAs<R> {
    query: Query,
    row: PhantomData<fn() -> R>,
}

/// A statement that gives rows of one column.
#[derive(Debug, Clone)]
#[must_use]
pub struct QueryScalar<T>(QueryAs<(T,)>);

/// A statement for what it does.
pub fn query(sql: impl SqlSafeStr) -> Query {
    Query { sql: sql.into_sql_str(), values: Vec::new() }
}

/// A statement for the rows that it gives.
pub fn query_as<R>(sql: impl SqlSafeStr) -> QueryAs<R> {
    QueryAs { query: query(sql), row: PhantomData }
}

/// A statement for the one column that it gives.
pub fn query_scalar<T>(sql: impl SqlSafeStr) -> QueryScalar<T> {
    QueryScalar(query_as(sql))
}

/// Binds every value, for the engine at hand.
macro_rules! bound {
    ($query:expr, $values:expr) => {
        $values.into_iter().fold($query, |query, value| match value {
            Value::Integer(value) => query.bind(value),
            Value::Boolean(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::Bytes(value) => query.bind(value),
        })
    };
}

impl Query {
    /// Fills in the next parameter.
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    fn for_sqlite(self) -> sqlx::query::Query<'static, Sqlite, SqliteArguments> {
        bound!(sqlx::query(self.sql), self.values)
    }

    fn for_postgres(self) -> sqlx::query::Query<'static, Postgres, PgArguments> {
        bound!(sqlx::query(self.sql), self.values)
    }

    /// Does it.
    pub fn execute<'a>(self, on: impl Into<On<'a>>) -> Answer<'a, Done> {
        let on = on.into();
        Box::pin(metrics::timed("statement", self.execute_on(on)))
    }

    async fn execute_on(self, on: On<'_>) -> Result<Done, sqlx::Error> {
        Ok(Done(match on {
            On::Pool(Pool::Sqlite(pool)) => self.for_sqlite().execute(pool).await?.rows_affected(),
            On::Sqlite(connection) => self.for_sqlite().execute(connection).await?.rows_affected(),
            On::Pool(Pool::Postgres(pool)) => {
                self.for_postgres().execute(pool).await?.rows_affected()
            }
            On::Pool(Pool::PostgresWriter(writer)) => {
                let mut transaction = writer.begin_sharing().await?;
                let done = self.for_postgres().execute(&mut *transaction).await?.rows_affected();
                transaction.commit().await?;
                done
            }
            On::Postgres(connection) => {
                self.for_postgres().execute(connection).await?.rows_affected()
            }
        }))
    }
}

impl<R: Row> QueryAs<R> {
    /// Fills in the next parameter.
    pub fn bind(self, value: impl Into<Value>) -> Self {
        Self { query: self.query.bind(value), row: PhantomData }
    }

    /// The first row, if there is one.
    pub async fn fetch_optional<'a>(self, on: impl Into<On<'a>>) -> Result<Option<R>, sqlx::Error> {
        Box::pin(metrics::timed("statement", self.fetch_optional_on(on.into()))).await
    }

    async fn fetch_optional_on(self, on: On<'_>) -> Result<Option<R>, sqlx::Error> {
        match on {
            On::Pool(Pool::Sqlite(pool)) => {
                let rows = pool.fetch_all(self.query.for_sqlite()).await?;
                rows.first().map(R::from_row).transpose()
            }
            On::Sqlite(connection) => {
                let rows = connection.fetch_all(self.query.for_sqlite()).await?;
                rows.first().map(R::from_row).transpose()
            }
            On::Pool(Pool::Postgres(pool)) => {
                let row = pool.fetch_optional(self.query.for_postgres()).await?;
                row.as_ref().map(R::from_row).transpose()
            }
            On::Pool(Pool::PostgresWriter(writer)) => {
                let mut transaction = writer.begin_sharing().await?;
                let row = transaction.fetch_optional(self.query.for_postgres()).await?;
                transaction.commit().await?;
                row.as_ref().map(R::from_row).transpose()
            }
            On::Postgres(connection) => {
                let row = connection.fetch_optional(self.query.for_postgres()).await?;
                row.as_ref().map(R::from_row).transpose()
            }
        }
    }

    /// The first row, which has to be there.
    pub async fn fetch_one<'a>(self, on: impl Into<On<'a>>) -> Result<R, sqlx::Error> {
        self.fetch_optional(on).await?.ok_or(sqlx::Error::RowNotFound)
    }

    /// All rows.
    pub fn fetch_all<'a>(self, on: impl Into<On<'a>>) -> Answer<'a, Vec<R>>
    where
        R: 'a,
    {
        let on = on.into();
        Box::pin(metrics::timed("statement", self.fetch_all_on(on)))
    }

    async fn fetch_all_on(self, on: On<'_>) -> Result<Vec<R>, sqlx::Error> {
        match on {
            On::Pool(Pool::Sqlite(pool)) => {
                let rows = pool.fetch_all(self.query.for_sqlite()).await?;
                rows.iter().map(R::from_row).collect()
            }
            On::Sqlite(connection) => {
                let rows = connection.fetch_all(self.query.for_sqlite()).await?;
                rows.iter().map(R::from_row).collect()
            }
            On::Pool(Pool::Postgres(pool)) => {
                let rows = pool.fetch_all(self.query.for_postgres()).await?;
                rows.iter().map(R::from_row).collect()
            }
            On::Pool(Pool::PostgresWriter(writer)) => {
                let mut transaction = writer.begin_sharing().await?;
                let rows = transaction.fetch_all(self.query.for_postgres()).await?;
                transaction.commit().await?;
                rows.iter().map(R::from_row).collect()
            }
            On::Postgres(connection) => {
                let rows = connection.fetch_all(self.query.for_postgres()).await?;
                rows.iter().map(R::from_row).collect()
            }
        }
    }
}

impl<T> QueryScalar<T>
where
    (T,): Row,
    T: 'static,
{
    /// Fills in the next parameter.
    pub fn bind(self, value: impl Into<Value>) -> Self {
        Self(self.0.bind(value))
    }

    /// The first one, if there is one.
    pub async fn fetch_optional<'a>(self, on: impl Into<On<'a>>) -> Result<Option<T>, sqlx::Error> {
        Ok(self.0.fetch_optional(on).await?.map(|(value,)| value))
    }

    /// The first one, which has to be there.
    pub async fn fetch_one<'a>(self, on: impl Into<On<'a>>) -> Result<T, sqlx::Error> {
        Ok(self.0.fetch_one(on).await?.0)
    }

    /// All of them.
    pub async fn fetch_all<'a>(self, on: impl Into<On<'a>>) -> Result<Vec<T>, sqlx::Error> {
        Ok(self.0.fetch_all(on).await?.into_iter().map(|(value,)| value).collect())
    }
}
