//! One SQL text for both engines: `$1` placeholders and `IN LIST($1)`; the rest is kept portable by hand.
//!
//! SQLite numbers `$1` by first appearance and `?1` by its digit, so `$n` becomes `?n` there. `IN LIST($n)` becomes
//! `= ANY($n)` on PostgreSQL and a `json_each` on SQLite: one parameter, however many members.

use std::collections::HashMap;
use std::sync::Arc;

/// Texts already rewritten, keyed by the address of the constant: statements are `'static`.
#[derive(Debug, Default)]
pub(crate) struct Rewritten(HashMap<(usize, usize), Arc<str>>);

impl Rewritten {
    pub(crate) fn sqlite(&mut self, sql: &'static str) -> Arc<str> {
        let key = (sql.as_ptr() as usize, sql.len());
        Arc::clone(self.0.entry(key).or_insert_with(|| sqlite(sql).into()))
    }
}

/// The text that SQLite prepares.
pub(crate) fn sqlite(sql: &str) -> String {
    lists(sql, |n| format!("IN (SELECT value FROM json_each(${n}))")).replace('$', "?")
}

/// The text that PostgreSQL prepares.
pub(crate) fn postgres(sql: &str) -> String {
    lists(sql, |n| format!("= ANY(${n})"))
}

/// How many parameters a statement takes: its highest `$n`.
pub(crate) fn parameters(sql: &str) -> usize {
    let numbers = sql.split('$').skip(1).map(|rest| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit);
        digits.fold(0, |number: usize, digit| number * 10 + usize::from(digit - b'0'))
    });
    numbers.max().unwrap_or(0)
}

fn lists(sql: &str, write: impl Fn(&str) -> String) -> String {
    const OPEN: &str = "IN LIST($";
    let mut out = String::with_capacity(sql.len() + 32);
    let mut rest = sql;
    while let Some(at) = rest.find(OPEN) {
        out.push_str(&rest[..at]);
        let after = &rest[at + OPEN.len()..];
        let end = after.find(')').unwrap_or(after.len());
        out.push_str(&write(&after[..end]));
        rest = after.get(end + 1..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn placeholders_keep_their_number_on_sqlite() {
        assert_eq!(
            sqlite("UPDATE a SET b = $2 WHERE c = $1"),
            "UPDATE a SET b = ?2 WHERE c = ?1"
        );
    }

    #[test]
    fn a_list_is_one_parameter_on_both_engines() {
        let sql = "SELECT a FROM b WHERE c IN LIST($1) AND d IN LIST($2)";
        assert_eq!(postgres(sql), "SELECT a FROM b WHERE c = ANY($1) AND d = ANY($2)");
        assert_eq!(
            sqlite(sql),
            "SELECT a FROM b WHERE c IN (SELECT value FROM json_each(?1)) AND d IN (SELECT value FROM json_each(?2))"
        );
    }

    /// A piece of a statement, as it is written and as each engine gets it.
    #[derive(Debug, Clone)]
    enum Piece {
        Plain(String),
        Placeholder(usize),
        List(usize),
    }

    fn piece() -> impl Strategy<Value = Piece> {
        prop_oneof![
            "[ a-zA-Z0-9_,.=<>'()\\[\\]]{0,12}".prop_map(Piece::Plain),
            "[ 特困LISTIN(]{0,6}".prop_map(Piece::Plain),
            (1_usize..200).prop_map(Piece::Placeholder),
            (1_usize..200).prop_map(Piece::List),
        ]
    }

    fn joined(pieces: &[Piece], placeholder: char, list: impl Fn(usize) -> String) -> String {
        let write = |piece: &Piece| match piece {
            Piece::Plain(text) => text.clone(),
            // A space behind: the next piece may begin with a digit.
            Piece::Placeholder(n) => format!("{placeholder}{n} "),
            Piece::List(n) => list(*n),
        };
        pieces.iter().map(write).collect()
    }

    proptest! {
        #[test]
        fn only_placeholders_and_lists_are_rewritten(pieces in proptest::collection::vec(piece(), 0..20)) {
            let sql = joined(&pieces, '$', |n| format!(" IN LIST(${n})"));
            // What was put together by chance is no longer what its pieces were.
            prop_assume!(sql.matches("IN LIST($").count() == pieces.iter().filter(|p| matches!(p, Piece::List(_))).count());
            prop_assert_eq!(postgres(&sql), joined(&pieces, '$', |n| format!(" = ANY(${n})")));
            prop_assert_eq!(
                sqlite(&sql),
                joined(&pieces, '?', |n| format!(" IN (SELECT value FROM json_each(?{n}))"))
            );
            let highest = pieces.iter().map(|piece| match piece {
                Piece::Plain(_) => 0,
                Piece::Placeholder(n) | Piece::List(n) => *n,
            });
            prop_assert_eq!(parameters(&sql), highest.max().unwrap_or(0));
        }
    }
}
