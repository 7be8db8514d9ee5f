//! One open transaction of either engine, and the statements run in it.
//!
//! On SQLite the futures here are never pending: rusqlite answers at once, on the writer's own thread (D2).

use crate::insert::{Table, insert_lite, insert_pg};
use crate::row::{Cells, RowRef};
use crate::sql::{self, Rewritten};
use crate::{Bind, Column, Kind, Record, StoreError, Value};
use mz_kernel::{Date, Stamp};
use sqlx::Arguments as _;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{AssertSqlSafe, Postgres, SqlSafeStr as _, SqlStr, Transaction};

pub(crate) enum Engine {
    Lite(rusqlite::Connection, Rewritten),
    Pg(Transaction<'static, Postgres>),
}

/// An open transaction.
pub struct Conn {
    pub(crate) engine: Engine,
    /// A statement failed: PostgreSQL stores nothing more of this transaction, whatever follows.
    pub(crate) failed: bool,
    /// It failed in a way that repeating the whole transaction may mend.
    pub(crate) unordered: bool,
}

impl Conn {
    pub(crate) fn lite(connection: rusqlite::Connection) -> Self {
        Self {
            engine: Engine::Lite(connection, Rewritten::default()),
            failed: false,
            unordered: false,
        }
    }

    pub(crate) fn pg(transaction: Transaction<'static, Postgres>) -> Self {
        Self {
            engine: Engine::Pg(transaction),
            failed: false,
            unordered: false,
        }
    }

    /// A statement with `$1 …` placeholders. Statements are constants: nothing that a user typed becomes SQL.
    pub fn query(&mut self, sql: &'static str) -> Query<'_> {
        Query {
            conn: self,
            sql,
            args: Vec::new(),
        }
    }

    /// Inserts many rows in one statement (PostgreSQL) or through one prepared statement (SQLite).
    /// Each row has a value for each of the table's columns, of the column's kind. Answers how many rows were written.
    pub async fn insert_all(&mut self, table: &Table, rows: Vec<Vec<Value>>) -> Result<u64, StoreError> {
        if rows.is_empty() {
            return Ok(0);
        }
        let result = match (table.takes(&rows), &mut self.engine) {
            (Err(refused), _) => Err(refused),
            (Ok(()), Engine::Lite(connection, _)) => insert_lite(connection, table, &rows),
            (Ok(()), Engine::Pg(transaction)) => insert_pg(transaction, table, rows).await,
        };
        self.note(result)
    }

    pub(crate) fn note<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        self.failed |= result.is_err();
        self.unordered |= matches!(result, Err(StoreError::Unordered(_)));
        result
    }
}

/// PostgreSQL keeps no NUL in a text; SQLite would.
pub(crate) fn storable<'v>(values: impl IntoIterator<Item = &'v Value>) -> Result<(), StoreError> {
    let has_nul = |text: &String| text.contains('\0');
    let odd = values.into_iter().any(|value| match value {
        Value::Text(text) => has_nul(text),
        Value::List(items) => items.iter().any(has_nul),
        _ => false,
    });
    if odd {
        Err(StoreError::Sql("a text holds the character NUL".into()))
    } else {
        Ok(())
    }
}

/// A statement being bound.
#[must_use = "a statement does nothing until it is run"]
pub struct Query<'c> {
    conn: &'c mut Conn,
    sql: &'static str,
    args: Vec<Value>,
}

