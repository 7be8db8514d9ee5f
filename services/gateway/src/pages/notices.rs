//! `/notices` 通知: what the services told an office or a person, and whether it was read.

use super::answers::Notice;
use super::forms::{Button, Form};
use super::frame::{Block, Part, Row, Tone, View, card};
use super::known::Known;
use super::tables::{Cell, Table};

/// What the page shows.
pub(crate) struct Data {
    pub(crate) notices: Known<Vec<Notice>>,
    pub(crate) next: Option<String>,
}

/// The page.
pub(crate) fn view(data: Data) -> View {
    let mut view = View {
        title: "通知".into(),
        lead: "由各服务的事实自动生成；阅办后请标记".into(),
        active: "/notices",
        poll: Some(15),
        ..View::default()
    };
    if let Some(list) = data.notices.or_say(&mut view.notes, "通知列表", "notification") {
        view.rows.push(Row::One(vec![card(
            "收件",
            vec![Part::Table(table(&list, data.next))],
        )]));
    }
    view
}

/// One notice with its words; `name` is the masked name of the person that it is to or about, where it was asked for.
pub(crate) fn one(notice: Known<Notice>, name: Option<&str>) -> View {
    let mut view = View {
        title: "通知".into(),
        active: "/notices",
        crumbs: vec![("/notices".into(), "通知".into())],
        here: "正文".into(),
        ..View::default()
    };
    let Some(notice) = notice.or_say(&mut view.notes, "通知正文", "notification") else {
        return view;
    };
    let mut parts: Vec<Part> = addressed(&notice.recipient, name)
        .into_iter()
        .map(Part::Text)
        .collect();
    parts.extend(notice.body.lines().map(|line| Part::Text(line.to_owned())));
    if notice.read_on.is_none() {
        let action = format!("/notices/{}/read", notice.notice);
        parts.push(Part::Form(Form::post(
            "read",
            action,
            Vec::new(),
            vec![Button::main("标记为已阅")],
        )));
    }
    view.title = notice.title;
    view.lead = notice.issued_on.map_or_else(String::new, crate::format::day);
    view.foot = format!("单位（盖章）：　　　　　　{}", view.lead);
    view.rows.push(Row::One(vec![Block::Card {
        title: "正文".into(),
        link: notice
            .person
            .map(|person| (format!("/persons/{person}"), "相关人员".to_owned())),
        parts,
    }]));
    view
}

/// The line above the words. An office knows that it is meant.
fn addressed(recipient: &str, name: Option<&str>) -> Option<String> {
    match recipient {
        "person" => Some(format!("{}：", name?)),
        "family" => Some(format!("{} 的家属：", name?)),
        _ => None,
    }
}

/// Notices as a table.
pub(crate) fn table(list: &[Notice], next: Option<String>) -> Table {
    let mut table = Table::new("通知", &["日期", "标题", "状态"], "没有通知");
    table.next = next;
    table.rows = list
        .iter()
        .map(|notice| {
            let read = match notice.read_on {
                Some(_) => Cell::tag(Tone::Quiet, "已阅"),
                None => Cell::tag(Tone::Warn, "未阅"),
            };
            vec![
                Cell::text(notice.issued_on.map_or_else(String::new, |day| day.to_string())),
                Cell::link(format!("/notices/{}", notice.notice), &*notice.title),
                read,
            ]
        })
        .collect();
    table
}
