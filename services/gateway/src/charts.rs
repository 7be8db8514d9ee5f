//! Charts as SVG from the server: line, donut, bars, service topology, and the bar of a time limit.
//!
//! Each is `role="img"` with a name, marks carry `<title>`, series differ by dash and label besides colour, and text takes
//! its size from the stylesheet. The page gives the numbers once more as a table beside it ([`Chart::rows`]).

mod shares;
mod topology;

pub(crate) use shares::{bars, donut};
pub(crate) use topology::{Edge, Node, topology};

use std::fmt::Write as _;

/// A chart and the same numbers in words.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chart {
    /// The picture; everything in it is escaped.
    pub(crate) svg: String,
    /// What the legend says: class of the series, name.
    pub(crate) legend: Vec<(String, String)>,
    /// Heads of the table.
    pub(crate) heads: Vec<String>,
    /// Rows of the table.
    pub(crate) rows: Vec<Vec<String>>,
}

/// One series of a line chart; as many values as the chart has labels.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) values: Vec<u64>,
}

/// One part of a whole, or one bar; `text` is how its value is written.
#[derive(Debug, Clone)]
pub(crate) struct Share {
    pub(crate) name: String,
    pub(crate) value: u64,
    pub(crate) text: String,
}

/// How a node or a time limit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Good,
    Warn,
    Bad,
    Off,
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Drawing goes through this: coordinates are plain numbers, so writing to a String cannot fail.
fn put(svg: &mut String, part: std::fmt::Arguments<'_>) {
    let _ = svg.write_fmt(part);
}

fn open(class: &str, width: u32, height: u32, name: &str) -> String {
    format!(
        r#"<svg class="mz-chart {class}" viewBox="0 0 {width} {height}" role="img" aria-label="{}">"#,
        escape(name)
    )
}

/// The top of an axis for values up to `max` and its step, of the form 1, 2, 2.5 or 5 × 10ⁿ; at most five steps.
fn axis(max: u64) -> (u64, u64) {
    let mut power: u64 = 1;
    loop {
        for step in [power, 2 * power, 5 * power / 2, 5 * power] {
            if step > 0 && step.saturating_mul(5) >= max.max(1) {
                return (max.max(1).div_ceil(step).saturating_mul(step), step);
            }
        }
        if power > u64::MAX / 1000 {
            return (max, max);
        }
        power *= 10;
    }
}

/// `value` of `top` on a stretch of `length` tenths of a pixel; exact in integers.
fn scaled(value: u64, top: u64, length: u64) -> u64 {
    let on = u128::from(value.min(top)) * u128::from(length) / u128::from(top.max(1));
    u64::try_from(on).unwrap_or(length)
}

