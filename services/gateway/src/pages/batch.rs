//! `/batches/{batch}`: one batch from roster to the bank's answer.

use super::answers::{Batch, ThreeWay, Township, Withdrawn};
use super::forms::{Button, Field, Form, Kind};
use super::frame::{Block, Kpi, Note, Part, Row, Tone, View, card};
use super::known::{Known, Places};
use super::tables::{Cell, Table};
use super::{timeline, words};
use crate::door::RowFault;
use crate::format;
use mz_kernel::Fen;

const STEPS: [&str; 6] = [
    "生成名册",
    "自动校验",
    "双人复核",
    "财政拨付",
    "银行代发",
    "回盘对账",
];

/// The step that a batch stands at. No service tells of the treasury's transfer: a sealed batch waits there until the
/// bank's first answer shows that the money arrived.
fn step(batch: &Batch) -> usize {
    match batch.state.as_str() {
        "draft" => 1,
        "proposed" => 2,
        "sealed" if batch.paid.is_zero() && batch.returned.is_zero() => 3,
        "sealed" => 5,
        "settled" => STEPS.len(),
        _ => 0,
    }
}

/// Who looks at a batch.
pub(crate) struct Reader {
    /// The officer's id.
    pub(crate) officer: String,
    /// Whether the officer decides on what others propose.
    pub(crate) checks: bool,
}

/// The page.
pub(crate) fn view(id: &str, batch: Known<Batch>, places: &Places, reader: &Reader) -> View {
    let mut view = View {
        title: "发放批次".into(),
        active: "/batches",
        crumbs: vec![("/batches".into(), "资金发放".into())],
        here: format::tail(id),
        ..View::default()
    };
    let Some(batch) = batch.or_say(&mut view.notes, "批次内容", "disbursement") else {
        return view;
    };
    let month = batch.month.map_or_else(String::new, format::month);
    view.title = format!("{month} {}发放批次", words::programme(&batch.programme));
    view.here.clone_from(&batch.number);
    let someone = |name: &Option<String>, id: &Option<String>| match (name, id) {
        (Some(name), _) => name.clone(),
        (None, Some(id)) => format::tail(id),
        (None, None) => "待定".into(),
    };
    view.lead = format!(
        "批次号 {} · 经办 {} · 复核 {}",
        batch.number,
        someone(&batch.maker_name, &batch.maker),
        someone(&batch.checker_name, &batch.checker)
    );
    let why = match batch.state.as_str() {
        "draft" => Some("退回经办"),
        "cancelled" => Some("已作废"),
        _ => None,
    };
    if let (Some(why), Some(reason)) = (why, batch.reason.as_deref()) {
        let text = format!("{why}：{}", words::reason(reason));
        view.notes.push(Note::new(Tone::Warn, text));
    }
    let townships = Block::Card {
        title: "分乡镇合计".into(),
        link: matches!(batch.state.as_str(), "sealed" | "settled")
            .then(|| (format!("/batches/{id}/bank-file"), "下载银行代发文件".to_owned())),
        parts: vec![Part::Table(township_table(&batch.township, places))]
            .into_iter()
            .chain(actions(id, &batch, reader))
            .chain(cancellation(id, &batch))
            .collect(),
    };
    view.action = Some((format!("/batches/{id}/payments"), "发放花名册".into()));
    view.rows = vec![
        Row::One(vec![
            Block::Steps {
                names: STEPS.into(),
                now: step(&batch),
            },
            Block::Kpis(kpis(&batch)),
            townships,
        ]),
        Row::One(vec![card(
            "拦截明细",
            vec![Part::Table(withdrawn_table(&batch.withdrawn))],
        )]),
    ];
    if matches!(batch.state.as_str(), "sealed" | "settled") {
        view.rows.push(Row::One(vec![results(id, &batch)]));
    }
    view
}

