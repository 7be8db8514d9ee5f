//! `/batches` 资金发放: the list, and the page on which a month is run and its batch is built.

use super::answers::{Batch, Held};
use super::forms::{Button, Field, Form, Kind};
use super::frame::{Part, Row, Tone, View, card};
use super::known::{Known, Places};
use super::tables::{Cell, Table};
use super::{timeline, words};
use crate::format;

/// What the list shows; each table goes on by itself.
pub(crate) struct Data {
    pub(crate) batches: Known<Vec<Batch>>,
    pub(crate) next: Option<String>,
    pub(crate) held: Known<Vec<Held>>,
    pub(crate) held_next: Option<String>,
    pub(crate) places: Places,
}

/// The list, and who is in none of its batches.
pub(crate) fn list(data: Data) -> View {
    let places = &data.places;
    let mut view = View {
        title: "资金发放".into(),
        lead: "经办与复核须由不同人员完成".into(),
        active: "/batches",
        action: Some(("/batches/new".into(), "生成批次".into())),
        ..View::default()
    };
    if let Some(batches) = data.batches.or_say(&mut view.notes, "发放批次", "disbursement") {
        let heads = ["批次号", "月份", "事项", "地区", "状态", "#笔数", "#金额（元）"];
        let mut table = Table::new("发放批次", &heads, "还没有批次");
        table.next = data.next;
        table.rows = batches
            .iter()
            .map(|batch| {
                vec![
                    Cell::link(format!("/batches/{}", batch.batch), &*batch.number),
                    Cell::text(batch.month.map_or_else(String::new, |month| month.to_string())),
                    Cell::text(words::programme(&batch.programme)),
                    Cell::text(places.name(&batch.division)),
                    words::state(&batch.state),
                    Cell::count(batch.payments),
                    Cell::money(batch.amount),
                ]
            })
            .collect();
        view.rows
            .push(Row::One(vec![card("批次", vec![Part::Table(table)])]));
    }
    if let Some(held) = data.held.or_say(&mut view.notes, "暂缓明细", "disbursement") {
        let mut table = held_table(&held, places);
        table.next = data.held_next;
        let hint = "已核算而未纳入任何批次的应发；原因消除后可编入新批次。";
        view.rows.push(Row::One(vec![card(
            "暂缓明细",
            vec![Part::Hint(hint.into()), Part::Table(table)],
        )]));
    }
    view
}

/// Who is not paid, and why.
fn held_table(held: &[Held], places: &Places) -> Table {
    let heads = [
        "人员",
        "事项",
        "地区",
        "月份",
        "原因",
        "依据",
        "首次核算",
        "#金额（元）",
    ];
    let mut table = Table::new("暂缓明细", &heads, "没有暂缓发放的款项");
    table.rows = held
        .iter()
        .map(|one| {
            let months: Vec<String> = one.months.iter().map(ToString::to_string).collect();
            let cause = one.cause.as_ref();
            vec![
                Cell::link(format!("/persons/{}", one.person), format::tail(&one.person)),
                Cell::text(words::programme(&one.programme)),
                Cell::text(places.name(&one.division)),
                Cell::text(months.join("、")),
                Cell::tag(Tone::Warn, words::reason(&one.reason)),
                Cell::text(cause.map_or_else(String::new, |cause| format!("因 {}", timeline::said(cause)))),
                Cell::text(one.since.map_or_else(String::new, |month| month.to_string())),
                Cell::money(one.amount),
            ]
        })
        .collect();
    table
}

/// What a new batch may take in.
pub(crate) struct Scope {
    pub(crate) month: String,
    /// The division that is chosen first.
    pub(crate) division: String,
    /// Those that the officer may choose: code, name.
    pub(crate) divisions: Vec<(String, String)>,
    /// Whether the officer may run the month.
    pub(crate) may_run: bool,
}

/// The month's run, and the form for a new batch.
pub(crate) fn new(scope: Scope) -> View {
    let month = || {
        Field::new("month", "发放月份", Kind::Input("month"))
            .required()
            .value(&*scope.month)
    };
    let mut rows = Vec::new();
    if scope.may_run {
        let run = Form::post("run", "/runs", vec![month()], vec![Button::plain("核算本月")]);
        rows.push(Row::One(vec![card(
            "第一步：月度核算",
            vec![
                Part::Hint("按已知事实计算全县应发，差额写成核算行；重复核算不会重复发放。".into()),
                Part::Form(run),
            ],
        )]));
    }
    let fields = vec![
        month(),
        Field::new("division", "地区", Kind::Choice(scope.divisions)).value(scope.division),
        Field::new(
            "programme",
            "事项",
            Kind::choice(&[("tekun", "特困人员救助供养")]),
        ),
    ];
    let build = Form::post("new-batch", "/batches", fields, vec![Button::main("生成名册")]);
    rows.push(Row::One(vec![card(
        if scope.may_run {
            "第二步：批次范围"
        } else {
            "批次范围"
        },
        vec![
            Part::Hint(
                "纳入全部可发放且未在其他有效批次中的核算行；已死亡、已终止、未登记账户的不纳入。".into(),
            ),
            Part::Form(build),
        ],
    )]));
    View {
        title: "生成发放批次".into(),
        active: "/batches",
        crumbs: vec![("/batches".into(), "资金发放".into())],
        here: "生成批次".into(),
        rows,
        ..View::default()
    }
}
