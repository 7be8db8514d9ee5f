//! What stands around every page, and the parts that pages are made of: plain data, which the templates draw.

use super::forms::{Form, Kind};
use super::tables::{Cell, Table};
use crate::charts::Chart;
use askama::Template;

/// Whose pages a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum For {
    /// Everybody who is signed in.
    All,
    /// Township and bureau officers.
    Officers,
    /// Administrators.
    Administrators,
}

/// A link of the navigation.
pub(crate) struct Link {
    pub(crate) path: &'static str,
    pub(crate) title: &'static str,
    /// Its symbol in `assets/icons.svg`.
    pub(crate) icon: &'static str,
    pub(crate) whose: For,
}

const fn link(whose: For, path: &'static str, title: &'static str, icon: &'static str) -> Link {
    Link {
        path,
        title,
        icon,
        whose,
    }
}

/// The navigation in its three groups.
pub(crate) const NAVIGATION: &[(&str, &[Link])] = &[
    (
        "业务",
        &[
            link(For::Officers, "/", "业务总览", "overview"),
            link(For::Officers, "/cases", "我的工作台", "list"),
            link(For::All, "/persons", "人员查询", "person"),
            link(For::Officers, "/batches", "资金发放", "money"),
            link(For::Officers, "/recoveries", "追回管理", "back"),
            link(For::Officers, "/reports", "统计报表", "chart"),
        ],
    ),
    (
        "集成",
        &[
            link(For::Officers, "/notices", "通知", "bell"),
            link(For::All, "/openapi.json", "接口文档", "code"),
        ],
    ),
    (
        "运维",
        &[
            link(For::All, "/health", "服务健康", "pulse"),
            link(For::Administrators, "/users", "账号管理", "users"),
            link(For::Administrators, "/audit", "查阅留痕", "eye"),
        ],
    ),
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
    /// Whether the pages of officers are linked.
    pub(crate) officer: bool,
    /// Whether the pages of administrators are linked.
    pub(crate) administrator: bool,
    /// Notices not read yet, where the service answers.
    pub(crate) unread: Option<u64>,
}

impl Frame {
    /// Whether a link leads somewhere for whoever looks.
    pub(crate) fn shows(&self, link: &Link) -> bool {
        match link.whose {
            For::All => true,
            For::Officers => self.officer,
            For::Administrators => self.administrator,
        }
    }
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

impl View {
    /// Says what was done by the form that led here, by its code in the address.
    pub(crate) fn say_done(&mut self, code: Option<&String>) {
        let said = code.and_then(|code| super::words::done(code));
        if let Some(text) = said {
            self.notes.insert(0, Note::new(Tone::Good, text));
        }
    }
}

/// A sentence that must be seen.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    pub(crate) tone: Tone,
    pub(crate) text: String,
    /// What a service said of it, in English: in small print behind it.
    pub(crate) detail: String,
}

impl Note {
    pub(crate) fn new(tone: Tone, text: impl Into<String>) -> Note {
        Note {
            tone,
            text: text.into(),
            detail: String::new(),
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

/// A whole page.
#[derive(Template)]
#[template(path = "page.html")]
pub(crate) struct Page<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) view: &'a View,
}
