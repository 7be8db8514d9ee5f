//! `/reports` 统计报表: figures of a period, each opening to its rows, and the proof that the money holds together.

use super::answers::{Figure, FigureRow, Proof};
use super::forms::{Field, Form, Kind};
use super::frame::{Block, Part, Row, Tone, View, card};
use super::known::{Known, Places};
use super::tables::{Cell, Table};
use super::words;
use crate::format;
use form_urlencoded::Serializer;
use mz_kernel::Fen;

/// Months, both included.
#[derive(Debug, Clone)]
pub(crate) struct Period {
    pub(crate) from: String,
    pub(crate) to: String,
}

/// The page.
pub(crate) fn view(period: &Period, figures: Known<Vec<Figure>>, proof: Known<Proof>) -> View {
    let mut view = View {
        title: "统计报表".into(),
        lead: format!("{} 至 {}", period.from, period.to),
        active: "/reports",
        ..View::default()
    };
    let month = |name, label, value: &str| {
        Field::new(name, label, Kind::Input("month"))
            .required()
            .value(value)
    };
    let form = Form::get(
        "period",
        "/reports",
        vec![
            month("from", "起始月", &period.from),
            month("to", "截止月", &period.to),
        ],
        "统计",
    );
    view.rows
        .push(Row::One(vec![card("统计期", vec![Part::Form(form)])]));
    if let Some(figures) = figures.or_say(&mut view.notes, "统计指标", "insight") {
        let table = figures_table(&figures, period);
        view.rows
            .push(Row::One(vec![card("指标", vec![Part::Table(table)])]));
    }
    if let Some(proof) = proof.or_say(&mut view.notes, "资金平衡核对", "insight") {
        view.rows.push(Row::One(vec![balance(&proof, &period.to)]));
    }
    view
}

fn figures_table(figures: &[Figure], period: &Period) -> Table {
    let mut table = Table::new("指标", &["指标", "来源", "单位", "#数值", "明细"], "没有指标");
    table.rows = figures
        .iter()
        .map(|figure| {
            let (unit, value) = match (figure.unit.as_str(), figure.value) {
                (unit, None) => (words::unit(unit), Cell::text("—").with_note("本期没有数据")),
                ("fen", Some(value)) => (words::unit("fen"), Cell::money(Fen::new(value))),
                (unit, Some(value)) => (words::unit(unit), Cell::number(value)),
            };
            let source = match figure.kind.as_str() {
                "parameter" => Cell::tag(Tone::Quiet, "录入"),
                _ => Cell::tag(Tone::Good, "由记录得出"),
            };
            let query = Serializer::new(String::new())
                .append_pair("indicator", &figure.indicator)
                .append_pair("from", &period.from)
                .append_pair("to", &period.to)
                .finish();
            vec![
                Cell::text(&*figure.title),
                source,
                Cell::text(unit),
                value,
                Cell::link(format!("/reports/rows?{query}"), "查看明细"),
            ]
        })
        .collect();
    table
}

/// The identities of the money (owed = lined; lined + raised − offset = batched + held; and on), with what each side is.
fn balance(proof: &Proof, through: &str) -> Block {
    let verdict = if proof.holds {
        Cell::tag(Tone::Good, "各级平衡，精确到分")
    } else {
        Cell::tag(Tone::Bad, "不平衡，请管理员核查")
    };
    let row = |label: &str, fen: Fen| (label.to_owned(), Cell::money(fen));
    let facts = vec![
        ("结论".to_owned(), verdict),
        row("应发（元）", proof.owed_fen),
        row("已核算（元）", proof.lined_fen),
        row("已入批次（元）", proof.batched_fen),
        row("暂缓（元）", proof.held_fen),
        row("已到账（元）", proof.paid_fen),
        row("退回未补发（元）", proof.returned_fen),
        row("待回盘（元）", proof.pending_fen),
        row("发起追回（元）", proof.recovery_raised_fen),
        row("已退缴（元）", proof.repaid_fen),
        row("已抵扣（元）", proof.offset_fen),
        row("已核销（元）", proof.waived_fen),
        row("尚欠（元）", proof.outstanding_fen),
    ];
    card(
        format!("资金平衡核对（截至 {through}）"),
        vec![Part::Facts(facts)],
    )
}

/// The rows that a figure is made of.
pub(crate) fn rows(
    indicator: &str,
    period: &Period,
    rows: Known<Vec<FigureRow>>,
    places: &Places,
    next: Option<String>,
) -> View {
    let mut view = View {
        title: "指标明细".into(),
        lead: format!("{indicator} · {} 至 {}", period.from, period.to),
        active: "/reports",
        crumbs: vec![(
            format!("/reports?from={}&to={}", period.from, period.to),
            "统计报表".into(),
        )],
        here: "指标明细".into(),
        ..View::default()
    };
    if let Some(rows) = rows.or_say(&mut view.notes, "指标明细", "insight") {
        let heads = ["月份", "人员", "地区", "类别", "方式", "说明", "#金额（元）"];
        let mut table = Table::new("指标明细", &heads, "没有明细");
        table.next = next;
        table.rows = rows
            .iter()
            .map(|row| {
                let person = row.person.as_deref();
                vec![
                    Cell::text(row.month.map_or_else(String::new, |month| month.to_string())),
                    person.map_or_else(
                        || Cell::text("—"),
                        |person| Cell::link(format!("/persons/{person}"), format::tail(person)),
                    ),
                    Cell::text(places.name(&row.division)),
                    Cell::text(words::class(&row.class)),
                    Cell::text(words::mode(&row.mode)),
                    Cell::text(words::reason(&row.word)),
                    Cell::money(row.amount),
                ]
            })
            .collect();
        view.rows
            .push(Row::One(vec![card("明细", vec![Part::Table(table)])]));
    }
    view
}
