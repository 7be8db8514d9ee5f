//! `/reports` 统计报表: figures of a period, each opening to its rows.

use super::answers::Figure;
use super::forms::{Field, Form, Kind};
use super::frame::{Part, Row, View, card};
use super::known::Known;
use super::tables::{Cell, Table};
use mz_kernel::Fen;

/// What the page shows.
pub(crate) struct Data {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) figures: Known<Vec<Figure>>,
}

/// The page.
pub(crate) fn view(data: Data) -> View {
    let mut view = View {
        title: "统计报表".into(),
        lead: format!("{} 至 {}", data.from, data.to),
        active: "/reports",
        ..View::default()
    };
    let month = |name, label, value: &str| {
        Field::new(name, label, Kind::Input("month"))
            .required()
            .value(value)
    };
    let period = Form::get(
        "period",
        "/reports",
        vec![
            month("from", "起始月", &data.from),
            month("to", "截止月", &data.to),
        ],
        "统计",
    );
    view.rows
        .push(Row::One(vec![card("统计期", vec![Part::Form(period)])]));
    if let Some(figures) = data.figures.or_say(&mut view.notes, "统计指标", "insight") {
        let mut table = Table::new("指标", &["指标", "单位", "#数值", "明细"], "没有指标");
        table.rows = figures
            .iter()
            .map(|figure| {
                let value = if figure.unit == "fen" {
                    Cell::money(Fen::new(figure.value))
                } else {
                    Cell::text(figure.value.to_string())
                };
                let unit = if figure.unit == "fen" {
                    "元"
                } else {
                    &*figure.unit
                };
                let rows = format!(
                    "/api/insight/figures/rows?indicator={}&from={}&to={}",
                    figure.indicator, data.from, data.to
                );
                vec![
                    Cell::text(&*figure.title),
                    Cell::text(unit),
                    value,
                    Cell::link(rows, "查看明细"),
                ]
            })
            .collect();
        view.rows
            .push(Row::One(vec![card("指标", vec![Part::Table(table)])]));
    }
    view
}
