//! Rows of either engine, read by position.

use crate::{Column, Kind, Malformed, StoreError, Value};
use mz_kernel::{Date, Stamp};
use rusqlite::types::ValueRef;
use sqlx::Row as _;

pub(crate) enum RowRef<'r> {
    Lite(&'r rusqlite::Row<'r>),
    Pg(&'r sqlx::postgres::PgRow),
}

/// The cells of one row, taken from left to right in the order of the statement's columns.
pub struct Cells<'r> {
    row: RowRef<'r>,
    at: usize,
}

impl<'r> Cells<'r> {
    pub(crate) fn new(row: RowRef<'r>) -> Self {
        Self { row, at: 0 }
    }

    /// The next cell as a `T`.
    pub fn take<T: Column>(&mut self) -> Result<T, StoreError> {
        let column = self.at;
        self.at += 1;
        let value = match self.row {
            RowRef::Lite(row) => lite(row.get_ref(column)?, T::KIND),
            RowRef::Pg(row) => pg(row, column, T::KIND)?,
        };
        value
            .and_then(T::decode)
            .map_err(|source| StoreError::Malformed { column, source })
    }
}

/// What a statement returns: [`crate::record!`] writes this for a struct, and tuples have it.
pub trait Record: Sized + Send {
    /// Reads one row.
    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError>;
}

macro_rules! tuples {
    ($(($($name:ident)+))*) => {$(
        impl<$($name: Column + Send),+> Record for ($($name,)+) {
            fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
                Ok(($(cells.take::<$name>()?,)+))
            }
        }
    )*};
}
tuples! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) }

/// Declares a struct whose fields are the columns of a statement, in this order.
#[macro_export]
macro_rules! record {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $ty:ty),* $(,)? }) => {
        $(#[$meta])*
        $vis struct $name { $($(#[$field_meta])* $field_vis $field: $ty),* }
        impl $crate::Record for $name {
            fn read(cells: &mut $crate::Cells<'_>) -> Result<Self, $crate::StoreError> {
                Ok(Self { $($field: cells.take::<$ty>()?),* })
            }
        }
    };
}

fn lite(value: ValueRef<'_>, kind: Kind) -> Result<Value, Malformed> {
    let found = |what: &str| Malformed {
        expected: "a value of the column's kind",
        found: what.to_owned(),
    };
    let text = |bytes: &[u8]| {
        std::str::from_utf8(bytes)
            .map(str::to_owned)
            .map_err(|_| found("text that is not UTF-8"))
    };
    Ok(match (value, kind) {
        (ValueRef::Null, _) => Value::Null(kind),
        (ValueRef::Integer(i), Kind::Int) => Value::Int(i),
        (ValueRef::Integer(i), Kind::Bool) => Value::Bool(i != 0),
        (ValueRef::Text(t), Kind::Text) => Value::Text(text(t)?),
        (ValueRef::Blob(b), Kind::Bytes) => Value::Bytes(b.to_owned()),
        (ValueRef::Text(t), Kind::Date) => Value::Date(
            text(t)?
                .parse::<Date>()
                .map_err(|_| found("text that is no date"))?,
        ),
        (ValueRef::Text(t), Kind::Stamp) => Value::Stamp(
            text(t)?
                .parse::<Stamp>()
                .map_err(|_| found("text that is no instant"))?,
        ),
        (ValueRef::Integer(_), _) => return Err(found("an integer")),
        (ValueRef::Real(_), _) => return Err(found("a floating-point number")),
        (ValueRef::Text(_), _) => return Err(found("a text")),
        (ValueRef::Blob(_), _) => return Err(found("bytes")),
    })
}

fn pg(
    row: &sqlx::postgres::PgRow,
    column: usize,
    kind: Kind,
) -> Result<Result<Value, Malformed>, StoreError> {
    fn or_null<T>(kind: Kind, value: Option<T>, wrap: impl FnOnce(T) -> Value) -> Value {
        value.map_or(Value::Null(kind), wrap)
    }
    let value = match kind {
        Kind::Int => or_null(kind, row.try_get(column)?, Value::Int),
        Kind::Text => or_null(kind, row.try_get(column)?, Value::Text),
        Kind::Bytes => or_null(kind, row.try_get(column)?, Value::Bytes),
        Kind::Bool => or_null(kind, row.try_get(column)?, Value::Bool),
        Kind::Date => match row.try_get::<Option<time::Date>, _>(column)? {
            None => Value::Null(kind),
            Some(date) => match from_time_date(date) {
                Ok(date) => Value::Date(date),
                Err(error) => return Ok(Err(error)),
            },
        },
        Kind::Stamp => or_null(
            kind,
            row.try_get::<Option<time::OffsetDateTime>, _>(column)?,
            |at| {
                // Micros since 1970 of any year that PostgreSQL can store fit into i64.
                Value::Stamp(Stamp::from_micros(
                    i64::try_from(at.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX),
                ))
            },
        ),
    };
    Ok(Ok(value))
}

fn from_time_date(date: time::Date) -> Result<Date, Malformed> {
    let year = i16::try_from(date.year());
    let day = i8::try_from(date.day());
    let month = i8::try_from(u8::from(date.month()));
    match (year, month, day) {
        (Ok(year), Ok(month), Ok(day)) => Date::new(year, month, day).ok(),
        _ => None,
    }
    .ok_or_else(|| Malformed {
        expected: "a date",
        found: "a date out of range".to_owned(),
    })
}