impl Query<'_> {
    /// Binds the next placeholder.
    pub fn bind(mut self, value: impl Bind) -> Self {
        self.args.push(value.value());
        self
    }

    /// Binds the members of `IN LIST($n)`.
    pub fn bind_list<T: ToString>(mut self, items: impl IntoIterator<Item = T>) -> Self {
        self.args.push(crate::value::list(items));
        self
    }

    /// Every row.
    pub async fn all<R: Record>(self) -> Result<Vec<R>, StoreError> {
        let Query { conn, sql, args } = self;
        let result = match (checked(sql, &args), &mut conn.engine) {
            (Err(refused), _) => Err(refused),
            (Ok(()), Engine::Lite(connection, texts)) => {
                all_lite(connection, &texts.sqlite(sql), &args, usize::MAX)
            }
            (Ok(()), Engine::Pg(transaction)) => all_pg(transaction, sql, args).await,
        };
        conn.note(result)
    }

    /// The first row, if there is one.
    pub async fn optional<R: Record>(self) -> Result<Option<R>, StoreError> {
        let Query { conn, sql, args } = self;
        let result = match (checked(sql, &args), &mut conn.engine) {
            (Err(refused), _) => Err(refused),
            (Ok(()), Engine::Lite(connection, texts)) => {
                all_lite(connection, &texts.sqlite(sql), &args, 1).map(|mut rows| rows.pop())
            }
            (Ok(()), Engine::Pg(transaction)) => optional_pg(transaction, sql, args).await,
        };
        conn.note(result)
    }

    /// The one column of the one row; a statement that may answer no row uses [`Query::optional`].
    pub async fn scalar<T: Column + Send>(self) -> Result<T, StoreError> {
        match self.optional::<(T,)>().await? {
            Some((value,)) => Ok(value),
            None => Err(StoreError::Sql(
                "a statement that always answers one row answered none".into(),
            )),
        }
    }

    /// Runs the statement and answers how many rows it changed.
    pub async fn execute(self) -> Result<u64, StoreError> {
        let Query { conn, sql, args } = self;
        let result = match (checked(sql, &args), &mut conn.engine) {
            (Err(refused), _) => Err(refused),
            (Ok(()), Engine::Lite(connection, texts)) => execute_lite(connection, &texts.sqlite(sql), &args),
            (Ok(()), Engine::Pg(transaction)) => execute_pg(transaction, sql, args).await,
        };
        conn.note(result)
    }

    /// Runs a statement that must change exactly one row: the optimistic version check.
    /// [`StoreError::Conflict`] names `what` otherwise.
    pub async fn execute_one(self, what: &'static str) -> Result<(), StoreError> {
        match self.execute().await? {
            1 => Ok(()),
            _ => Err(StoreError::Conflict { what }),
        }
    }
}

/// SQLite would take a missing parameter for NULL, and the two engines tell of a surplus one in different words.
fn checked(sql: &str, args: &[Value]) -> Result<(), StoreError> {
    let wanted = sql::parameters(sql);
    if wanted == args.len() {
        return storable(args);
    }
    Err(StoreError::Sql(
        format!("a statement has {wanted} parameters and was given {}", args.len()).into(),
    ))
}

pub(crate) fn bind_lite(statement: &mut rusqlite::Statement<'_>, args: &[Value]) -> Result<(), StoreError> {
    use rusqlite::types::{Null, ToSqlOutput, ValueRef};
    for (at, value) in args.iter().enumerate() {
        let index = at + 1;
        match value {
            Value::Null(_) => statement.raw_bind_parameter(index, Null)?,
            Value::Int(i) => statement.raw_bind_parameter(index, i)?,
            Value::Text(t) => {
                statement.raw_bind_parameter(index, ToSqlOutput::Borrowed(ValueRef::Text(t.as_bytes())))?;
            }
            Value::Bytes(b) => {
                statement.raw_bind_parameter(index, ToSqlOutput::Borrowed(ValueRef::Blob(b)))?;
            }
            Value::Bool(b) => statement.raw_bind_parameter(index, b)?,
            Value::Date(d) => statement.raw_bind_parameter(index, d.to_string())?,
            Value::Stamp(s) => statement.raw_bind_parameter(index, s.to_string())?,
            Value::List(items) => statement
                .raw_bind_parameter(index, serde_json::to_string(items).map_err(StoreError::Encoding)?)?,
        }
    }
    Ok(())
}

