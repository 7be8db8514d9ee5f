//! Values as both engines know them, and the one trait that carries a word of ours into a column and back.

use mz_contracts::Code;
use mz_kernel::{
    BatchId, CaseId, Date, DeathId, DivisionCode, EntitlementId, EventId, Fen, LineId, Month, NoticeId,
    OfficerId, PaymentId, PersonId, RecoveryId, ReportId, RunId, Sex, Stamp,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The column kinds that the suite uses. Their PostgreSQL type names are accepted by SQLite unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `BIGINT`.
    Int,
    /// `TEXT`.
    Text,
    /// `BYTEA`.
    Bytes,
    /// `BOOLEAN` (0 or 1 on SQLite).
    Bool,
    /// `DATE` (ISO text on SQLite).
    Date,
    /// `TIMESTAMPTZ` (fixed-width RFC 3339 text on SQLite, so that text order is time order).
    Stamp,
}

/// One value on its way into or out of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// SQL NULL of a kind: PostgreSQL wants to know the kind of what is missing.
    Null(Kind),
    /// See [`Kind::Int`].
    Int(i64),
    /// See [`Kind::Text`].
    Text(String),
    /// See [`Kind::Bytes`].
    Bytes(Vec<u8>),
    /// See [`Kind::Bool`].
    Bool(bool),
    /// See [`Kind::Date`].
    Date(Date),
    /// See [`Kind::Stamp`].
    Stamp(Stamp),
    /// A set of texts for `… IN LIST($n)`; it is never stored.
    List(Vec<String>),
}

impl Value {
    /// The kind of column that it fits; none for a set.
    pub(crate) fn kind(&self) -> Option<Kind> {
        match self {
            Self::Null(kind) => Some(*kind),
            Self::Int(_) => Some(Kind::Int),
            Self::Text(_) => Some(Kind::Text),
            Self::Bytes(_) => Some(Kind::Bytes),
            Self::Bool(_) => Some(Kind::Bool),
            Self::Date(_) => Some(Kind::Date),
            Self::Stamp(_) => Some(Kind::Stamp),
            Self::List(_) => None,
        }
    }
}

/// What a column held was not what the program stores there: the database was changed by another hand.
#[derive(Debug, thiserror::Error)]
#[error("expected {expected}, found {found}")]
pub struct Malformed {
    /// What the program expects.
    pub expected: &'static str,
    /// What was found; never the value itself.
    pub found: String,
}

impl Malformed {
    /// A value of the wrong kind.
    pub fn kind(expected: &'static str, found: &Value) -> Self {
        let found = match found {
            Value::Null(_) => "NULL",
            Value::Int(_) => "an integer",
            Value::Text(_) => "a text",
            Value::Bytes(_) => "bytes",
            Value::Bool(_) => "a boolean",
            Value::Date(_) => "a date",
            Value::Stamp(_) => "an instant",
            Value::List(_) => "a list",
        };
        Self {
            expected,
            found: found.to_owned(),
        }
    }
}

/// A type that lives in one column.
pub trait Column: Sized {
    /// The kind of the column.
    const KIND: Kind;
    /// The value to store.
    fn encode(&self) -> Value;
    /// The stored value back; [`Malformed`] when it is not one that [`Column::encode`] writes.
    fn decode(value: Value) -> Result<Self, Malformed>;
}

macro_rules! plain {
    ($($ty:ty => $kind:ident, $name:literal;)*) => {$(
        impl Column for $ty {
            const KIND: Kind = Kind::$kind;
            fn encode(&self) -> Value { Value::$kind(self.to_owned()) }
            fn decode(value: Value) -> Result<Self, Malformed> {
                match value { Value::$kind(v) => Ok(v), other => Err(Malformed::kind($name, &other)) }
            }
        }
    )*};
}
plain! {
    i64 => Int, "an integer";
    String => Text, "a text";
    Vec<u8> => Bytes, "bytes";
    bool => Bool, "a boolean";
    Date => Date, "a date";
    Stamp => Stamp, "an instant";
}

impl Column for &str {
    const KIND: Kind = Kind::Text;
    fn encode(&self) -> Value {
        Value::Text((*self).to_owned())
    }
    fn decode(value: Value) -> Result<Self, Malformed> {
        Err(Malformed::kind("an owned text", &value))
    }
}

