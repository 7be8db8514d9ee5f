//! `/audit` 查阅留痕: who read about whom, when and why.

use super::answers::Read;
use super::forms::{Field, Form, Kind};
use super::frame::{Block, Part, Row, View, card};
use super::known::Known;
use super::orders::Fields;
use super::tables::{Cell, Table};
use super::words;
use crate::format;

/// The page; `asked` is what the list was narrowed to.
pub(crate) fn view(reads: Known<Vec<Read>>, asked: &Fields, next: Option<String>) -> View {
    let field = |name: &'static str, label, kind: &'static str| {
        let value = asked.get(name).cloned().unwrap_or_default();
        Field::new(name, label, Kind::Input(kind)).value(value)
    };
    let filter = Form::get(
        "filter",
        "/audit",
        vec![
            field("person", "人员编号", "text"),
            field("officer", "账号编号", "text"),
            field("from", "自", "date"),
            field("to", "至", "date"),
        ],
        "查询",
    );
    let mut view = View {
        title: "查阅留痕".into(),
        lead: "记录只增不改，不含姓名和号码".into(),
        active: "/audit",
        rows: vec![Row::One(vec![card("筛选", vec![Part::Form(filter)])])],
        ..View::default()
    };
    if let Some(reads) = reads.or_say(&mut view.notes, "查阅记录", "gateway") {
        let table = table(&reads, next);
        view.rows
            .push(Row::One(vec![card("记录", vec![Part::Table(table)])]));
    }
    view
}

/// 谁看过: on a person's page, for administrators.
pub(crate) fn readers(reads: Known<Vec<Read>>, next: Option<String>) -> Block {
    let part = match reads {
        Known::Here(reads) => Part::Table(table(&reads, next)),
        Known::Missing | Known::Refused => Part::Hint("查阅记录暂不可用。".into()),
    };
    card("谁看过", vec![part])
}

/// Readings as a table.
pub(crate) fn table(reads: &[Read], next: Option<String>) -> Table {
    let heads = ["时间", "查阅人", "人员", "事由", "途径"];
    let mut table = Table::new("查阅记录", &heads, "没有查阅记录");
    table.next = next;
    table.rows = reads
        .iter()
        .map(|one| {
            let officer = one
                .officer_name
                .clone()
                .unwrap_or_else(|| format::tail(&one.officer));
            vec![
                Cell::text(format::moment(&one.at)),
                Cell::link(format!("/audit?officer={}", one.officer), officer),
                Cell::link(format!("/audit?person={}", one.person), format::tail(&one.person)),
                Cell::text(one.purpose.as_deref().map_or("未说明", words::purpose)),
                Cell::text(words::way(&one.what)),
            ]
        })
        .collect();
    table
}
