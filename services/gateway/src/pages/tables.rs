//! Tables, and the cells of tables and facts.

use super::frame::Tone;

/// One cell of a table or one fact.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) href: Option<String>,
    pub(crate) tag: Option<Tone>,
    pub(crate) class: &'static str,
    /// Drawn before the text; only from `charts`.
    pub(crate) svg: String,
    pub(crate) note: String,
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Cell {
        Cell {
            text: text.into(),
            ..Cell::default()
        }
    }

    pub(crate) fn link(href: impl Into<String>, text: impl Into<String>) -> Cell {
        Cell {
            href: Some(href.into()),
            ..Cell::text(text)
        }
    }

    pub(crate) fn tag(tone: Tone, text: impl Into<String>) -> Cell {
        Cell {
            tag: Some(tone),
            ..Cell::text(text)
        }
    }

    /// An amount; below zero it is red as well as signed.
    pub(crate) fn money(amount: mz_kernel::Fen) -> Cell {
        Cell {
            class: if amount.get() < 0 { "mz-neg" } else { "" },
            ..Cell::text(crate::format::yuan(amount))
        }
    }

    pub(crate) fn count(number: u64) -> Cell {
        Cell::text(crate::format::count(number))
    }

    /// A count that may lie below zero, such as what was corrected.
    pub(crate) fn number(number: i64) -> Cell {
        let sign = if number < 0 { "−" } else { "" };
        Cell::text(format!("{sign}{}", crate::format::count(number.unsigned_abs())))
    }

    pub(crate) fn with_note(self, note: impl Into<String>) -> Cell {
        Cell {
            note: note.into(),
            ..self
        }
    }
}

/// The head of a column; numbers stand at the right.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) text: &'static str,
    pub(crate) number: bool,
}

/// A table; `totals` has a cell a column, or none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    pub(crate) caption: String,
    pub(crate) heads: Vec<Head>,
    pub(crate) rows: Vec<Vec<Cell>>,
    pub(crate) totals: Vec<Cell>,
    /// What is said instead when there is no row.
    pub(crate) empty: &'static str,
    pub(crate) next: Option<String>,
}

impl Table {
    /// Columns by name; those that begin with `#` hold numbers.
    pub(crate) fn new(caption: impl Into<String>, heads: &[&'static str], empty: &'static str) -> Table {
        let heads = heads
            .iter()
            .map(|head| Head {
                text: head.trim_start_matches('#'),
                number: head.starts_with('#'),
            })
            .collect();
        Table {
            caption: caption.into(),
            heads,
            empty,
            ..Table::default()
        }
    }

    /// The cells of a row, each with whether its column holds numbers.
    pub(crate) fn marked<'a>(&'a self, row: &'a [Cell]) -> impl Iterator<Item = (&'a Cell, bool)> {
        let numbers = self.heads.iter().map(|head| head.number);
        row.iter().zip(numbers.chain(std::iter::repeat(false)))
    }
}
