//! `/health` 服务健康: which services are found and how they are, who hears whom, and what could not be applied.

use super::answers::{Parked, ServiceHealth};
use super::forms::{Button, Form};
use super::frame::{Note, Part, Row, Tone, View, card};
use super::tables::{Cell, Table};
use super::words;
use crate::charts::{self, Chart, Edge, Node, State};
use crate::format;
use mz_bus::bridge::Instance;

/// A service that should run, as far as it was found.
pub(crate) struct Found {
    pub(crate) name: &'static str,
    /// Its instances that answered to the discovery of services.
    pub(crate) instances: Vec<Instance>,
    /// What it says of itself; none when it does not answer, or its database does not.
    pub(crate) health: Option<ServiceHealth>,
    /// What it could not apply, where the officer may see it.
    pub(crate) parked: Vec<Parked>,
}

impl Found {
    fn state(&self) -> State {
        match &self.health {
            None => State::Off,
            Some(health) if health.parked > 0 => State::Bad,
            Some(health) if health.relay_waits.is_some() || !health.consumer_waits.is_empty() => State::Warn,
            Some(health) if health.unsealed > 0 || health.relayed < health.sealed => State::Warn,
            Some(_) => State::Good,
        }
    }

    fn note(&self) -> String {
        match (&self.health, self.state()) {
            (None, _) => "未应答".into(),
            (Some(health), State::Bad) => format!("死信 {} 条", health.parked),
            (Some(health), State::Warn) if health.waits() => "等待连接".into(),
            (Some(health), State::Warn) => format!("待发布 {}", format::count(health.unrelayed())),
            (Some(health), _) => format!("正常 · 已发布 {}", format::count(health.relayed)),
        }
    }

    /// Whether it hears all the others: its lines would cover the picture.
    fn hears_all(&self, services: &[Found]) -> bool {
        let heard = self.health.as_ref().map_or(0, |health| health.settled.len());
        heard + 1 >= services.len()
    }
}

/// The page; `administrator` sees what is parked, and has it tried again.
pub(crate) fn view(services: &[Found], administrator: bool) -> View {
    let count = |state: State| services.iter().filter(|one| one.state() == state).count();
    let (away, bad, slow) = (count(State::Off), count(State::Bad), count(State::Warn));
    let mut view = View {
        title: "服务健康".into(),
        lead: format!(
            "{} 个服务 · {away} 个未应答 · {bad} 项异常 · {slow} 项积压 · 每 15 秒更新",
            services.len()
        ),
        active: "/health",
        poll: Some(15),
        ..View::default()
    };
    for one in services.iter().filter(|one| one.health.is_none()) {
        let text = format!(
            "“{}”未应答：未启动、连接中断或数据库不可用。",
            words::service(one.name)
        );
        view.notes.push(Note::new(Tone::Bad, text));
    }
    view.rows = vec![
        Row::One(vec![card("服务与消息走向", vec![Part::Chart(drawn(services))])]),
        Row::One(vec![card("服务", vec![Part::Table(table(services))])]),
        Row::One(vec![card("听取与滞后", vec![Part::Table(lags(services))])]),
        Row::One(vec![card("死信", parked(services, administrator))]),
    ];
    view
}

fn drawn(services: &[Found]) -> Chart {
    let nodes: Vec<Node> = services
        .iter()
        .map(|one| Node {
            name: one.name.to_owned(),
            title: words::service(one.name).into(),
            note: if one.hears_all(services) {
                format!("{} · 听取全部", one.note())
            } else {
                one.note()
            },
            state: one.state(),
        })
        .collect();
    let edges = services
        .iter()
        .enumerate()
        .flat_map(|(to, one)| edges(services, to, one));
    Chart {
        svg: charts::topology(
            "服务与消息走向，同样内容见下表",
            &nodes,
            &edges.collect::<Vec<_>>(),
        ),
        ..Chart::default()
    }
}

/// The lines to a service: from all it hears, or, where it hears everybody, from those that are not in order.
fn edges(services: &[Found], to: usize, one: &Found) -> Vec<Edge> {
    let all = one.hears_all(services);
    let heard = one.health.iter().flat_map(|health| &health.settled);
    let edge = |(source, upto): (&String, &u64)| {
        let from = services.iter().position(|other| other.name == source)?;
        let lag = lag(services, source, *upto);
        let waits = one.health.as_ref()?.consumer_waits.contains_key(source);
        let parked = one.parked.iter().any(|parked| parked.source == *source);
        let state = match (parked, waits || lag > 0) {
            (true, _) => State::Bad,
            (false, true) => State::Warn,
            (false, false) => State::Good,
        };
        let title = format!(
            "{} 至 {}：已处理到 {upto}",
            words::service(source),
            words::service(one.name)
        );
        (!all || state != State::Good).then(|| Edge {
            from,
            to,
            title,
            label: if lag > 0 {
                format!("滞后 {lag}")
            } else {
                String::new()
            },
            state,
        })
    };
    heard.filter_map(edge).collect()
}

/// How many messages of a source are not settled yet.
fn lag(services: &[Found], source: &str, upto: u64) -> u64 {
    let source = services.iter().find(|one| one.name == source);
    let sent = source
        .and_then(|one| one.health.as_ref())
        .map_or(0, |health| health.relayed);
    sent.saturating_sub(upto)
}

