//! Closed lists of words: each is one text on the wire, in a column and in a policy pack.

/// A word that is none of the list.
#[derive(Debug, thiserror::Error)]
#[error("the word is none of the list")]
pub struct NoSuchWord;

/// Declares a list inside a crate, which has serde and schemars of its own.
///
/// ```
/// mz_kernel::words! {
///     /// A pace.
///     Pace { Slow = "slow", Quick = "quick", }
/// }
/// assert_eq!("quick".parse::<Pace>().ok(), Some(Pace::Quick));
/// assert_eq!(Pace::Slow.text(), "slow");
/// assert!("Quick".parse::<Pace>().is_err());
/// ```
#[macro_export]
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
