//! `/persons/{person}/death` 死亡登记: the form, and what the entry will do, before it is made.

use super::answers::{Entitlement, Payment, Person};
use super::forms::{Button, Field, Form, Kind};
use super::frame::{Note, Part, Row, Tone, View, card};
use super::known::Known;
use super::orders::Fields;
use super::tables::{Cell, Table};
use super::words;
use crate::format;
use mz_kernel::{Date, Fen, Month};

/// What was filled in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entry {
    pub(crate) died_on: String,
    pub(crate) place: String,
    pub(crate) source: String,
}

impl Entry {
    pub(crate) fn of(fields: &Fields) -> Entry {
        let field = |name: &str| fields.get(name).map_or("", |text| text.trim()).to_owned();
        Entry {
            died_on: field("died_on"),
            place: field("place"),
            source: field("source"),
        }
    }

    /// The day, or what the form says instead.
    pub(crate) fn day(&self, today: Date) -> Result<Date, Note> {
        let Ok(day) = self.died_on.parse::<Date>() else {
            return Err(Note::new(Tone::Bad, "请填写死亡日期。"));
        };
        if day > today {
            return Err(Note::new(Tone::Bad, "死亡日期不能晚于今天。"));
        }
        Ok(day)
    }
}

fn page(id: &str) -> View {
    View {
        title: "死亡登记".into(),
        active: "/persons",
        crumbs: vec![
            ("/persons".into(), "人员查询".into()),
            (format!("/persons/{id}"), format::tail(id)),
        ],
        here: "死亡登记".into(),
        ..View::default()
    }
}

/// The form; `notes` say why it is shown again.
pub(crate) fn form(id: &str, entry: &Entry, today: Date, notes: Vec<Note>) -> View {
    let fields = vec![
        Field::new("died_on", "死亡日期", Kind::Input("date"))
            .required()
            .value(&*entry.died_on)
            .hint("以证明材料所载日期为准，不是登记日期"),
        Field::new("source", "证明材料", Kind::choice(&words::SOURCES)).value(&*entry.source),
        Field::new("place", "死亡地点", Kind::Input("text"))
            .value(&*entry.place)
            .hint("如某医院、家中；可不填"),
    ];
    let next = Form::post(
        "death",
        format!("/persons/{id}/death/check"),
        fields,
        vec![Button::main("下一步：查看影响")],
    );
    View {
        lead: format!("登记日期 {}", format::day(today)),
        notes,
        rows: vec![Row::One(vec![card("登记内容", vec![Part::Form(next)])])],
        ..page(id)
    }
}

/// What the services know of the person before the entry is made.
pub(crate) struct Check {
    pub(crate) id: String,
    pub(crate) entry: Entry,
    pub(crate) day: Date,
    pub(crate) today: Date,
    pub(crate) person: Known<Person>,
    pub(crate) entitlements: Known<Vec<Entitlement>>,
    pub(crate) payments: Known<Vec<Payment>>,
}

/// What the entry will do. It is the services that decide; the page says what they will look at.
pub(crate) fn check(data: Check) -> View {
    let Check {
        id,
        entry,
        day,
        today,
        ..
    } = data;
    let mut view = page(&id);
    view.lead = "尚未登记，请核对后确认".into();
    let mut facts = Vec::new();
    if let Some(person) = data.person.or_say(&mut view.notes, "身份信息", "registration") {
        facts.push(("姓名".into(), Cell::text(person.name)));
        if let Some(known) = person.deceased_on {
            let text = format!("该人员已登记于 {} 死亡。", format::day(known));
            view.notes.push(Note::new(Tone::Bad, text));
        }
    }
    facts.push(("死亡日期".into(), Cell::text(format::day(day))));
    if Month::of(day) < Month::of(today) {
        view.notes.push(Note::new(
            Tone::Warn,
            "死亡发生在以前的月份：此后已发放的月份将在下次核算时转为追回。",
        ));
    }
    let mut rows = Vec::new();
    if let Some(list) = data
        .entitlements
        .or_say(&mut view.notes, "待遇", "social-assistance")
    {
        rows.push(card("将停止的待遇", vec![Part::Table(ending(&list))]));
    }
    if let Some(list) = data.payments.or_say(&mut view.notes, "发放记录", "disbursement") {
        let after = |one: &&Payment| one.month.is_some_and(|month| month > Month::of(day));
        let of = |states: [&str; 2]| -> Vec<&Payment> {
            let some = list.iter().filter(after);
            some.filter(|one| states.contains(&&*one.state)).collect()
        };
        rows.push(card(
            "将从未封存批次中拦截",
            vec![Part::Table(money("将拦截", &of(["open", "pending"])))],
        ));
        rows.push(card(
            "死亡次月以后已经付出",
            vec![Part::Table(money("已付出", &of(["sent", "paid"])))],
        ));
    }
    rows.push(card(
        "将发出的告知",
        vec![Part::Text(
            "家属：丧葬事宜和待遇告知书。经办单位：核对待遇通知。".into(),
        )],
    ));
    let hidden = vec![
        ("died_on", entry.died_on),
        ("place", entry.place),
        ("source", entry.source),
    ];
    let confirm = Form::post(
        "confirm",
        format!("/persons/{id}/death"),
        Vec::new(),
        vec![Button {
            tone: Tone::Bad,
            ..Button::main("确认登记死亡")
        }],
    );
    let back = Part::Hint("登记错误只能由另一名人员复核后撤销。".into());
    let head = card(
        "登记内容",
        vec![Part::Facts(facts), Part::Form(confirm.hidden(hidden)), back],
    );
    view.rows = vec![Row::Two(rows, vec![head])];
    view
}

fn ending(list: &[Entitlement]) -> Table {
    let mut table = Table::new("将停止的待遇", &["事项", "起发月", "现状"], "没有享受中的待遇");
    let now = list.iter().filter(|one| one.until.is_none());
    table.rows = now
        .map(|one| {
            vec![
                Cell::text(words::programme(&one.programme)).with_note(words::class(&one.class)),
                Cell::text(one.from.map_or_else(String::new, |month| month.to_string())),
                Cell::tag(Tone::Warn, "将停止"),
            ]
        })
        .collect();
    table
}

fn money(caption: &'static str, list: &[&Payment]) -> Table {
    let mut table = Table::new(caption, &["月份", "状态", "#金额（元）"], "没有");
    table.rows = list
        .iter()
        .map(|one| {
            vec![
                Cell::text(one.month.map_or_else(String::new, |month| month.to_string())),
                words::payment(&one.state),
                Cell::money(one.amount),
            ]
        })
        .collect();
    let sum = list.iter().map(|one| one.amount.get()).sum();
    table.totals = vec![Cell::text("合计"), Cell::text(""), Cell::money(Fen::new(sum))];
    table
}
