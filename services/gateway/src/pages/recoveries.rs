//! `/recoveries` 追回管理: what was paid and not owed, and what of it has come back.

use super::answers::Recovery;
use super::frame::{Block, Kpi, Part, Row, Tone, View, card};
use super::known::{Known, Places};
use super::tables::{Cell, Head, Table};
use super::words;
use crate::format;
use mz_kernel::Fen;

/// What the page shows.
pub(crate) struct Data {
    pub(crate) recoveries: Known<Vec<Recovery>>,
    pub(crate) places: Places,
    pub(crate) next: Option<String>,
}

/// The page.
pub(crate) fn view(data: Data) -> View {
    let mut view = View {
        title: "追回管理".into(),
        lead: "多发资金的追回、抵扣与核销".into(),
        active: "/recoveries",
        ..View::default()
    };
    let Some(list) = data
        .recoveries
        .or_say(&mut view.notes, "追回台账", "disbursement")
    else {
        return view;
    };
    let sum = |pick: fn(&Recovery) -> Fen| Fen::new(list.iter().map(|one| pick(one).get()).sum());
    // Sums of a part of the list are named as such: they are not the county's.
    let scope = if data.next.is_some() {
        "本页所列"
    } else {
        "全部所列"
    };
    view.rows = vec![
        Row::One(vec![Block::Kpis(vec![
            Kpi::new(Tone::Plain, "追回笔数", format::count(list.len() as u64), scope),
            Kpi::new(
                Tone::Plain,
                "应追回（元）",
                format::yuan(sum(|one| one.amount)),
                scope,
            ),
            Kpi::new(
                Tone::Bad,
                "尚未追回（元）",
                format::yuan(sum(|one| one.outstanding)),
                scope,
            ),
        ])]),
        Row::One(vec![card(
            "追回台账",
            vec![Part::Table(table(&list, &data.places, data.next))],
        )]),
    ];
    view
}

/// Recoveries as a table.
fn table(list: &[Recovery], places: &Places, next: Option<String>) -> Table {
    let mut table = of_a_person(list);
    let whose = [("人员", false), ("乡镇", false)].map(|(text, number)| Head { text, number });
    table.heads.splice(1..1, whose);
    for (row, one) in table.rows.iter_mut().zip(list) {
        let person = Cell::link(format!("/persons/{}", one.person), format::tail(&one.person));
        row.splice(1..1, [person, Cell::text(places.name(&one.division))]);
    }
    table.next = next;
    table
}

/// Those of one person, who need not be named in each row.
pub(crate) fn of_a_person(list: &[Recovery]) -> Table {
    let heads = [
        "追回",
        "多发月份",
        "原因",
        "发生日期",
        "状态",
        "#应追回（元）",
        "#尚欠（元）",
    ];
    let mut table = Table::new("追回台账", &heads, "没有追回");
    table.rows = list
        .iter()
        .map(|one| {
            vec![
                Cell::link(
                    format!("/recoveries/{}", one.recovery),
                    format::tail(&one.recovery),
                ),
                Cell::text(months(&one.months)),
                Cell::text(words::reason(&one.reason)),
                Cell::text(one.raised_on.map_or_else(String::new, |day| day.to_string())),
                words::state(&one.state),
                Cell::money(one.amount),
                Cell::money(one.outstanding),
            ]
        })
        .collect();
    table
}

/// Months in a row of a table: the first and how many more.
fn months(months: &[mz_kernel::Month]) -> String {
    match months {
        [] => String::new(),
        [one] => one.to_string(),
        [first, rest @ ..] => format!("{first} 等 {} 个月", rest.len() + 1),
    }
}