fn table(services: &[Found]) -> Table {
    let heads = ["服务", "状态", "版本", "实例", "#已封链", "#待发布", "#死信"];
    let mut table = Table::new("服务", &heads, "没有服务");
    table.rows = services
        .iter()
        .map(|one| {
            let state = match one.state() {
                State::Good => Cell::tag(Tone::Good, "正常"),
                State::Warn => Cell::tag(Tone::Warn, "积压"),
                State::Bad => Cell::tag(Tone::Bad, "异常"),
                State::Off => Cell::tag(Tone::Bad, "未应答"),
            };
            let mut versions: Vec<&str> = one.instances.iter().map(|instance| &*instance.version).collect();
            versions.dedup();
            let ids: Vec<String> = one
                .instances
                .iter()
                .map(|instance| format::tail(&instance.id))
                .collect();
            let health = one.health.clone().unwrap_or_default();
            let waits: Vec<&str> = health.relay_waits.iter().map(String::as_str).collect();
            vec![
                Cell::text(words::service(one.name)).with_note(one.name),
                state.with_note(waits.join("；")),
                Cell::text(if versions.is_empty() {
                    "—".into()
                } else {
                    versions.join("、")
                }),
                Cell {
                    class: "mz-code",
                    ..Cell::text(if ids.is_empty() {
                        "未发现".into()
                    } else {
                        ids.join("、")
                    })
                },
                Cell::count(health.sealed),
                Cell::count(health.unrelayed()),
                Cell::count(health.parked),
            ]
        })
        .collect();
    table
}

/// One row a service: whom it hears, and of whom it has not settled everything.
fn lags(services: &[Found]) -> Table {
    let mut table = Table::new(
        "听取与滞后",
        &["服务", "听取", "#已处理", "#滞后", "状态"],
        "没有服务听取其他服务",
    );
    for one in services {
        let Some(health) = one.health.as_ref().filter(|health| !health.settled.is_empty()) else {
            continue;
        };
        let lags: Vec<(&str, u64)> = health
            .settled
            .iter()
            .map(|(source, upto)| (words::service(source), lag(services, source, *upto)))
            .collect();
        let late = lags
            .iter()
            .filter(|(_, lag)| *lag > 0)
            .map(|(source, lag)| format!("{source} {lag} 条"));
        let late: Vec<String> = late.collect();
        let waits: Vec<String> = health
            .consumer_waits
            .iter()
            .map(|(source, why)| format!("{}：{why}", words::service(source)))
            .collect();
        let state = match (waits.is_empty(), late.is_empty()) {
            (false, _) => Cell::tag(Tone::Warn, "等待").with_note(waits.join("；")),
            (true, false) => Cell::tag(Tone::Warn, "处理中").with_note(late.join("、")),
            (true, true) => Cell::tag(Tone::Good, "同步"),
        };
        let sources: Vec<&str> = lags.iter().map(|(source, _)| *source).collect();
        table.rows.push(vec![
            Cell::text(words::service(one.name)),
            Cell::text(sources.join("、")),
            Cell::count(health.settled.values().sum()),
            Cell::count(lags.iter().map(|(_, lag)| lag).sum()),
            state,
        ]);
    }
    table
}

/// What is parked, one form for each aggregate: trying one event again tries those behind it, too.
fn parked(services: &[Found], administrator: bool) -> Vec<Part> {
    let all: u64 = services
        .iter()
        .filter_map(|one| one.health.as_ref())
        .map(|health| health.parked)
        .sum();
    if all == 0 {
        return vec![Part::Hint("没有死信：所有事件都已处理。".into())];
    }
    if !administrator {
        return vec![Part::Hint(format!(
            "{all} 条事件未能处理，明细与重试由管理员办理。"
        ))];
    }
    let heads = ["服务", "来源", "对象", "#序号", "原因", "次数"];
    let mut table = Table::new("死信", &heads, "明细暂不可用");
    let mut parts = Vec::new();
    let listed = services
        .iter()
        .flat_map(|one| one.parked.iter().map(move |parked| (one, parked)));
    for (one, parked) in listed {
        table.rows.push(vec![
            Cell::text(words::service(one.name)),
            Cell::text(words::service(&parked.source)),
            Cell {
                class: "mz-code",
                ..Cell::text(format::tail(&parked.aggregate))
            },
            Cell::count(parked.sequence),
            Cell::tag(Tone::Bad, words::parked(&parked.reason)).with_note(&*parked.detail),
            Cell::count(parked.attempts),
        ]);
        if parked.reason != "behind" {
            let form = Form::post(
                "retry",
                "/health/retry",
                Vec::new(),
                vec![Button::plain("重新处理")],
            );
            let hidden = vec![
                ("service", one.name.to_owned()),
                ("source", parked.source.clone()),
                ("aggregate", parked.aggregate.clone()),
            ];
            let what = format!(
                "{} ← {} {}",
                words::service(one.name),
                words::service(&parked.source),
                format::tail(&parked.aggregate)
            );
            parts.push(Part::Text(what));
            parts.push(Part::Form(form.hidden(hidden)));
        }
    }
    parts.insert(0, Part::Table(table));
    parts
}
