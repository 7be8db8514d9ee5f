//! `/health` 服务健康: who hears whom, drawn from what the services say of themselves, and the same as a table.

use super::answers::{Health, ServiceHealth};
use super::frame::{Part, Row, Tone, View, card};
use super::known::Known;
use super::tables::{Cell, Table};
use super::words;
use crate::charts::{self, Chart, Edge, Node, State};
use crate::format;

/// The page.
pub(crate) fn view(health: Known<Health>) -> View {
    let mut view = View {
        title: "服务健康".into(),
        active: "/health",
        poll: Some(15),
        ..View::default()
    };
    let Some(health) = health.or_say(&mut view.notes, "各服务状态", "gateway") else {
        return view;
    };
    let services = &health.services;
    let bad = services.iter().filter(|one| state(one) == State::Bad).count();
    let slow = services.iter().filter(|one| state(one) == State::Warn).count();
    view.lead = format!(
        "{} 个服务 · {bad} 项异常 · {slow} 项积压 · 每 15 秒更新",
        services.len()
    );
    view.rows.push(Row::One(vec![card(
        "服务与主题拓扑",
        vec![Part::Chart(drawn(services))],
    )]));
    view.rows
        .push(Row::One(vec![card("服务", vec![Part::Table(table(services))])]));
    let parked: u64 = services.iter().map(|one| one.parked).sum();
    let words = if parked == 0 {
        "没有死信：所有事件都已处理。"
    } else {
        "死信明细与重试：由系统管理员执行命令 minzheng parked。"
    };
    view.rows
        .push(Row::One(vec![card("死信", vec![Part::Hint(words.into())])]));
    view
}

fn state(service: &ServiceHealth) -> State {
    if service.parked > 0 {
        State::Bad
    } else if service.relay_waits.is_some() || !service.consumer_waits.is_empty() {
        State::Warn
    } else {
        State::Good
    }
}

fn note(service: &ServiceHealth) -> String {
    match state(service) {
        State::Bad => format!("死信 {} 条", service.parked),
        State::Warn => "等待连接或积压".into(),
        State::Good | State::Off => format!("正常 · 已发布 {}", format::count(service.relayed)),
    }
}

fn drawn(services: &[ServiceHealth]) -> Chart {
    let nodes: Vec<Node> = services
        .iter()
        .map(|one| Node {
            name: one.service.clone(),
            title: words::service(&one.service).into(),
            note: note(one),
            state: state(one),
        })
        .collect();
    let at = |name: &str| services.iter().position(|one| one.service == name);
    let edges: Vec<Edge> = services
        .iter()
        .enumerate()
        .flat_map(|(to, one)| one.settled.iter().map(move |(source, upto)| (to, source, upto)))
        .filter_map(|(to, source, upto)| {
            Some(Edge {
                from: at(source)?,
                to,
                label: format!("{source} {upto}"),
            })
        })
        .collect();
    Chart {
        svg: charts::topology("服务与主题拓扑，同样内容见下表", &nodes, &edges),
        ..Chart::default()
    }
}

fn table(services: &[ServiceHealth]) -> Table {
    let mut table = Table::new(
        "服务",
        &["服务", "状态", "#已发布", "#待发布", "听取", "#死信"],
        "没有服务应答",
    );
    table.rows = services
        .iter()
        .map(|one| {
            let state = match state(one) {
                State::Good => Cell::tag(Tone::Good, "正常"),
                State::Warn => Cell::tag(Tone::Warn, "积压"),
                State::Bad => Cell::tag(Tone::Bad, "异常"),
                State::Off => Cell::tag(Tone::Quiet, "未启动"),
            };
            let hears: Vec<String> = one
                .settled
                .iter()
                .map(|(source, upto)| format!("{} 至 {upto}", words::service(source)))
                .collect();
            vec![
                Cell::text(words::service(&one.service)).with_note(&*one.service),
                state,
                Cell::count(one.relayed),
                Cell::count(one.unsealed),
                Cell::text(if hears.is_empty() {
                    "—".into()
                } else {
                    hears.join("；")
                }),
                Cell::count(one.parked),
            ]
        })
        .collect();
    table
}