fn kpis(batch: &Batch) -> Vec<Kpi> {
    let words = if batch.amount_words.is_empty() {
        format::capital(batch.amount)
    } else {
        batch.amount_words.clone()
    };
    let out: i64 = batch.withdrawn.iter().map(|one| one.amount.get()).sum();
    vec![
        Kpi::new(
            Tone::Plain,
            "应发笔数 / 人数",
            format!(
                "{} / {}",
                format::count(batch.payments),
                format::count(batch.persons)
            ),
            format!("{} 个乡镇", batch.township.len()),
        ),
        Kpi::new(Tone::Plain, "应发总额（元）", format::yuan(batch.amount), words),
        Kpi::new(
            if batch.withdrawn.is_empty() {
                Tone::Plain
            } else {
                Tone::Bad
            },
            "拦截",
            format::count(batch.withdrawn.len() as u64),
            format!("{} 元", format::yuan(Fen::new(out))),
        ),
        three_way(batch.three_way),
    ]
}

/// Equal only when all three were counted and are equal to the fen, here and now.
fn three_way(counted: Option<ThreeWay>) -> Kpi {
    const LABEL: &str = "三方金额核对";
    let counted = counted.unwrap_or_default();
    match (counted.roster, counted.townships, counted.bank_file) {
        (Some(roster), Some(towns), Some(bank)) if roster == towns && towns == bank => {
            Kpi::new(Tone::Good, LABEL, "一致", "名册 = 分乡镇 = 银行文件")
        }
        (Some(roster), Some(towns), Some(bank)) => Kpi::new(
            Tone::Bad,
            LABEL,
            "不一致",
            format!(
                "名册 {} · 分乡镇 {} · 银行文件 {}",
                format::yuan(roster),
                format::yuan(towns),
                format::yuan(bank)
            ),
        ),
        (Some(roster), Some(towns), None) if roster != towns => Kpi::new(
            Tone::Bad,
            LABEL,
            "不一致",
            format!("名册 {} · 分乡镇 {}", format::yuan(roster), format::yuan(towns)),
        ),
        (Some(_), Some(_), None) => Kpi::new(Tone::Plain, LABEL, "待核", "名册 = 分乡镇，银行文件尚未生成"),
        _ => Kpi::new(Tone::Plain, LABEL, "待核", "尚未计算"),
    }
}

fn township_table(townships: &[Township], places: &Places) -> Table {
    let heads = [
        "乡镇",
        "#笔数",
        "#人数",
        "#应发（元）",
        "#上月（元）",
        "#增减（元）",
        "状态",
    ];
    let mut table = Table::new("分乡镇合计", &heads, "批次中没有发放");
    let money = |fen: i64| Cell::money(Fen::new(fen));
    let mut totals = (0, 0, 0, 0, 0);
    for town in townships {
        totals.0 += town.payments;
        totals.1 += town.persons;
        totals.2 += town.amount.get();
        totals.3 += town.previous_amount.get();
        totals.4 += town.difference.get();
        let held = if town.held.get() > 0 {
            Cell::tag(Tone::Warn, format!("暂缓 {} 元", format::yuan(town.held)))
        } else {
            Cell::tag(Tone::Good, "无暂缓")
        };
        table.rows.push(vec![
            Cell::text(places.name(&town.division)),
            Cell::count(town.payments),
            Cell::count(town.persons),
            Cell::money(town.amount),
            Cell::money(town.previous_amount),
            Cell::money(town.difference),
            held,
        ]);
    }
    table.totals = vec![
        Cell::text("合计"),
        Cell::count(totals.0),
        Cell::count(totals.1),
        money(totals.2),
        money(totals.3),
        money(totals.4),
        Cell::text(""),
    ];
    table
}

fn withdrawn_table(withdrawn: &[Withdrawn]) -> Table {
    let mut table = Table::new(
        "拦截明细",
        &["人员", "原因", "依据", "#金额（元）"],
        "没有被拦截的发放",
    );
    table.rows = withdrawn
        .iter()
        .map(|one| {
            vec![
                Cell::link(format!("/persons/{}", one.person), format::tail(&one.person)),
                Cell::tag(Tone::Warn, words::reason(&one.reason)),
                Cell::text(
                    one.cause
                        .as_ref()
                        .map_or_else(String::new, |cause| format!("因 {}", timeline::said(cause))),
                ),
                Cell::money(one.amount),
            ]
        })
        .collect();
    table
}

