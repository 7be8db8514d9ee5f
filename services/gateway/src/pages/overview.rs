//! `/` 业务总览: the month in five figures, a trend, money by programme, what is due, open cases by township.

use super::answers::Overview;
use super::cases;
use super::frame::{Block, Kpi, Part, Row, Tone, View, card};
use super::known::{Known, Places};
use super::words;
use crate::charts::{self, Series, Share};
use crate::format;
use mz_kernel::{Date, Fen};

/// What the page shows.
pub(crate) struct Data {
    pub(crate) today: Date,
    pub(crate) overview: Known<Overview>,
    pub(crate) unread: Known<u64>,
    pub(crate) places: Places,
}

/// The page.
pub(crate) fn view(data: Data) -> View {
    let mut view = View {
        title: "业务总览".into(),
        lead: format!("{} · 金额精确到分", format::day(data.today)),
        active: "/",
        poll: Some(15),
        ..View::default()
    };
    let unread = data.unread.or_say(&mut view.notes, "未读通知数", "notification");
    let Some(overview) = data
        .overview
        .or_say(&mut view.notes, "本月数据、趋势与临近时限", "insight")
    else {
        return view;
    };
    let open: u64 = overview.open.iter().map(|place| place.cases).sum();
    let late = overview
        .near_due
        .iter()
        .filter(|case| cases::is_late(case))
        .count();
    let mut kpis = vec![
        Kpi::new(Tone::Plain, "本月受理", format::count(overview.accepted), "件"),
        Kpi::new(
            if late > 0 { Tone::Bad } else { Tone::Plain },
            "在办件",
            format::count(open),
            if late > 0 {
                format!("其中 {late} 件已超期")
            } else {
                "无超期件".into()
            },
        ),
        Kpi::new(
            Tone::Plain,
            "本月发放（元）",
            format::yuan(overview.paid),
            format!("{} 人次", format::count(overview.person_times)),
        ),
    ];
    if let Some(unread) = unread {
        let tone = if unread > 0 { Tone::Warn } else { Tone::Plain };
        kpis.push(Kpi::new(tone, "未读通知", format::count(unread), "待阅办"));
    }
    view.rows = vec![
        Row::One(vec![Block::Kpis(kpis)]),
        Row::Two(vec![trend(&overview)], vec![money(&overview)]),
        Row::Two(
            vec![Block::Card {
                title: "临近时限".into(),
                link: Some(("/cases".into(), "全部在办".into())),
                parts: vec![Part::Table(cases::table(&overview.near_due, &data.places, None))],
            }],
            vec![townships(&overview, &data.places)],
        ),
    ];
    view
}

fn trend(overview: &Overview) -> Block {
    let months: Vec<String> = overview.series.iter().map(|month| month.month.clone()).collect();
    let of = |name: &str, pick: fn(&super::answers::MonthOfCases) -> u64| Series {
        name: name.into(),
        values: overview.series.iter().map(pick).collect(),
    };
    let series = [
        of("受理", |month| month.accepted),
        of("办结", |month| month.finished),
    ];
    card(
        "受理与办结趋势（近 12 个月，件）",
        vec![Part::Chart(charts::line(
            "受理与办结趋势，按月",
            "月份",
            &months,
            &series,
        ))],
    )
}

fn money(overview: &Overview) -> Block {
    let shares: Vec<Share> = overview
        .money
        .iter()
        .map(|money| Share {
            name: words::programme(&money.programme).into(),
            value: u64::try_from(money.amount.get()).unwrap_or(0),
            text: format::yuan(money.amount),
        })
        .collect();
    let whole: i64 = overview.money.iter().map(|money| money.amount.get()).sum();
    if whole == 0 {
        return card("本月资金占比", vec![Part::Hint("本月还没有到账的发放。".into())]);
    }
    // 万元 with one decimal, cut and not rounded: the exact sum stands among the figures above.
    let middle = format!("{}.{}", whole / 1_000_000, whole / 100_000 % 10);
    card(
        "本月资金占比",
        vec![
            Part::Chart(charts::donut(
                "本月资金按事项",
                ["事项", "金额（元）"],
                &middle,
                "万元",
                &shares,
            )),
            Part::Hint(format!("合计 {} 元", format::yuan(Fen::new(whole)))),
        ],
    )
}

fn townships(overview: &Overview, places: &Places) -> Block {
    let shares: Vec<Share> = overview
        .open
        .iter()
        .map(|place| Share {
            name: places.name(&place.division).into(),
            value: place.cases,
            text: format::count(place.cases),
        })
        .collect();
    if shares.is_empty() {
        return card("各乡镇在办件", vec![Part::Hint("没有在办件。".into())]);
    }
    card(
        "各乡镇在办件",
        vec![Part::Chart(charts::bars("各乡镇在办件", ["乡镇", "件"], &shares))],
    )
}