impl<T: Column> Column for Option<T> {
    const KIND: Kind = T::KIND;
    fn encode(&self) -> Value {
        self.as_ref().map_or(Value::Null(T::KIND), Column::encode)
    }
    fn decode(value: Value) -> Result<Self, Malformed> {
        match value {
            Value::Null(_) => Ok(None),
            other => T::decode(other).map(Some),
        }
    }
}

impl<T: Column> Column for &T {
    const KIND: Kind = T::KIND;
    fn encode(&self) -> Value {
        (*self).encode()
    }
    fn decode(value: Value) -> Result<Self, Malformed> {
        Err(Malformed::kind("an owned value", &value))
    }
}

impl Column for Fen {
    const KIND: Kind = Kind::Int;
    fn encode(&self) -> Value {
        Value::Int(self.get())
    }
    fn decode(value: Value) -> Result<Self, Malformed> {
        i64::decode(value).map(Self::new)
    }
}

impl Column for Sex {
    const KIND: Kind = Kind::Text;
    fn encode(&self) -> Value {
        let text = match self {
            Self::Male => "male",
            Self::Female => "female",
        };
        Value::Text(text.to_owned())
    }
    fn decode(value: Value) -> Result<Self, Malformed> {
        match String::decode(value)?.as_str() {
            "male" => Ok(Self::Male),
            "female" => Ok(Self::Female),
            _ => Err(Malformed {
                expected: "a sex",
                found: "another text".to_owned(),
            }),
        }
    }
}

/// A value kept as JSON text: a list or a state that no statement looks into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: Serialize + DeserializeOwned> Column for Json<T> {
    const KIND: Kind = Kind::Text;
    fn encode(&self) -> Value {
        // Plain data of our own always is JSON; anything else would not be read back.
        Value::Text(serde_json::to_string(&self.0).unwrap_or_default())
    }
    fn decode(value: Value) -> Result<Self, Malformed> {
        let text = String::decode(value)?;
        let read = serde_json::from_str(&text).map(Self);
        read.map_err(|_| Malformed {
            expected: "JSON of the column's type",
            found: "another text".to_owned(),
        })
    }
}

/// Stores a type by its `Display` and reads it back by its `FromStr`.
///
/// ```
/// # #[derive(Debug, PartialEq)] struct Colour; impl std::fmt::Display for Colour { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("red") } }
/// # impl std::str::FromStr for Colour { type Err = (); fn from_str(s: &str) -> Result<Self, ()> { if s == "red" { Ok(Colour) } else { Err(()) } } }
/// mz_store::text_column!(Colour, "a colour");
/// ```
#[macro_export]
macro_rules! text_column {
    ($ty:ty, $what:literal) => {
        impl $crate::Column for $ty {
            const KIND: $crate::Kind = $crate::Kind::Text;
            fn encode(&self) -> $crate::Value {
                $crate::Value::Text(self.to_string())
            }
            fn decode(value: $crate::Value) -> Result<Self, $crate::Malformed> {
                let text = <String as $crate::Column>::decode(value)?;
                text.parse().map_err(|_| $crate::Malformed {
                    expected: $what,
                    found: "another text".to_owned(),
                })
            }
        }
    };
}
text_column!(Month, "a month");
text_column!(DivisionCode, "a division code");
text_column!(Code, "a code");

text_column!(PersonId, "a person id");
text_column!(CaseId, "a case id");
text_column!(EventId, "an event id");
text_column!(DeathId, "a death id");
text_column!(EntitlementId, "an entitlement id");
text_column!(LineId, "a line id");
text_column!(BatchId, "a batch id");
text_column!(PaymentId, "a payment id");
text_column!(RecoveryId, "a recovery id");
text_column!(NoticeId, "a notice id");
text_column!(ReportId, "a report id");
text_column!(RunId, "a run id");
text_column!(OfficerId, "an officer id");

/// Text set for `… IN LIST($n)`.
pub fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> Value {
    Value::List(items.into_iter().map(|i| i.to_string()).collect())
}

/// Anything that may stand behind `.bind(…)`.
pub trait Bind {
    /// The value to bind.
    fn value(self) -> Value;
}
impl<T: Column> Bind for T {
    fn value(self) -> Value {
        self.encode()
    }
}