fn all_lite<R: Record>(
    connection: &rusqlite::Connection,
    sql: &str,
    args: &[Value],
    most: usize,
) -> Result<Vec<R>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    bind_lite(&mut statement, args)?;
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while found.len() < most {
        let Some(row) = rows.next()? else { break };
        found.push(R::read(&mut Cells::new(RowRef::Lite(row)))?);
    }
    Ok(found)
}

fn execute_lite(connection: &rusqlite::Connection, sql: &str, args: &[Value]) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    bind_lite(&mut statement, args)?;
    Ok(statement.raw_execute()? as u64)
}

async fn all_pg<R: Record>(
    transaction: &mut Transaction<'static, Postgres>,
    sql: &'static str,
    args: Vec<Value>,
) -> Result<Vec<R>, StoreError> {
    let rows = sqlx::query_with(pg_text(sql), pg_args(args)?)
        .fetch_all(&mut **transaction)
        .await?;
    rows.iter().map(read_pg).collect()
}

async fn optional_pg<R: Record>(
    transaction: &mut Transaction<'static, Postgres>,
    sql: &'static str,
    args: Vec<Value>,
) -> Result<Option<R>, StoreError> {
    let row = sqlx::query_with(pg_text(sql), pg_args(args)?)
        .fetch_optional(&mut **transaction)
        .await?;
    row.as_ref().map(read_pg).transpose()
}

async fn execute_pg(
    transaction: &mut Transaction<'static, Postgres>,
    sql: &'static str,
    args: Vec<Value>,
) -> Result<u64, StoreError> {
    let done = sqlx::query_with(pg_text(sql), pg_args(args)?)
        .execute(&mut **transaction)
        .await?;
    Ok(done.rows_affected())
}

fn pg_text(sql: &'static str) -> SqlStr {
    if sql.contains("IN LIST(") {
        AssertSqlSafe(sql::postgres(sql)).into_sql_str()
    } else {
        sql.into_sql_str()
    }
}

fn pg_args(values: Vec<Value>) -> Result<PgArguments, StoreError> {
    let mut args = PgArguments::default();
    for value in values {
        match value {
            Value::Null(Kind::Int) => args.add(None::<i64>),
            Value::Null(Kind::Text) => args.add(None::<String>),
            Value::Null(Kind::Bytes) => args.add(None::<Vec<u8>>),
            Value::Null(Kind::Bool) => args.add(None::<bool>),
            Value::Null(Kind::Date) => args.add(None::<time::Date>),
            Value::Null(Kind::Stamp) => args.add(None::<time::OffsetDateTime>),
            Value::Int(v) => args.add(v),
            Value::Text(v) => args.add(v),
            Value::Bytes(v) => args.add(v),
            Value::Bool(v) => args.add(v),
            Value::Date(v) => args.add(pg_date(v)),
            Value::Stamp(v) => args.add(pg_stamp(v)),
            Value::List(v) => args.add(v),
        }
        .map_err(StoreError::Sql)?;
    }
    Ok(args)
}

fn read_pg<R: Record>(row: &PgRow) -> Result<R, StoreError> {
    R::read(&mut Cells::new(RowRef::Pg(row)))
}

pub(crate) fn pg_date(date: Date) -> time::Date {
    let month = u8::try_from(date.month())
        .ok()
        .and_then(|m| time::Month::try_from(m).ok());
    let day = u8::try_from(date.day()).unwrap_or(1);
    // Every jiff date is a date of the same proleptic Gregorian calendar.
    time::Date::from_calendar_date(i32::from(date.year()), month.unwrap_or(time::Month::January), day)
        .unwrap_or(time::Date::MIN)
}

pub(crate) fn pg_stamp(stamp: Stamp) -> time::OffsetDateTime {
    time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(stamp.as_micros()) * 1_000)
        .unwrap_or(time::OffsetDateTime::UNIX_EPOCH)
}
