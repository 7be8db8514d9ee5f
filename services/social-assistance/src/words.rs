//! Closed lists of words: each is one text on the wire, in a column and in a policy pack.

/// A word that is none of the list.
#[derive(Debug, thiserror::Error)]
#[error("the word is none of the list")]
pub(crate) struct NoSuchWord;

/// Declares a list.
macro_rules! words {
    ($(#[$meta:meta])* $Name:ident { $($(#[$word_meta:meta])* $Word:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub(crate) enum $Name { $($(#[$word_meta])* #[serde(rename = $text)] $Word,)+ }

        impl $Name {
            /// The word.
            pub(crate) const fn text(self) -> &'static str {
                match self { $(Self::$Word => $text,)+ }
            }
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.text())
            }
        }

        impl std::str::FromStr for $Name {
            type Err = $crate::words::NoSuchWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($text => Ok(Self::$Word),)+ _ => Err($crate::words::NoSuchWord) }
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Where a case stands.
    State {
        /// 受理.
        Accepted = "accepted",
        /// 拟办.
        Proposed = "proposed",
        /// 准予.
        Granted = "granted",
        /// 不予.
        Refused = "refused",
        /// 撤回.
        Withdrawn = "withdrawn",
    }
}
mz_store::text_column!(State, "the state of a case");
