//! Words from lists that grow without a new version of an event.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// A word from an open list: a programme (`tekun`), a reason (`income-above-limit`), a standard's key
/// (`tekun.urban`), a unit (`person-month`).
///
/// Lower-case words joined by `-`, in levels joined by `.`, at most [`Code::LENGTH_MAX`] bytes. A list is open when
/// a place or a new programme may add to it; a reader that does not know a code passes it on and does not fail.
/// What cannot grow is an enum.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code(Cow<'static, str>);

/// The text is not a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a code is lower-case letters and digits in words joined by `-` or `.`, at most 64 characters")]
pub struct InvalidCode;

impl Code {
    /// The longest code, in bytes.
    pub const LENGTH_MAX: usize = 64;

    /// A code that stands in the source text. An invalid one does not compile in a `const`.
    ///
    /// # Panics
    /// When `text` is no code.
    pub const fn of(text: &'static str) -> Self {
        assert!(is_code(text.as_bytes()), "not a code: see InvalidCode");
        Self(Cow::Borrowed(text))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const fn is_code(text: &[u8]) -> bool {
    if text.is_empty() || text.len() > Code::LENGTH_MAX {
        return false;
    }
    let mut within_word = false;
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'a'..=b'z' | b'0'..=b'9' => within_word = true,
            b'-' | b'.' if within_word => within_word = false,
            _ => return false,
        }
        at += 1;
    }
    within_word
}

impl TryFrom<String> for Code {
    type Error = InvalidCode;

    fn try_from(text: String) -> Result<Self, InvalidCode> {
        if is_code(text.as_bytes()) {
            Ok(Self(Cow::Owned(text)))
        } else {
            Err(InvalidCode)
        }
    }
}

impl FromStr for Code {
    type Err = InvalidCode;

    fn from_str(text: &str) -> Result<Self, InvalidCode> {
        Self::try_from(text.to_owned())
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.0.into_owned()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl JsonSchema for Code {
    fn schema_name() -> Cow<'static, str> {
        "Code".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A word from an open list.",
            "pattern": "^[a-z0-9]+([-.][a-z0-9]+)*$",
            "maxLength": Code::LENGTH_MAX,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_joined_by_dashes_and_dots_are_codes_and_nothing_else_is() {
        for good in ["tekun", "tekun.urban", "income-above-limit", "p52", "a.b-c.d"] {
            assert_eq!(good.parse::<Code>().map(String::from), Ok(good.to_owned()));
        }
        let long = "a".repeat(65);
        for bad in [
            "",
            "Tekun",
            "特困",
            "a b",
            "-a",
            "a-",
            "a--b",
            "a.-b",
            ".a",
            "a_b",
            long.as_str(),
        ] {
            assert_eq!(bad.parse::<Code>(), Err(InvalidCode), "{bad:?}");
            assert!(
                serde_json::from_value::<Code>(serde_json::json!(bad)).is_err(),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn a_code_of_the_source_text_equals_a_parsed_one() {
        const TEKUN: Code = Code::of("tekun");
        assert_eq!(TEKUN, "tekun".parse().unwrap());
    }
}
