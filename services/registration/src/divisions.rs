//! The division tree 行政区划: units with dated codes, and what a list of rows changes in it.
//!
//! A code is given out once; one that was retired is never given out again (行政区划代码管理办法). A unit lies in the
//! unit whose code begins its own, and lives only while that one does.

use mz_kernel::{Date, DivisionCode, Level};
use std::collections::BTreeMap;

/// A unit of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) code: DivisionCode,
    /// In full, in Chinese.
    pub(crate) name: String,
    /// What it calls itself: `镇`, `乡`, `街道`, `村`, `社区`.
    pub(crate) kind: Option<String>,
    /// The first day on which the code holds.
    pub(crate) from: Date,
    /// The first day on which it no longer holds.
    pub(crate) until: Option<Date>,
    /// What took its place.
    pub(crate) successors: Vec<DivisionCode>,
}

impl Unit {
    /// Whether the code holds on a day.
    pub(crate) fn is_live(&self, on: Date) -> bool {
        self.from <= on && self.until.is_none_or(|until| on < until)
    }

    fn lives_within(&self, whole: &Unit) -> bool {
        whole.from <= self.from
            && whole
                .until
                .is_none_or(|end| self.until.is_some_and(|own| own <= end))
    }
}

/// Every unit by its code.
pub(crate) type Tree = BTreeMap<DivisionCode, Unit>;

/// What a list of rows changes, in the order of the rows. A unit that is entered with its end stands in both.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) established: Vec<Unit>,
    pub(crate) ended: Vec<Unit>,
}

/// A row that cannot be taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WrongRow {
    /// From 1.
    pub(crate) row: usize,
    pub(crate) field: &'static str,
    pub(crate) what: String,
}

/// Every row of a list that cannot be taken, in their order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WrongRows {
    pub(crate) first: WrongRow,
    pub(crate) others: Vec<WrongRow>,
}

impl WrongRows {
    /// `Err` with the rows, if there are any; one fault a row.
    pub(crate) fn check(mut wrong: Vec<WrongRow>) -> Result<(), WrongRows> {
        wrong.sort_by_key(|wrong| wrong.row);
        wrong.dedup_by_key(|wrong| wrong.row);
        let mut wrong = wrong.into_iter();
        match wrong.next() {
            None => Ok(()),
            Some(first) => Err(WrongRows {
                first,
                others: wrong.collect(),
            }),
        }
    }
}

/// The longest name, in characters.
const NAME_MAX: usize = 60;
/// The longest kind, in characters.
const KIND_MAX: usize = 20;

