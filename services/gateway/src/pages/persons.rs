//! `/persons` 人员查询 and `/persons/{person}`: one person over all services, identity masked.

use super::answers::{Entitlement, Happening, Line, Notice, Payee, Payment, Person, Recovery};
use super::forms::{Button, Field, Form, Kind};
use super::frame::{Block, Kpi, Note, Part, Row, Tone, View, card};
use super::known::{Known, Places};
use super::tables::{Cell, Table};
use super::{notices, payees, recoveries, timeline, words};
use crate::format;
use crate::purpose::Purpose;
use mz_kernel::{Fen, PersonId};
use std::collections::BTreeMap;

/// The search; `error` says why the last one found nobody. The number is never shown again.
pub(crate) fn search(error: Option<&str>) -> View {
    let number = Field {
        search: true,
        error: error.unwrap_or_default().to_owned(),
        ..Field::new("number", "公民身份号码", Kind::Input("text"))
            .required()
            .hint("18 位，末位可为 X；号码不会出现在网址和日志中")
    };
    let purpose = purpose_field();
    let form = Form::post(
        "lookup",
        "/persons",
        vec![number, purpose],
        vec![Button::main("查询")],
    );
    View {
        title: "人员查询".into(),
        lead: "按公民身份号码查找，结果脱敏显示".into(),
        active: "/persons",
        rows: vec![Row::One(vec![card("查询条件", vec![Part::Form(form)])])],
        ..View::default()
    }
}

fn purpose_field() -> Field {
    Field::new("purpose", "查阅事由", Kind::choice(&Purpose::NAMED)).hint("查阅留痕，供审计")
}

/// Asks why a person's pages are opened, once a session; `back` is the page that was asked for.
pub(crate) fn purpose(person: PersonId, back: &str) -> View {
    let form = Form::post(
        "purpose",
        format!("/persons/{person}/purpose"),
        vec![purpose_field()],
        vec![Button::main("查阅")],
    );
    View {
        title: "查阅事由".into(),
        lead: format!("人员编号 {}", format::tail(&person.to_string())),
        active: "/persons",
        crumbs: vec![("/persons".into(), "人员查询".into())],
        here: "查阅事由".into(),
        rows: vec![Row::One(vec![card(
            "为何查阅该人员",
            vec![Part::Form(form.hidden(vec![("back", back.to_owned())]))],
        )])],
        ..View::default()
    }
}

/// What a person's page shows.
pub(crate) struct Data {
    pub(crate) id: String,
    pub(crate) person: Known<Person>,
    pub(crate) entitlements: Known<Vec<Entitlement>>,
    pub(crate) lines: Known<Vec<Line>>,
    pub(crate) payees: Known<Vec<Payee>>,
    pub(crate) payments: Known<Vec<Payment>>,
    pub(crate) recoveries: Known<Vec<Recovery>>,
    pub(crate) notices: Known<Vec<Notice>>,
    pub(crate) timeline: Known<Vec<Happening>>,
    pub(crate) places: Places,
}

/// The page.
pub(crate) fn view(data: Data) -> View {
    let mut view = View {
        title: "人员".into(),
        active: "/persons",
        crumbs: vec![("/persons".into(), "人员查询".into())],
        here: format::tail(&data.id),
        ..View::default()
    };
    let notes = &mut view.notes;
    let mut left = Vec::new();
    if let Some(person) = data.person.or_say(notes, "身份信息", "registration") {
        view.title = format!("人员 · {}", person.name);
        view.lead = format!(
            "{} · 编号 {}",
            data.places.name(&person.division),
            format::tail(&data.id)
        );
        if let Some(day) = person.deceased_on {
            notes.push(Note::new(
                Tone::Bad,
                format!("已于 {} 死亡，以下待遇、资金以此为准核定。", format::day(day)),
            ));
        } else {
            view.action = Some((format!("/persons/{}/death", data.id), "登记死亡".into()));
        }
        left.push(identity(&person, &data.places));
    }
    let mut kpis = Vec::new();
    if let Some(entitlements) = data.entitlements.or_say(notes, "待遇", "social-assistance") {
        left.push(card("待遇", vec![Part::Table(entitled(&entitlements))]));
    }
    if let Some(lines) = data.lines.or_say(notes, "各月核算", "social-assistance") {
        let net = Fen::new(lines.iter().map(|line| line.amount.get()).sum());
        kpis.push(Kpi::new(
            Tone::Plain,
            "核算净额（元）",
            format::yuan(net),
            "各月核算行之和",
        ));
        left.push(card("各月核算", vec![Part::Table(by_month(&lines))]));
    }
    if let Some(list) = data.payees.or_say(notes, "收款账户", "disbursement") {
        left.push(payees::on_page(&data.id, &list));
    }
    if let Some(payments) = data.payments.or_say(notes, "发放记录", "disbursement") {
        let paid = payments
            .iter()
            .filter(|payment| payment.state == "paid")
            .map(|payment| payment.amount.get())
            .sum();
        kpis.push(Kpi::new(
            Tone::Good,
            "已到账（元）",
            format::yuan(Fen::new(paid)),
            "银行回盘确认",
        ));
        left.push(card("发放记录", vec![Part::Table(paid_table(&payments))]));
    }
    if let Some(list) = data.recoveries.or_say(notes, "追回记录", "disbursement") {
        let open = list.iter().map(|recovery| recovery.outstanding.get()).sum();
        let tone = if open > 0 { Tone::Bad } else { Tone::Plain };
        kpis.push(Kpi::new(
            tone,
            "待追回（元）",
            format::yuan(Fen::new(open)),
            format!("{} 笔追回", list.len()),
        ));
        left.push(card("追回", vec![Part::Table(recoveries::of_a_person(&list))]));
    }
    let mut right = Vec::new();
    if let Some(happened) = data.timeline.or_say(notes, "办理过程", "insight") {
        right.push(card("办理过程", vec![Part::Timeline(timeline::steps(&happened))]));
    }
    if let Some(list) = data.notices.or_say(notes, "通知", "notification") {
        left.push(card("通知", vec![Part::Table(notices::table(&list, None))]));
    }
    if !kpis.is_empty() {
        view.rows.push(Row::One(vec![Block::Kpis(kpis)]));
    }
    view.rows.push(Row::Two(left, right));
    view
}

