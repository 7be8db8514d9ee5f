//! What stands around every page, and the parts that pages are made of: plain data, which the templates draw.

use crate::charts::Chart;
use askama::Template;

/// A link of the navigation.
pub(crate) struct Link {
    pub(crate) path: &'static str,
    pub(crate) title: &'static str,
    /// Its symbol in `assets/icons.svg`.
    pub(crate) icon: &'static str,
}

const fn link(path: &'static str, title: &'static str, icon: &'static str) -> Link {
    Link { path, title, icon }
}

/// The navigation in its three groups.
pub(crate) const NAVIGATION: &[(&str, &[Link])] = &[
    (
        "业务",
        &[
            link("/", "业务总览", "overview"),
            link("/cases", "我的工作台", "list"),
            link("/persons", "人员查询", "person"),
            link("/batches", "资金发放", "money"),
            link("/recoveries", "追回管理", "back"),
            link("/reports", "统计报表", "chart"),
        ],
    ),
    (
        "集成",
        &[
            link("/notices", "通知", "bell"),
            link("/openapi.json", "接口文档", "code"),
        ],
    ),
    ("运维", &[link("/health", "服务健康", "pulse")]),
];

/// Who looks, and how.
#[derive(Debug, Clone, Default)]
pub(crate) struct Frame {
    /// The bureau's name in the header.
    pub(crate) office: String,
    /// The officer's name and office; none before signing in.
    pub(crate) user: Option<String>,
    /// The session's token against forged forms.
    pub(crate) csrf: String,
    /// A fresh idempotency key for the forms of this page: pressing twice is one request.
    pub(crate) key: String,
    /// Whether letters are large (大字).
    pub(crate) big: bool,
    /// Where the page stands, to come back to it.
    pub(crate) path: String,
    /// Notices not read yet, where the service answers.
    pub(crate) unread: Option<u64>,
}

/// How something stands: always said in words, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tone {
    #[default]
    Plain,
    Good,
    Warn,
    Bad,
    Quiet,
}

impl Tone {
    /// The end of the class names of the stylesheet.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Tone::Plain => "now",
            Tone::Good => "good",
            Tone::Warn => "warn",
            Tone::Bad => "bad",
            Tone::Quiet => "quiet",
        }
    }
}

/// Everything of a page inside its frame.
#[derive(Debug, Clone, Default)]
pub(crate) struct View {
    /// The only first heading.
    pub(crate) title: String,
    /// Beside it, in a quieter voice.
    pub(crate) lead: String,
    /// The entry of the navigation that it belongs to.
    pub(crate) active: &'static str,
    /// The way here, and the name of this page on it.
    pub(crate) crumbs: Vec<(String, String)>,
    pub(crate) here: String,
    /// The page's one main action.
    pub(crate) action: Option<(String, String)>,
    /// Seconds after which the page is looked up anew.
    pub(crate) poll: Option<u32>,
    pub(crate) notes: Vec<Note>,
    pub(crate) rows: Vec<Row>,
    pub(crate) foot: String,
}

/// A sentence that must be seen.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    pub(crate) tone: Tone,
    pub(crate) text: String,
}

impl Note {
    pub(crate) fn new(tone: Tone, text: impl Into<String>) -> Note {
        Note {
            tone,
            text: text.into(),
        }
    }
}

/// A row of the page: blocks over the whole width, or two columns of 2 : 1.
#[derive(Debug, Clone)]
pub(crate) enum Row {
    One(Vec<Block>),
    Two(Vec<Block>, Vec<Block>),
}

/// A part with a frame of its own.
#[derive(Debug, Clone)]
pub(crate) enum Block {
    Kpis(Vec<Kpi>),
    /// `now` counts from 0; as many as there are names when all is done.
    Steps {
        names: Vec<&'static str>,
        now: usize,
    },
    Card {
        title: String,
        link: Option<(String, String)>,
        parts: Vec<Part>,
    },
}

/// A card without a link in its head.
pub(crate) fn card(title: impl Into<String>, parts: Vec<Part>) -> Block {
    Block::Card {
        title: title.into(),
        link: None,
        parts,
    }
}

/// A figure that is seen first.
#[derive(Debug, Clone)]
pub(crate) struct Kpi {
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) note: String,
    pub(crate) tone: Tone,
}

impl Kpi {
    pub(crate) fn new(
        tone: Tone,
        label: impl Into<String>,
        value: impl Into<String>,
        note: impl Into<String>,
    ) -> Kpi {
        Kpi {
            label: label.into(),
            value: value.into(),
            note: note.into(),
            tone,
        }
    }
}

/// What a card holds.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    Text(String),
    Hint(String),
    Facts(Vec<(String, Cell)>),
    Table(Table),
    Timeline(Vec<Step>),
    Chart(Chart),
    Form(Form),
}

/// One cell of a table or one fact.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) href: Option<String>,
    pub(crate) tag: Option<Tone>,
    pub(crate) class: &'static str,
    /// Drawn before the text; only from `charts`.
    pub(crate) svg: String,
    pub(crate) note: String,
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Cell {
        Cell {
            text: text.into(),
            ..Cell::default()
        }
    }

    pub(crate) fn link(href: impl Into<String>, text: impl Into<String>) -> Cell {
        Cell {
            href: Some(href.into()),
            ..Cell::text(text)
        }
    }

    pub(crate) fn tag(tone: Tone, text: impl Into<String>) -> Cell {
        Cell {
            tag: Some(tone),
            ..Cell::text(text)
        }
    }

    /// An amount; below zero it is red as well as signed.
    pub(crate) fn money(amount: mz_kernel::Fen) -> Cell {
        Cell {
            class: if amount.get() < 0 { "mz-neg" } else { "" },
            ..Cell::text(crate::format::yuan(amount))
        }
    }

    pub(crate) fn count(number: u64) -> Cell {
        Cell::text(crate::format::count(number))
    }

    pub(crate) fn with_note(self, note: impl Into<String>) -> Cell {
        Cell {
            note: note.into(),
            ..self
        }
    }
}

