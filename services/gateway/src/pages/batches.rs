//! `/batches` 资金发放: the list, and the page on which a month is run and its batch is built.

use super::answers::Batch;
use super::forms::{Button, Field, Form, Kind};
use super::frame::{Part, Row, View, card};
use super::known::{Known, Places};
use super::tables::{Cell, Table};
use super::words;

/// The list.
pub(crate) fn list(batches: Known<Vec<Batch>>, places: &Places, next: Option<String>) -> View {
    let mut view = View {
        title: "资金发放".into(),
        lead: "经办与复核须由不同人员完成".into(),
        active: "/batches",
        action: Some(("/batches/new".into(), "生成批次".into())),
        ..View::default()
    };
    if let Some(batches) = batches.or_say(&mut view.notes, "发放批次", "disbursement") {
        let heads = ["批次号", "月份", "事项", "地区", "状态", "#笔数", "#金额（元）"];
        let mut table = Table::new("发放批次", &heads, "还没有批次");
        table.next = next;
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
    view
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