/// What the reader can do next: a decision is another officer's than the maker's, and the bureau's.
fn actions(id: &str, batch: &Batch, reader: &Reader) -> Option<Part> {
    match batch.state.as_str() {
        // Everything left it again: there is nothing to check.
        "draft" if batch.payments == 0 => None,
        "draft" => Some(Part::Form(Form::post(
            "propose",
            format!("/batches/{id}/proposal"),
            Vec::new(),
            vec![Button::main("提交复核")],
        ))),
        "proposed" if batch.maker.as_ref() == Some(&reader.officer) => {
            let text = "本批次由您提交复核，待另一名局审核人员决定。";
            Some(Part::Hint(text.into()))
        }
        "proposed" if !reader.checks => Some(Part::Hint("已提交复核，待局审核人员决定。".into())),
        "proposed" => {
            let reasons = Field::new("reasons", "复核意见", Kind::Long)
                .required()
                .wide()
                .hint("复核人不得为经办人；通过后批次封存，不能再改");
            let agree = Button {
                tone: Tone::Good,
                ..Button::named(Tone::Good, "agree", "true", "复核通过并封存")
            };
            let back = Button::named(Tone::Plain, "agree", "false", "退回经办");
            let buttons = vec![agree.confirm("封存后批次不能再改，确定通过复核"), back];
            Some(Part::Form(Form::post(
                "decide",
                format!("/batches/{id}/decision"),
                vec![reasons],
                buttons,
            )))
        }
        _ => None,
    }
}

/// A draft may be given up, also one that everything left again.
fn cancellation(id: &str, batch: &Batch) -> Option<Part> {
    let reasons = Field::new("reasons", "作废理由", Kind::Long)
        .required()
        .wide()
        .hint("作废后本批次不再发放，其中的款项可编入新批次");
    let button = Button::plain("作废批次").confirm("作废后不能恢复，确定作废");
    let path = format!("/batches/{id}/cancellation");
    (batch.state == "draft").then(|| Part::Form(Form::post("cancel", path, vec![reasons], vec![button])))
}

fn results(id: &str, batch: &Batch) -> Block {
    let mut facts = vec![
        ("已到账（元）".to_owned(), Cell::money(batch.paid)),
        ("退回（元）".to_owned(), Cell::money(batch.returned)),
        ("待回盘（元）".to_owned(), Cell::money(batch.pending)),
    ];
    let counted = batch.paid.get() + batch.returned.get() + batch.pending.get();
    facts.push((
        "核对".to_owned(),
        if counted == batch.amount.get() {
            Cell::tag(Tone::Good, "到账 + 退回 + 待回盘 = 应发总额")
        } else {
            Cell::tag(
                Tone::Bad,
                format!("相差 {} 元", format::yuan(Fen::new(counted - batch.amount.get()))),
            )
        },
    ));
    if let Some(hash) = &batch.hash {
        facts.push((
            "文件指纹 SHA-256".to_owned(),
            Cell {
                class: "mz-code",
                ..Cell::text(hash)
            },
        ));
    }
    let mut parts = vec![Part::Facts(facts)];
    if batch.pending.get() != 0 {
        let file = Field::new(
            "file",
            "银行回盘文件",
            Kind::File {
                accept: ".csv,text/csv",
            },
        )
        .required()
        .wide()
        .hint("UTF-8 编码的 CSV；任一行有误则整份不接受");
        let action = format!("/batches/{id}/results");
        parts.push(Part::Form(Form::post(
            "results",
            action,
            vec![file],
            vec![Button::main("提交回盘")],
        )));
    }
    card("回盘对账", parts)
}

/// The faults of a file that was refused whole.
pub(crate) fn faults(faults: &[RowFault]) -> Row {
    let mut table = Table::new("回盘文件的错误", &["#行", "栏目", "问题", "应为"], "");
    table.rows = faults
        .iter()
        .map(|fault| {
            let (wrong, right) = words::fault(&fault.reason);
            vec![
                Cell::count(fault.row),
                Cell::text(&*fault.column),
                Cell::tag(Tone::Bad, wrong),
                Cell::text(right).with_note(&*fault.detail),
            ]
        })
        .collect();
    Row::One(vec![card(
        "回盘文件未接受",
        vec![
            Part::Hint("整份文件未入账。请银行更正后重新提供。".into()),
            Part::Table(table),
        ],
    )])
}