/// The head of a column; numbers stand at the right.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) text: &'static str,
    pub(crate) number: bool,
}

/// A table; `totals` has a cell a column, or none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    pub(crate) caption: String,
    pub(crate) heads: Vec<Head>,
    pub(crate) rows: Vec<Vec<Cell>>,
    pub(crate) totals: Vec<Cell>,
    /// What is said instead when there is no row.
    pub(crate) empty: &'static str,
    pub(crate) next: Option<String>,
}

impl Table {
    /// Columns by name; those that begin with `#` hold numbers.
    pub(crate) fn new(caption: impl Into<String>, heads: &[&'static str], empty: &'static str) -> Table {
        let heads = heads
            .iter()
            .map(|head| Head {
                text: head.trim_start_matches('#'),
                number: head.starts_with('#'),
            })
            .collect();
        Table {
            caption: caption.into(),
            heads,
            empty,
            ..Table::default()
        }
    }

    /// The cells of a row, each with whether its column holds numbers.
    pub(crate) fn marked<'a>(&'a self, row: &'a [Cell]) -> impl Iterator<Item = (&'a Cell, bool)> {
        let numbers = self.heads.iter().map(|head| head.number);
        row.iter().zip(numbers.chain(std::iter::repeat(false)))
    }
}

/// One step of a timeline and what it came from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Step {
    /// Where links of later steps point.
    pub(crate) anchor: String,
    pub(crate) on: String,
    pub(crate) title: String,
    pub(crate) event: String,
    pub(crate) details: Vec<(String, String)>,
    pub(crate) causes: Vec<Why>,
    pub(crate) tone: Tone,
}

/// A cause, linked when it stands on the same page.
#[derive(Debug, Clone)]
pub(crate) struct Why {
    pub(crate) text: String,
    pub(crate) anchor: Option<String>,
}

/// A form; fields of one page are told apart by the form's id.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) id: &'static str,
    pub(crate) method: &'static str,
    pub(crate) action: String,
    pub(crate) hidden: Vec<(&'static str, String)>,
    pub(crate) fields: Vec<Field>,
    pub(crate) buttons: Vec<Button>,
}

impl Form {
    pub(crate) fn post(
        id: &'static str,
        action: impl Into<String>,
        fields: Vec<Field>,
        buttons: Vec<Button>,
    ) -> Form {
        Form {
            id,
            method: "post",
            action: action.into(),
            hidden: Vec::new(),
            fields,
            buttons,
        }
    }

    pub(crate) fn get(
        id: &'static str,
        action: impl Into<String>,
        fields: Vec<Field>,
        button: &'static str,
    ) -> Form {
        Form {
            method: "get",
            ..Form::post(id, action, fields, vec![Button::main(button)])
        }
    }
}

/// How a field is filled.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Input(&'static str),
    Long,
    Choice(Vec<(&'static str, &'static str)>),
}

/// A field with its label.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) kind: Kind,
    pub(crate) value: String,
    pub(crate) hint: &'static str,
    pub(crate) error: String,
    pub(crate) complete: &'static str,
    pub(crate) required: bool,
    pub(crate) wide: bool,
    pub(crate) search: bool,
}

impl Field {
    pub(crate) fn new(name: &'static str, label: &'static str, kind: Kind) -> Field {
        Field {
            name,
            label,
            kind,
            value: String::new(),
            hint: "",
            error: String::new(),
            complete: "off",
            required: false,
            wide: false,
            search: false,
        }
    }

    pub(crate) fn required(self) -> Field {
        Field {
            required: true,
            ..self
        }
    }

    pub(crate) fn value(self, value: impl Into<String>) -> Field {
        Field {
            value: value.into(),
            ..self
        }
    }

    pub(crate) fn hint(self, hint: &'static str) -> Field {
        Field { hint, ..self }
    }
}

/// A button; with a name it says which of several was pressed.
#[derive(Debug, Clone)]
pub(crate) struct Button {
    pub(crate) text: &'static str,
    pub(crate) name: &'static str,
    pub(crate) value: &'static str,
    pub(crate) confirm: &'static str,
    pub(crate) tone: Tone,
}

impl Button {
    pub(crate) fn main(text: &'static str) -> Button {
        Button {
            text,
            name: "",
            value: "",
            confirm: "",
            tone: Tone::Good,
        }
    }

    pub(crate) fn named(tone: Tone, name: &'static str, value: &'static str, text: &'static str) -> Button {
        Button {
            text,
            name,
            value,
            confirm: "",
            tone,
        }
    }

    pub(crate) fn confirm(self, confirm: &'static str) -> Button {
        Button { confirm, ..self }
    }

    pub(crate) const fn class(&self) -> &'static str {
        match self.tone {
            Tone::Good => " mz-button--main",
            Tone::Bad => " mz-button--bad",
            Tone::Plain | Tone::Warn | Tone::Quiet => "",
        }
    }
}

/// A whole page.
#[derive(Template)]
#[template(path = "page.html")]
pub(crate) struct Page<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) view: &'a View,
}
