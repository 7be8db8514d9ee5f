//! Services as boxes, and who hears whom as lines between them.

use super::{State, escape, open, put};

/// A service.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) note: String,
    pub(crate) state: State,
}

/// Facts that go from one service to another; both by index into the nodes. The label is drawn where the line is not
/// in order; a screen reader and a pointer are always told `title`.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) title: String,
    pub(crate) label: String,
    pub(crate) state: State,
}

const WIDTH: usize = 240;
const HEIGHT: usize = 66;
/// From one box to the next, across and down.
const STEP: (usize, usize) = (403, 138);
const COLUMNS: usize = 3;

const fn place(at: usize) -> (usize, usize) {
    (20 + (at % COLUMNS) * STEP.0, 24 + (at / COLUMNS) * STEP.1)
}

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

/// Where a line leaves one box and meets the other: at the sides, or above and below where they stand in one column.
fn ends(from: usize, to: usize) -> ((usize, usize), (usize, usize)) {
    let ((fx, fy), (tx, ty)) = (place(from), place(to));
    if fx == tx {
        let down = ty > fy;
        let (leaves, meets) = if down {
            (fy + HEIGHT, ty)
        } else {
            (fy, ty + HEIGHT)
        };
        return ((fx + WIDTH / 2, leaves), (tx + WIDTH / 2, meets));
    }
    let right = tx > fx;
    let (leaves, meets) = if right { (fx + WIDTH, tx) } else { (fx, tx + WIDTH) };
    ((leaves, fy + HEIGHT / 2), (meets, ty + HEIGHT / 2))
}

/// The line's way, and where its middle is: around a box that stands between two in one row.
fn way(from: usize, to: usize) -> (String, (usize, usize)) {
    let ((fx, fy), (tx, ty)) = (place(from), place(to));
    if fy == ty && fx.abs_diff(tx) > STEP.0 {
        let (a, b, over) = (fx + WIDTH / 2, tx + WIDTH / 2, fy.saturating_sub(28));
        return (
            format!("M{a} {fy}C{a} {over} {b} {over} {b} {ty}"),
            (usize::midpoint(a, b), fy),
        );
    }
    let ((ax, ay), (bx, by)) = ends(from, to);
    let mx = usize::midpoint(ax, bx);
    let way = format!("M{ax} {ay}C{mx} {ay} {mx} {by} {bx} {by}");
    (way, (mx, usize::midpoint(ay, by)))
}

fn draw_edge(svg: &mut String, edge: &Edge) {
    let (way, (mx, my)) = way(edge.from, edge.to);
    let class = match edge.state {
        State::Good | State::Off => "",
        State::Warn => " mz-edge--warn",
        State::Bad => " mz-edge--bad",
    };
    put(
        svg,
        format_args!(
            r#"<path class="mz-edge{class}" marker-end="url(#mz-arrow)" d="{way}"><title>{}</title></path>"#,
            escape(&edge.title)
        ),
    );
    if !edge.label.is_empty() {
        put(
            svg,
            format_args!(
                r#"<text class="mz-code" x="{mx}" y="{}" text-anchor="middle">{}</text>"#,
                my.saturating_sub(6),
                escape(&edge.label)
            ),
        );
    }
}

/// Services on a grid of three columns, and who hears whom.
pub(crate) fn topology(name: &str, nodes: &[Node], edges: &[Edge]) -> String {
    let height = nodes.len().div_ceil(COLUMNS).max(1) * STEP.1 - 24;
    let height = u32::try_from(height).unwrap_or(400);
    let mut svg = open("mz-topology mz-chart--wide", 1130, height, name);
    svg.push_str(r#"<defs><marker id="mz-arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path class="mz-arrow" d="M0 0L10 5L0 10z"/></marker></defs>"#);
    for edge in edges {
        if edge.from < nodes.len() && edge.to < nodes.len() && edge.from != edge.to {
            draw_edge(&mut svg, edge);
        }
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
    fn a_line_that_is_in_order_says_nothing_and_one_to_nobody_is_not_drawn() {
        let node = |name: &str| Node {
            name: name.to_owned(),
            title: name.to_owned(),
            note: String::new(),
            state: State::Good,
        };
        let edge = |to: usize, label: &str| Edge {
            from: 0,
            to,
            title: "a to b".to_owned(),
            label: label.to_owned(),
            state: State::Warn,
        };
        let drawn = |edge: Edge| topology("n", &[node("a"), node("b")], &[edge]);
        assert!(drawn(edge(1, "late")).contains(">late</text>"));
        assert!(!drawn(edge(1, "")).contains("text-anchor=\"middle\""));
        assert!(!drawn(edge(2, "late")).contains("mz-edge"));
        assert!(topology("n", &[], &[]).ends_with("</svg>"));
    }
}
