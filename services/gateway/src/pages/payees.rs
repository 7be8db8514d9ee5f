//! `/persons/{person}/account` 收款账户: where a person is paid. The number is written, never shown again.

use super::answers::{Payee, Person};
use super::forms::{Button, Field, Form, Kind};
use super::frame::{Block, Note, Part, Row, Tone, View, card};
use super::known::Known;
use super::orders::Fields;
use super::tables::{Cell, Table};
use crate::format;

/// Whose account it is.
const RELATIONS: [(&str, &str); 3] = [
    ("self", "本人"),
    ("family", "家属代领"),
    ("institution", "供养机构代领"),
];

fn relation(code: &str) -> &str {
    let known = RELATIONS.iter().find(|(relation, _)| *relation == code);
    known.map_or(code, |(_, name)| name)
}

/// The accounts of a person, for the person's page; all corrections are kept.
pub(crate) fn on_page(person: &str, payees: &[Payee]) -> Block {
    let mut table = Table::new(
        "收款账户",
        &["开户行", "账户", "户名", "账户归属", "登记日期", "状态"],
        "还没有收款账户，核算款项将暂缓发放",
    );
    table.rows = payees
        .iter()
        .map(|one| {
            let state = if one.current {
                Cell::tag(Tone::Good, "使用中")
            } else {
                Cell::tag(Tone::Quiet, "已更正")
            };
            vec![
                Cell::text(&*one.bank),
                Cell::text(&*one.account),
                Cell::text(&*one.holder),
                Cell::text(relation(&one.relation)),
                Cell::text(one.set_on.map_or_else(String::new, |day| day.to_string())),
                state,
            ]
        })
        .collect();
    let what = if payees.is_empty() {
        "登记账户"
    } else {
        "更正账户"
    };
    Block::Card {
        title: "收款账户".into(),
        link: Some((format!("/persons/{person}/account"), what.into())),
        parts: vec![Part::Table(table)],
    }
}

/// The form; `typed` is what was filled in last, without the number.
pub(crate) fn form(id: &str, person: Known<Person>, typed: &Fields, refused: Option<Note>) -> View {
    let mut view = View {
        title: "收款账户".into(),
        lead: "退回的款项在更正账户后重新发放".into(),
        active: "/persons",
        crumbs: vec![
            ("/persons".into(), "人员查询".into()),
            (format!("/persons/{id}"), format::tail(id)),
        ],
        here: "收款账户".into(),
        notes: refused.into_iter().collect(),
        ..View::default()
    };
    let Some(person) = person.or_say(&mut view.notes, "身份信息", "registration") else {
        return view;
    };
    let value = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let fields = vec![
        Field::new("holder", "户名", Kind::Input("text"))
            .required()
            .value(value("holder"))
            .hint("与银行开户姓名一致"),
        Field::new("bank", "开户行", Kind::Input("text"))
            .required()
            .value(value("bank")),
        Field::new("account", "账号", Kind::Input("text"))
            .required()
            .hint("8 至 32 位数字，保存后只显示末四位"),
        Field::new("relation", "账户归属", Kind::choice(&RELATIONS)).value(value("relation")),
    ];
    let form = Form::post(
        "account",
        format!("/persons/{id}/account"),
        fields,
        vec![Button::main("保存")],
    );
    let title = format!("{} 的收款账户", person.name);
    let form = form.hidden(vec![("division", person.division)]);
    view.rows
        .push(Row::One(vec![card(title, vec![Part::Form(form)])]));
    view
}