fn identity(person: &Person, places: &Places) -> Block {
    let sex = match person.sex.as_str() {
        "male" => "男",
        "female" => "女",
        other => other,
    };
    let born = person.birth_date.map_or_else(String::new, format::day);
    card(
        "身份信息",
        vec![Part::Facts(vec![
            ("姓名".into(), Cell::text(&*person.name)),
            (
                "身份证号".into(),
                Cell::text(person.number.as_deref().unwrap_or("未登记")),
            ),
            ("性别".into(), Cell::text(sex)),
            ("出生日期".into(), Cell::text(born)),
            ("所在乡镇".into(), Cell::text(places.name(&person.division))),
        ])],
    )
}

fn entitled(entitlements: &[Entitlement]) -> Table {
    let mut table = Table::new(
        "待遇",
        &["事项", "供养方式", "起发月", "不再发放自", "状态"],
        "没有待遇",
    );
    table.rows = entitlements
        .iter()
        .map(|one| {
            let stop = one
                .stops
                .iter()
                .rfind(|stop| stop.state == "agreed")
                .or(one.stops.last());
            let because = stop.map_or("", |stop| words::reason(&stop.reason));
            let state = if one.until.is_some() {
                Cell::tag(Tone::Bad, "已终止")
            } else {
                Cell::tag(Tone::Good, "享受中")
            };
            let text = |month: Option<_>| {
                month.map_or_else(|| "—".to_owned(), |month: mz_kernel::Month| month.to_string())
            };
            vec![
                Cell::text(words::programme(&one.programme)).with_note(words::class(&one.class)),
                Cell::text(words::mode(&one.mode)),
                Cell::text(text(one.from)),
                Cell::text(text(one.until)),
                state.with_note(because),
            ]
        })
        .collect();
    table
}

/// One row a month: what was lined at first, what came later, and what remains.
fn by_month(lines: &[Line]) -> Table {
    let mut months: BTreeMap<String, [i64; 4]> = BTreeMap::new();
    for line in lines {
        let month = line.month.map_or_else(String::new, |month| month.to_string());
        let sums = months.entry(month).or_default();
        let column = match line.kind.as_str() {
            "current" => 0,
            "back-pay" => 1,
            _ => 2,
        };
        sums[column] += line.amount.get();
        sums[3] += line.amount.get();
    }
    let money = |sums: [i64; 4]| sums.into_iter().map(|sum| Cell::money(Fen::new(sum)));
    let mut table = Table::new(
        "各月核算",
        &["月份", "#当月（元）", "#补发（元）", "#扣回（元）", "#净额（元）"],
        "没有核算",
    );
    let mut totals = [0; 4];
    for (month, sums) in months.into_iter().rev() {
        for (total, sum) in totals.iter_mut().zip(sums) {
            *total += sum;
        }
        table
            .rows
            .push(std::iter::once(Cell::text(month)).chain(money(sums)).collect());
    }
    table.totals = std::iter::once(Cell::text("合计")).chain(money(totals)).collect();
    table
}

fn paid_table(payments: &[Payment]) -> Table {
    let mut table = Table::new(
        "发放记录",
        &["月份", "批次", "账户", "结果", "#金额（元）"],
        "没有发放记录",
    );
    table.rows = payments
        .iter()
        .map(|payment| {
            let because = payment.reason.as_deref().map_or("", words::reason);
            vec![
                Cell::text(payment.month.map_or_else(String::new, |month| month.to_string())),
                Cell::link(
                    format!("/batches/{}", payment.batch),
                    format::tail(&payment.batch),
                ),
                Cell::text(payment.account.as_deref().unwrap_or("—")),
                words::payment(&payment.state).with_note(because),
                Cell::money(payment.amount),
            ]
        })
        .collect();
    table
}
