//! Charts as SVG from the server: line, donut, bars, service topology, and the bar of a time limit.
//!
//! Each is `role="img"` with a name, marks carry `<title>`, series differ by dash and label besides colour, and text takes
//! its size from the stylesheet. The page gives the numbers once more as a table beside it ([`Chart::rows`]).

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

/// A service in the topology.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) note: String,
    pub(crate) state: State,
}

/// Facts that go from one service to another; both by index into the nodes.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) label: String,
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

/// Parts of a whole, with the whole in the middle; a share is told in per cent and in its own text.
pub(crate) fn donut(name: &str, heads: [&str; 2], middle: &str, unit: &str, shares: &[Share]) -> Chart {
    let whole: u64 = shares.iter().map(|share| share.value).sum();
    let mut svg = open("", 400, 190, name);
    // Radius 15.9155 gives a ring of 100 units: lengths and offsets are then per cent, and no angle is computed.
    let mut before = 0;
    svg.push_str(r#"<g transform="translate(88 92) scale(3.6) rotate(-90)" fill="none">"#);
    for (at, share) in shares.iter().enumerate() {
        let part = scaled(share.value, whole, 1000);
        put(
            &mut svg,
            format_args!(
                r#"<circle class="mz-s{} mz-ring" r="15.9155" fill="none" stroke-width="9" stroke-dasharray="{} 100" stroke-dashoffset="-{}"><title>{} {}</title></circle>"#,
                at % 5,
                px(part),
                px(before),
                escape(&share.name),
                escape(&share.text)
            ),
        );
        before += part;
    }
    svg.push_str("</g>");
    put(
        &mut svg,
        format_args!(
            r#"<text class="mz-mid" x="88" y="94" text-anchor="middle">{}</text>"#,
            escape(middle)
        ),
    );
    put(
        &mut svg,
        format_args!(
            r#"<text x="88" y="114" text-anchor="middle">{}</text>"#,
            escape(unit)
        ),
    );
    for (at, share) in shares.iter().take(6).enumerate() {
        let y = 34 + 27 * at;
        put(
            &mut svg,
            format_args!(
                r#"<rect class="mz-s{}" x="186" y="{}" width="12" height="12" rx="3"/><text x="206" y="{y}">{}</text><text x="392" y="{y}" text-anchor="end">{}%</text>"#,
                at % 5,
                y - 11,
                escape(&share.name),
                (scaled(share.value, whole, 1000) + 5) / 10
            ),
        );
    }
    svg.push_str("</svg>");
    Chart {
        svg,
        heads: heads.map(str::to_owned).into(),
        rows: rows_of(shares),
        legend: Vec::new(),
    }
}

fn rows_of(shares: &[Share]) -> Vec<Vec<String>> {
    shares
        .iter()
        .map(|share| vec![share.name.clone(), share.text.clone()])
        .collect()
}

/// One bar a name, the longest first as given.
pub(crate) fn bars(name: &str, heads: [&str; 2], shares: &[Share]) -> Chart {
    let max = shares.iter().map(|share| share.value).max().unwrap_or(0);
    let height = u32::try_from(shares.len()).unwrap_or(1).max(1) * 34 + 6;
    let mut svg = open("", 400, height, name);
    for (at, share) in shares.iter().enumerate() {
        let y = 6 + 34 * at;
        put(
            &mut svg,
            format_args!(
                r#"<text x="92" y="{}" text-anchor="end">{}</text><rect class="mz-track" x="100" y="{y}" width="230" height="20" rx="3"/><rect class="mz-fill" x="100" y="{y}" width="{}" height="20" rx="3"><title>{} {}</title></rect><text x="338" y="{}">{}</text>"#,
                y + 15,
                escape(&share.name),
                px(scaled(share.value, max, 2300)),
                escape(&share.name),
                escape(&share.text),
                y + 15,
                escape(&share.text)
            ),
        );
    }
    svg.push_str("</svg>");
    Chart {
        svg,
        heads: heads.map(str::to_owned).into(),
        rows: rows_of(shares),
        legend: Vec::new(),
    }
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

const WIDTH: usize = 240;
const HEIGHT: usize = 66;

/// One service: its box, its state as a dot, its names and its note.
fn draw_node(svg: &mut String, (x, y): (usize, usize), node: &Node) {
    let (class, fill) = match node.state {
        State::Good => ("", "mz-fill--good"),
        State::Warn => (" mz-node--warn", "mz-fill--warn"),
        State::Bad => (" mz-node--bad", "mz-fill--bad"),
        State::Off => (" mz-node--off", "mz-s4"),
    };
    put(
        svg,
        format_args!(
            r#"<rect class="mz-node{class}" x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="8"/><circle class="{fill}" cx="{}" cy="{}" r="6.5"/><text class="mz-name" x="{}" y="{}">{} <tspan class="mz-code">{}</tspan></text><text x="{}" y="{}">{}</text>"#,
            x + 22,
            y + HEIGHT / 2,
            x + 42,
            y + 28,
            escape(&node.title),
            escape(&node.name),
            x + 42,
            y + 50,
            escape(&node.note)
        ),
    );
}

/// Where the label of an edge stands, and to which side it runs. Beside the start: there the curves of one source have
/// parted, and no box is above the label. `across` is how far apart the boxes are, and whether they are in one row.
fn label_place(
    from: (usize, usize),
    to: (usize, usize),
    across: (usize, bool),
) -> (usize, usize, &'static str) {
    let level = if to.1 > from.1 {
        from.1 + 24
    } else {
        from.1.saturating_sub(16)
    };
    match across {
        (0, _) => (from.0 + 10, usize::midpoint(from.1, to.1), "start"),
        (_, true) => (usize::midpoint(from.0, to.0), from.1, "middle"),
        (404.., false) => (from.0, from.1 + 24, if to.0 > from.0 { "start" } else { "end" }),
        _ if to.0 > from.0 => (from.0 + 50, level, "start"),
        _ => (from.0.saturating_sub(50), level, "end"),
    }
}

/// Services on a grid of three columns, and who hears whom.
pub(crate) fn topology(name: &str, nodes: &[Node], edges: &[Edge]) -> String {
    let place = |at: usize| (20 + (at % 3) * 403, 24 + (at / 3) * 138);
    let height = nodes.len().div_ceil(3).max(1) * 138 - 24;
    let mut svg = open(
        "mz-topology mz-chart--wide",
        1130,
        u32::try_from(height).unwrap_or(400),
        name,
    );
    svg.push_str(r#"<defs><marker id="mz-arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path class="mz-arrow" d="M0 0L10 5L0 10z"/></marker></defs>"#);
    for edge in edges {
        if edge.from >= nodes.len() || edge.to >= nodes.len() || edge.from == edge.to {
            continue;
        }
        let ((fx, fy), (tx, ty)) = (place(edge.from), place(edge.to));
        let (from, to) = if fx == tx {
            let down = ty > fy;
            (
                (fx + WIDTH / 2, if down { fy + HEIGHT } else { fy }),
                (tx + WIDTH / 2, if down { ty } else { ty + HEIGHT }),
            )
        } else {
            let right = tx > fx;
            (
                (if right { fx + WIDTH } else { fx }, fy + HEIGHT / 2),
                (if right { tx } else { tx + WIDTH }, ty + HEIGHT / 2),
            )
        };
        let mx = usize::midpoint(from.0, to.0);
        let label = label_place(from, to, (fx.abs_diff(tx), fy == ty));
        put(
            &mut svg,
            format_args!(
                r#"<path class="mz-edge" marker-end="url(#mz-arrow)" d="M{} {}C{mx} {} {mx} {} {} {}"><title>{}</title></path>"#,
                from.0,
                from.1,
                from.1,
                to.1,
                to.0,
                to.1,
                escape(&edge.label)
            ),
        );
        put(
            &mut svg,
            format_args!(
                r#"<text class="mz-code" x="{}" y="{}" text-anchor="{}">{}</text>"#,
                label.0,
                label.1.saturating_sub(6),
                label.2,
                escape(&edge.label)
            ),
        );
    }
    for (at, node) in nodes.iter().enumerate() {
        draw_node(&mut svg, place(at), node);
    }
    svg.push_str("</svg>");
    svg
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
        assert!(topology("n", &[], &[]).ends_with("</svg>"));
    }
}
