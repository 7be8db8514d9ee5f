//! Many rows in one statement.

use crate::conn::{bind_lite, pg_date, pg_stamp, storable};
use crate::{Kind, StoreError, Value};
use mz_kernel::{Date, Stamp};
use sqlx::Arguments as _;
use sqlx::postgres::PgArguments;
use sqlx::{AssertSqlSafe, Postgres, SqlSafeStr as _, Transaction};
use std::fmt::Write as _;

/// Where [`crate::Conn::insert_all`] writes.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// The table's name.
    pub name: &'static str,
    /// Its columns with their kinds, in the order of the values.
    pub columns: &'static [(&'static str, Kind)],
    /// `""`, or an `ON CONFLICT …` clause.
    pub on_conflict: &'static str,
}

impl Table {
    /// SQLite would take any value in any column, and PostgreSQL any number of them in a row.
    pub(crate) fn takes(&self, rows: &[Vec<Value>]) -> Result<(), StoreError> {
        let fits = |row: &Vec<Value>| {
            let kinds = self.columns.iter().map(|(_, kind)| Some(*kind));
            row.iter().map(Value::kind).eq(kinds)
        };
        if rows.iter().all(fits) {
            return storable(rows.iter().flatten());
        }
        let refusal = format!("a row does not have the columns of table {}", self.name);
        Err(StoreError::Sql(refusal.into()))
    }
}

pub(crate) fn insert_lite(
    connection: &rusqlite::Connection,
    table: &Table,
    rows: &[Vec<Value>],
) -> Result<u64, StoreError> {
    let mut sql = format!("INSERT INTO {} ({}) VALUES (", table.name, names(table));
    for index in 1..=table.columns.len() {
        let _ = write!(sql, "{}?{index}", if index == 1 { "" } else { ", " });
    }
    let _ = write!(sql, ") {}", table.on_conflict);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut written = 0;
    for row in rows {
        bind_lite(&mut statement, row)?;
        written += statement.raw_execute()? as u64;
    }
    Ok(written)
}

/// PostgreSQL copies a statement's arrays several times while it runs: bounded so that memory stays flat.
const ROWS_A_STATEMENT_MAX: usize = 5_000;

pub(crate) async fn insert_pg(
    transaction: &mut Transaction<'static, Postgres>,
    table: &Table,
    rows: Vec<Vec<Value>>,
) -> Result<u64, StoreError> {
    let mut sql = format!(
        "INSERT INTO {} ({}) SELECT * FROM UNNEST(",
        table.name,
        names(table)
    );
    for (at, (_, kind)) in table.columns.iter().enumerate() {
        let array = match kind {
            Kind::Int => "BIGINT[]",
            Kind::Text => "TEXT[]",
            Kind::Bytes => "BYTEA[]",
            Kind::Bool => "BOOLEAN[]",
            Kind::Date => "DATE[]",
            Kind::Stamp => "TIMESTAMPTZ[]",
        };
        let _ = write!(sql, "{}${}::{array}", if at == 0 { "" } else { ", " }, at + 1);
    }
    let _ = write!(sql, ") {}", table.on_conflict);
    let mut written = 0;
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk: Vec<Vec<Value>> = rows.by_ref().take(ROWS_A_STATEMENT_MAX).collect();
        let query = sqlx::query_with(
            AssertSqlSafe(sql.clone()).into_sql_str(),
            pg_columns(table, &chunk)?,
        );
        written += query.execute(&mut **transaction).await?.rows_affected();
    }
    Ok(written)
}

fn names(table: &Table) -> String {
    let names: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

fn pg_columns(table: &Table, rows: &[Vec<Value>]) -> Result<PgArguments, StoreError> {
    macro_rules! column {
        ($at:expr, $variant:ident, $take:expr) => {
            rows.iter()
                .map(|row| match row.get($at) {
                    Some(Value::$variant(v)) => Ok(Some($take(v))),
                    Some(Value::Null(_)) => Ok(None),
                    _ => Err(StoreError::Sql(
                        "a row does not have the table's columns".into(),
                    )),
                })
                .collect::<Result<Vec<_>, StoreError>>()?
        };
    }
    let mut args = PgArguments::default();
    for (at, (_, kind)) in table.columns.iter().enumerate() {
        match kind {
            Kind::Int => args.add(column!(at, Int, |v: &i64| *v)),
            Kind::Text => args.add(column!(at, Text, String::clone)),
            Kind::Bytes => args.add(column!(at, Bytes, Vec::<u8>::clone)),
            Kind::Bool => args.add(column!(at, Bool, |v: &bool| *v)),
            Kind::Date => args.add(column!(at, Date, |v: &Date| pg_date(*v))),
            Kind::Stamp => args.add(column!(at, Stamp, |v: &Stamp| pg_stamp(*v))),
        }
        .map_err(StoreError::Sql)?;
    }
    Ok(args)
}
