//! Why an amount is what it is.

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The fact, event or decision that caused a change, by kind and id: `death death_01m…`, `standard
/// tekun.standard.urban@2020-07`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Cause {
    /// A stable code that an officer can read: `decision`, `death`, `standard`.
    pub kind: Cow<'static, str>,
    /// Which one of its kind.
    pub id: String,
}

impl Cause {
    /// The cause of a kind with an id.
    pub fn new(kind: impl Into<Cow<'static, str>>, id: impl fmt::Display) -> Cause {
        Cause {
            kind: kind.into(),
            id: id.to_string(),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.id)
    }
}