/// Tenths of a pixel as SVG writes them.
fn px(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Lines over labels of the axis (months or days).
pub(crate) fn line(name: &str, head: &str, labels: &[String], series: &[Series]) -> Chart {
    let (left, right, top, bottom, height) = (500, 7360, 150, 2480, 2820);
    let max = series
        .iter()
        .flat_map(|one| &one.values)
        .max()
        .copied()
        .unwrap_or(0);
    let (high, step) = axis(max);
    let x = |at: usize| {
        let last = labels.len().saturating_sub(1).max(1) as u64;
        left + scaled(at as u64, last, right - left)
    };
    let y = |value: u64| bottom - scaled(value, high, bottom - top);
    let mut svg = open("mz-chart--wide", 760, height / 10, name);
    grid(&mut svg, (left, right), (high, step), y);
    let every = labels.len().div_ceil(7).max(1);
    for (at, label) in labels.iter().enumerate().step_by(every) {
        put(
            &mut svg,
            format_args!(
                r#"<text x="{}" y="272" text-anchor="middle">{}</text>"#,
                px(x(at)),
                escape(label)
            ),
        );
    }
    for (number, one) in series.iter().enumerate() {
        let points: Vec<String> = one
            .values
            .iter()
            .enumerate()
            .map(|(at, value)| format!("{} {}", px(x(at)), px(y(*value))))
            .collect();
        if points.is_empty() {
            continue;
        }
        let path = points.join("L");
        if number == 0 && points.len() > 1 {
            let last = px(x(points.len() - 1));
            put(
                &mut svg,
                format_args!(
                    r#"<path class="mz-area" d="M{path}L{last} {} {} {}Z"/>"#,
                    px(bottom),
                    px(left),
                    px(bottom)
                ),
            );
        }
        let dash = if number > 0 { " mz-curve--dash" } else { "" };
        put(
            &mut svg,
            format_args!(r#"<path class="mz-s{number} mz-curve{dash}" d="M{path}"/>"#),
        );
        for (at, value) in one.values.iter().enumerate() {
            let label = labels.get(at).map(String::as_str).unwrap_or_default();
            put(
                &mut svg,
                format_args!(
                    r#"<circle class="mz-s{number} mz-dot" cx="{}" cy="{}" r="4"><title>{} {} {value}</title></circle>"#,
                    px(x(at)),
                    px(y(*value)),
                    escape(label),
                    escape(&one.name)
                ),
            );
        }
    }
    svg.push_str("</svg>");
    told(svg, head, labels, series)
}

/// The lines of the axis of values, each with its figure.
fn grid(svg: &mut String, (left, right): (u64, u64), (high, step): (u64, u64), y: impl Fn(u64) -> u64) {
    let mut value = 0;
    while value <= high {
        let at = px(y(value));
        put(
            svg,
            format_args!(r#"<path class="mz-axis" d="M{} {at}H{}"/>"#, px(left), px(right)),
        );
        put(
            svg,
            format_args!(r#"<text x="42" y="{at}" dy="4" text-anchor="end">{value}</text>"#),
        );
        value += step;
    }
}

/// A line chart's numbers as a table beside it.
fn told(svg: String, head: &str, labels: &[String], series: &[Series]) -> Chart {
    let mut heads = vec![head.to_owned()];
    heads.extend(series.iter().map(|one| one.name.clone()));
    let rows = labels.iter().enumerate().map(|(at, label)| {
        let mut row = vec![label.clone()];
        row.extend(
            series
                .iter()
                .map(|one| one.values.get(at).map_or_else(String::new, u64::to_string)),
        );
        row
    });
    Chart {
        svg,
        heads,
        rows: rows.collect(),
        legend: legend(series.iter().map(|one| &one.name)),
    }
}

fn legend<'a>(names: impl Iterator<Item = &'a String>) -> Vec<(String, String)> {
    names
        .enumerate()
        .map(|(at, name)| (format!("mz-s{}", at % 5), name.clone()))
        .collect()
}

/// How much of a time limit is used, `used` of `all` days; the words stand beside it on the page.
pub(crate) fn sla(used: u64, all: u64, state: State) -> String {
    let class = match state {
        State::Good | State::Off => "good",
        State::Warn => "warn",
        State::Bad => "bad",
    };
    format!(
        r#"<svg class="mz-sla" viewBox="0 0 64 8" aria-hidden="true"><rect class="mz-track" width="64" height="8" rx="3"/><rect class="mz-fill--{class}" width="{}" height="8" rx="3"/></svg>"#,
        px(scaled(used, all, 640).max(40))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_at_a_round_figure_above_the_highest_value() {
        for (max, expected) in [
            (0, (1, 1)),
            (3, (3, 1)),
            (133, (150, 50)),
            (11, (15, 5)),
            (97, (100, 20)),
            (1_200, (1_250, 250)),
        ] {
            let (top, step) = axis(max);
            assert_eq!((top, step), expected, "{max}");
            assert!(top >= max && top % step == 0);
        }
        assert!(axis(u64::MAX).0 >= u64::MAX / 2);
    }

    #[test]
    fn text_from_data_is_escaped() {
        let share = Share {
            name: "<b>".into(),
            value: 1,
            text: "\"&".into(),
        };
        let svg = bars("a<b", ["", ""], &[share]).svg;
        assert!(!svg.contains("<b>") && svg.contains("&lt;b&gt;") && svg.contains("&quot;&amp;"));
    }

    #[test]
    fn nothing_to_draw_is_an_empty_frame() {
        assert!(line("n", "h", &[], &[]).svg.ends_with("</svg>"));
        assert!(donut("n", ["", ""], "0", "", &[]).svg.ends_with("</svg>"));
    }
}