type Fault = (&'static str, String);

enum Change {
    Nothing,
    Established,
    Ended,
}

/// What the rows change, or every row that is wrong. A row that is known already changes nothing, so that a list can
/// be entered again after a few rows were added to it.
pub(crate) fn enter(area: DivisionCode, tree: &Tree, rows: Vec<Unit>) -> Result<Changes, WrongRows> {
    let (mut after, mut changes) = (tree.clone(), Changes::default());
    let (mut row_of, mut wrong) = (BTreeMap::new(), Vec::new());
    for (unit, row) in rows.into_iter().zip(1..) {
        let change = match row_of.insert(unit.code, row) {
            Some(earlier) => Err(("code", format!("Row {earlier} has the same code."))),
            None => sound(area, &unit).and_then(|()| change(tree.get(&unit.code), &unit)),
        };
        match change {
            Ok(Change::Nothing) => continue,
            Ok(Change::Established) => {
                changes.established.push(unit.clone());
                changes.ended.extend(unit.until.map(|_| unit.clone()));
            }
            Ok(Change::Ended) => changes.ended.push(unit.clone()),
            Err((field, what)) => wrong.push(WrongRow { row, field, what }),
        }
        after.insert(unit.code, unit);
    }
    for (code, row) in &row_of {
        let fault = fits(area, &after, &row_of, code);
        wrong.extend(fault.err().map(|(field, what)| WrongRow {
            row: *row,
            field,
            what,
        }));
    }
    WrongRows::check(wrong)?;
    Ok(changes)
}

/// What is wrong with a row by itself.
fn sound(area: DivisionCode, unit: &Unit) -> Result<(), Fault> {
    let readable = |text: &str, max| {
        let length = text.chars().count();
        (1..=max).contains(&length) && text.trim() == text && !text.contains(char::is_control)
    };
    if !area.contains(&unit.code) && !unit.code.contains(&area) {
        return Err((
            "code",
            format!("{} neither lies in {area} nor contains it.", unit.code),
        ));
    }
    if !readable(&unit.name, NAME_MAX) {
        return Err((
            "name",
            format!("A name has 1 to {NAME_MAX} characters, without blanks around them."),
        ));
    }
    if unit.kind.as_deref().is_some_and(|kind| !readable(kind, KIND_MAX)) {
        return Err((
            "kind",
            format!("A kind has 1 to {KIND_MAX} characters, such as 镇."),
        ));
    }
    if unit.until.is_some_and(|until| until <= unit.from) {
        return Err((
            "until",
            "The first day without the code comes after the first day with it.".to_owned(),
        ));
    }
    if unit.until.is_none() && !unit.successors.is_empty() {
        return Err((
            "successors",
            "Only a code that ends has successors; give `until`, too.".to_owned(),
        ));
    }
    if unit.successors.contains(&unit.code) {
        return Err(("successors", "A code does not succeed itself.".to_owned()));
    }
    Ok(())
}

/// What a row changes about what is known.
fn change(known: Option<&Unit>, unit: &Unit) -> Result<Change, Fault> {
    let Some(known) = known else {
        return Ok(Change::Established);
    };
    if known.from != unit.from {
        let what = format!(
            "The code was given out from {}; a code is given out once.",
            known.from
        );
        return Err(("from", what));
    }
    if known.name != unit.name {
        return Err(("name", format!("The code is known as {}.", known.name)));
    }
    if known.kind != unit.kind {
        return Err(("kind", "The code is known with another kind.".to_owned()));
    }
    match (known.until, unit.until) {
        // A list that does not know of the end does not undo it.
        (_, None) => Ok(Change::Nothing),
        (None, Some(_)) => Ok(Change::Ended),
        (Some(ended), Some(until)) if ended == until && known.successors == unit.successors => {
            Ok(Change::Nothing)
        }
        (Some(ended), Some(_)) => Err((
            "until",
            format!("The code ended on {ended}, with its successors."),
        )),
    }
}

/// Whether a unit of the list fits to the units around it, once all rows are entered.
fn fits(
    area: DivisionCode,
    after: &Tree,
    row_of: &BTreeMap<DivisionCode, usize>,
    code: &DivisionCode,
) -> Result<(), Fault> {
    let Some(unit) = after.get(code) else {
        return Ok(());
    };
    // The divisions above the county are other bureaus' business: they may be entered, and need not.
    if let Some(above) = code.parent().filter(|_| code.level() > Level::County) {
        let Some(whole) = after.get(&above) else {
            return Err((
                "code",
                format!("{above}, in which it lies, is not known; enter it, too."),
            ));
        };
        if !unit.lives_within(whole) {
            return Err((
                "from",
                format!("It does not lie within the time of {above}, in which it lies."),
            ));
        }
    }
    let unknown = |next: &&DivisionCode| area.contains(next) && !after.contains_key(next);
    if let Some(next) = unit.successors.iter().find(unknown) {
        return Err(("successors", format!("{next} is not known; enter it, too.")));
    }
    let mut parts = after
        .range(code..)
        .map(|(_, part)| part)
        .take_while(|part| code.contains(&part.code));
    let left = parts.find(|part| {
        let mine = part.code.parent() == Some(*code) && !row_of.contains_key(&part.code);
        mine && !part.lives_within(unit)
    });
    match left {
        Some(part) => Err((
            "until",
            format!("{}, which lies in it, does not end with it.", part.code),
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> DivisionCode {
        text.parse().unwrap()
    }

    fn unit(text: &str) -> Unit {
        Unit {
            code: code(text),
            name: "夏邛镇".to_owned(),
            kind: Some("镇".to_owned()),
            from: Date::constant(2019, 1, 1),
            until: None,
            successors: Vec::new(),
        }
    }

    fn ended(text: &str, successors: &[&str]) -> Unit {
        Unit {
            until: Some(Date::constant(2020, 6, 5)),
            successors: successors.iter().map(|text| code(text)).collect(),
            ..unit(text)
        }
    }

    fn tree(units: impl IntoIterator<Item = Unit>) -> Tree {
        units.into_iter().map(|unit| (unit.code, unit)).collect()
    }

    fn county() -> Tree {
        tree([unit("513335"), unit("513335100"), unit("513335100201")])
    }

    fn wrong(tree: &Tree, rows: Vec<Unit>) -> Vec<(usize, &'static str)> {
        let WrongRows { first, others } = enter(code("513335"), tree, rows).unwrap_err();
        std::iter::once(first)
            .chain(others)
            .map(|wrong| (wrong.row, wrong.field))
            .collect()
    }

    #[test]
    fn a_code_holds_from_its_first_day_up_to_its_last() {
        let unit = ended("513335100", &[]);
        for (day, live) in [
            ("2018-12-31", false),
            ("2019-01-01", true),
            ("2020-06-04", true),
            ("2020-06-05", false),
        ] {
            assert_eq!(unit.is_live(day.parse().unwrap()), live, "{day}");
        }
    }

    #[test]
    fn rows_that_are_known_change_nothing_and_new_ones_are_established() {
        let rows = vec![
            unit("513335"),
            unit("513335100"),
            unit("513335101"),
            unit("513335101200"),
        ];
        let changes = enter(code("513335"), &county(), rows).unwrap();
        assert_eq!(changes.established, [unit("513335101"), unit("513335101200")]);
        assert_eq!(changes.ended, []);
    }

    #[test]
    fn a_reform_ends_codes_and_gives_out_their_successors_in_one_list() {
        let rows = vec![
            ended("513335100", &["513335101"]),
            ended("513335100201", &["513335101201"]),
            unit("513335101"),
            unit("513335101201"),
        ];
        let changes = enter(code("513335"), &county(), rows.clone()).unwrap();
        assert_eq!(changes.established, rows[2..]);
        assert_eq!(changes.ended, rows[..2]);
        let after = tree(rows.iter().cloned().chain([unit("513335")]));
        assert_eq!(
            enter(code("513335"), &after, rows).unwrap(),
            Changes::default(),
            "entered again"
        );
        assert_eq!(
            enter(code("513335"), &after, vec![unit("513335100")]).unwrap(),
            Changes::default(),
            "an older list does not undo an end"
        );
    }

    #[test]
    fn a_unit_may_be_entered_with_its_end() {
        let row = ended("513335102", &["513335100"]);
        let changes = enter(code("513335"), &county(), vec![row.clone()]).unwrap();
        assert_eq!(
            changes,
            Changes {
                established: vec![row.clone()],
                ended: vec![row]
            }
        );
    }

    #[test]
    fn a_code_is_given_out_once() {
        let again = Unit {
            from: Date::constant(2021, 1, 1),
            ..unit("513335100")
        };
        assert_eq!(wrong(&county(), vec![again]), [(1, "from")]);
        let renamed = Unit {
            name: "金弦子".to_owned(),
            ..unit("513335100")
        };
        assert_eq!(wrong(&county(), vec![renamed]), [(1, "name")]);
        let twice = vec![unit("513335101"), unit("513335101")];
        assert_eq!(wrong(&county(), twice), [(2, "code")]);
        let after = tree([unit("513335"), ended("513335101", &[])]);
        let later = Unit {
            until: Some(Date::constant(2020, 7, 1)),
            ..unit("513335101")
        };
        assert_eq!(wrong(&after, vec![later]), [(1, "until")]);
    }

    #[test]
    fn each_wrong_row_is_named() {
        let rows = vec![
            unit("513336"),
            Unit {
                name: " ".to_owned(),
                ..unit("513335103")
            },
            Unit {
                kind: Some(String::new()),
                ..unit("513335104")
            },
            Unit {
                until: Some(Date::constant(2019, 1, 1)),
                ..unit("513335105")
            },
            unit("513335106"),
            Unit {
                successors: vec![code("513335100")],
                ..unit("513335107")
            },
            ended("513335108", &["513335108"]),
        ];
        let found = wrong(&county(), rows);
        let expected = [
            (1, "code"),
            (2, "name"),
            (3, "kind"),
            (4, "until"),
            (6, "successors"),
            (7, "successors"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_unit_lives_only_while_the_one_above_it_does() {
        assert_eq!(wrong(&county(), vec![unit("513335109201")]), [(1, "code")]);
        assert_eq!(
            wrong(&county(), vec![ended("513335100", &[])]),
            [(1, "until")],
            "a village is left"
        );
        let early = Unit {
            from: Date::constant(2018, 1, 1),
            ..unit("513335101")
        };
        assert_eq!(wrong(&county(), vec![early]), [(1, "from")]);
        assert_eq!(
            wrong(&county(), vec![ended("513335100201", &["513335100202"])]),
            [(1, "successors")]
        );
        assert!(
            enter(
                code("513335"),
                &county(),
                vec![ended("513335100201", &["513336100202"])]
            )
            .is_ok()
        );
        assert!(
            enter(
                code("513335"),
                &Tree::new(),
                vec![unit("513335"), unit("5133"), unit("51")]
            )
            .is_ok()
        );
    }
}
