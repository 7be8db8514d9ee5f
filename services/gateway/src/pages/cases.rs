//! `/cases` 我的工作台: open cases, those with the least time left first.

use super::answers::Case;
use super::forms::{Field, Form, Kind};
use super::frame::{Part, Row, View, card};
use super::known::{Known, Places};
use super::tables::{Cell, Table};
use super::words;
use crate::charts::{self, State};
use crate::format;

/// What the page shows.
pub(crate) struct Data {
    pub(crate) cases: Known<Vec<Case>>,
    pub(crate) places: Places,
    pub(crate) stage: String,
    pub(crate) next: Option<String>,
}

/// The page.
pub(crate) fn view(data: Data) -> View {
    let mut view = View {
        title: "我的工作台".into(),
        lead: "按剩余时限排序；红色为已超期".into(),
        active: "/cases",
        ..View::default()
    };
    let stages = [
        ("", "全部"),
        ("accepted", "已受理"),
        ("proposed", "待复核"),
        ("decided", "已办结"),
        ("withdrawn", "已撤回"),
    ];
    let filter = Form::get(
        "filter",
        "/cases",
        vec![Field::new("stage", "环节", Kind::choice(&stages)).value(data.stage)],
        "查询",
    );
    view.rows
        .push(Row::One(vec![card("筛选", vec![Part::Form(filter)])]));
    if let Some(mut cases) = data
        .cases
        .or_say(&mut view.notes, "案件列表", "social-assistance")
    {
        cases.sort_by_key(order);
        let table = table(&cases, &data.places, data.next);
        view.rows
            .push(Row::One(vec![card("案件", vec![Part::Table(table)])]));
    }
    view
}

/// Late ones first, the latest of them at the top; then by days left; those without a running clock last.
fn order(case: &Case) -> (u8, i64) {
    let days = |days: Option<u64>| i64::try_from(days.unwrap_or(0)).unwrap_or(i64::MAX);
    match &case.clock {
        Some(clock) if clock.state == "overdue" => (0, -days(clock.by)),
        Some(clock) if clock.state == "running" => (1, days(clock.left)),
        Some(_) => (2, 0),
        None => (3, 0),
    }
}

/// Whether the time of a case is up.
pub(crate) fn is_late(case: &Case) -> bool {
    case.clock.as_ref().is_some_and(|clock| clock.state == "overdue")
}

/// Cases as a table.
pub(crate) fn table(cases: &[Case], places: &Places, next: Option<String>) -> Table {
    let heads = ["案件", "人员", "事项", "乡镇", "受理日期", "环节", "时限"];
    let mut table = Table::new("案件", &heads, "没有在办案件");
    table.next = next;
    table.rows = cases
        .iter()
        .map(|case| {
            vec![
                Cell {
                    class: "mz-code",
                    ..Cell::text(format::tail(&case.case))
                },
                Cell::link(format!("/persons/{}", case.person), format::tail(&case.person)),
                Cell::text(words::programme(&case.programme)).with_note(words::class(&case.class)),
                Cell::text(places.name(&case.division)),
                Cell::text(case.accepted_on.map_or_else(String::new, |day| day.to_string())),
                words::state(&case.stage),
                time_left(case),
            ]
        })
        .collect();
    table
}

/// The widest bar stands for this many days; only the drawing knows it.
const BAR_DAYS: u64 = 30;

/// Services count in the days of the term; the terms that a bureau decides within are working days.
fn time_left(case: &Case) -> Cell {
    let Some(clock) = &case.clock else {
        return Cell::text("—");
    };
    let (left, by) = (clock.left.unwrap_or(0), clock.by.unwrap_or(0));
    let (used, state, class, text) = match clock.state.as_str() {
        "overdue" => (BAR_DAYS, State::Bad, "mz-late", format!("超期 {by} 个工作日")),
        "paused" => (0, State::Off, "", format!("暂停，余 {left} 个工作日")),
        _ if left <= 2 => (
            BAR_DAYS.saturating_sub(left),
            State::Warn,
            "mz-soon",
            format!("剩 {left} 个工作日"),
        ),
        _ => (
            BAR_DAYS.saturating_sub(left),
            State::Good,
            "",
            format!("剩 {left} 个工作日"),
        ),
    };
    Cell {
        svg: charts::sla(used, BAR_DAYS, state),
        class,
        ..Cell::text(text)
    }
}
