//! Parts of a whole as a ring, and values side by side as bars.

use super::{Chart, Share, escape, open, put, px, scaled};

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
