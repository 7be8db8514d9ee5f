//! `/recoveries/{recovery}`: one recovery with its ledger, and what can be done about it.

use super::answers::{Agreement, Entry, Recovery};
use super::forms::{Button, Field, Form, Kind};
use super::frame::{Block, Kpi, Part, Row, Tone, View, card};
use super::known::{Known, Places};
use super::tables::{Cell, Table};
use super::words;
use crate::format;
use mz_kernel::Date;

/// The page; `checks` is whether the officer decides on what others propose.
pub(crate) fn view(id: &str, recovery: Known<Recovery>, places: &Places, today: Date, checks: bool) -> View {
    let mut view = View {
        title: "追回".into(),
        active: "/recoveries",
        crumbs: vec![("/recoveries".into(), "追回管理".into())],
        here: format::tail(id),
        ..View::default()
    };
    let Some(one) = recovery.or_say(&mut view.notes, "追回内容", "disbursement") else {
        return view;
    };
    view.lead = format!("{} · 编号 {}", places.name(&one.division), format::tail(id));
    let settled = one.amount.get() - one.outstanding.get();
    let open = one.outstanding.get() > 0;
    let kpis = vec![
        Kpi::new(
            Tone::Plain,
            "应追回（元）",
            format::yuan(one.amount),
            format::capital(one.amount),
        ),
        Kpi::new(
            Tone::Good,
            "已了结（元）",
            format::yuan(mz_kernel::Fen::new(settled)),
            "退缴、抵扣、冲抵与核销",
        ),
        Kpi::new(
            if open { Tone::Bad } else { Tone::Plain },
            "尚欠（元）",
            format::yuan(one.outstanding),
            if open { "追回中" } else { "已结清" },
        ),
    ];
    let mut left = vec![
        card("追回依据", vec![Part::Facts(facts(&one, places))]),
        card("台账", vec![Part::Table(ledger(&one.ledger))]),
        card("抵扣与核销申请", agreements(id, &one.agreements, checks)),
    ];
    let mut right = Vec::new();
    if open {
        if checks {
            right.push(card("登记退缴", vec![Part::Form(repayment(id, today))]));
        }
        right.push(card(
            "申请按月抵扣",
            vec![
                Part::Hint("须经本人（家属）书面同意，或有处理决定；复核通过后自以后批次中扣。".into()),
                Part::Form(offset(id)),
            ],
        ));
        right.push(card(
            "申请核销",
            vec![
                Part::Hint("确实无法追回的，写明理由，由另一名人员复核。".into()),
                Part::Form(waiver(id)),
            ],
        ));
    }
    view.rows.push(Row::One(vec![Block::Kpis(kpis)]));
    if right.is_empty() {
        view.rows.push(Row::One(std::mem::take(&mut left)));
    } else {
        view.rows.push(Row::Two(left, right));
    }
    view
}

fn facts(one: &Recovery, places: &Places) -> Vec<(String, Cell)> {
    let months: Vec<String> = one.months.iter().map(|month| format::month(*month)).collect();
    let mut facts = vec![
        (
            "人员".to_owned(),
            Cell::link(format!("/persons/{}", one.person), format::tail(&one.person)),
        ),
        ("乡镇".to_owned(), Cell::text(places.name(&one.division))),
        ("多发月份".to_owned(), Cell::text(months.join("、"))),
        (
            "发起日期".to_owned(),
            Cell::text(one.raised_on.map_or_else(String::new, format::day)),
        ),
    ];
    if let Some(amount) = one.per_month {
        facts.push(("每月抵扣（元）".to_owned(), Cell::money(amount)));
    }
    facts
}

fn ledger(entries: &[Entry]) -> Table {
    let mut table = Table::new(
        "台账",
        &["日期", "方式", "说明", "#金额（元）"],
        "还没有退缴、抵扣或核销",
    );
    table.rows = entries
        .iter()
        .map(|one| {
            vec![
                Cell::text(one.entered_on.map_or_else(String::new, |day| day.to_string())),
                Cell::text(words::settled_by(&one.kind)),
                Cell::text(one.note.as_deref().unwrap_or_default()),
                Cell::money(one.amount),
            ]
        })
        .collect();
    table
}

/// What is agreed as a table, and a form for each that waits for its decision.
fn agreements(id: &str, list: &[Agreement], checks: bool) -> Vec<Part> {
    let mut table = Table::new("申请", &["方式", "理由", "状态", "#金额（元）"], "没有申请");
    table.rows = list
        .iter()
        .map(|one| {
            let state = if one.pending {
                Cell::tag(Tone::Warn, "待复核")
            } else {
                Cell::tag(Tone::Quiet, "已办理")
            };
            vec![
                Cell::text(words::settled_by(&one.kind)),
                Cell::text(&*one.ground),
                state,
                Cell::money(one.amount),
            ]
        })
        .collect();
    let mut parts = vec![Part::Table(table)];
    if !checks && list.iter().any(|one| one.pending) {
        parts.push(Part::Hint("申请待局审核人员复核。".into()));
    }
    for one in list.iter().filter(|one| one.pending && checks) {
        let (form, paths) = match one.kind.as_str() {
            "offset" => ("decide-offset", "offsets"),
            _ => ("decide-waiver", "waivers"),
        };
        let reasons = Field::new("reasons", "复核意见", Kind::Long)
            .required()
            .wide()
            .hint("复核人不得为申请人");
        let buttons = vec![
            Button::named(Tone::Good, "agree", "true", "同意"),
            Button::named(Tone::Plain, "agree", "false", "不同意"),
        ];
        let action = format!("/recoveries/{id}/{paths}/{}/decision", one.agreement);
        let title = format!(
            "复核{}申请：{} 元",
            words::settled_by(&one.kind),
            format::yuan(one.amount)
        );
        parts.push(Part::Text(title));
        parts.push(Part::Form(Form::post(form, action, vec![reasons], buttons)));
    }
    parts
}

fn amount(label: &'static str) -> Field {
    Field::new("amount", label, Kind::Input("text")).required().wide()
}

fn repayment(id: &str, today: Date) -> Form {
    let fields = vec![
        amount("退缴金额（元）"),
        Field::new("received_on", "到账日期", Kind::Input("date"))
            .required()
            .wide()
            .value(today.to_string()),
        Field::new("receipt", "票据号", Kind::Input("text"))
            .required()
            .wide(),
    ];
    let action = format!("/recoveries/{id}/repayments");
    Form::post("repay", action, fields, vec![Button::main("登记退缴")])
}

fn offset(id: &str) -> Form {
    let fields = vec![
        amount("每月抵扣（元）"),
        Field::new("consent", "同意书或处理决定", Kind::Input("text"))
            .required()
            .wide()
            .hint("文书名称与编号"),
    ];
    Form::post(
        "offset",
        format!("/recoveries/{id}/offsets"),
        fields,
        vec![Button::plain("提交复核")],
    )
}

fn waiver(id: &str) -> Form {
    let fields = vec![
        amount("核销金额（元）"),
        Field::new("reasons", "理由", Kind::Long).required().wide(),
    ];
    Form::post(
        "waiver",
        format!("/recoveries/{id}/waivers"),
        fields,
        vec![Button::plain("提交复核")],
    )
}
