//! The palette: words stand out from what they stand on.

/// Relative luminance of sRGB, 0 to 1 (WCAG 2.2).
fn luminance(colour: &str) -> f64 {
    let hex = colour.trim_start_matches('#');
    let wide: String = if hex.len() == 3 {
        hex.chars().flat_map(|digit| [digit, digit]).collect()
    } else {
        hex.to_owned()
    };
    let channel = |at: usize| {
        let part = f64::from(u8::from_str_radix(&wide[at..at + 2], 16).unwrap()) / 255.0;
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn words_stand_out_from_what_they_stand_on() {
    let css = include_str!("../../assets/mz.css");
    let of = |name: &str| {
        let start = format!("--{name}:");
        let rest = css
            .split(&start)
            .nth(1)
            .unwrap_or_else(|| panic!("no colour {name}"));
        rest.split([';', '}']).next().unwrap().to_owned()
    };
    for (words, ground) in [
        ("ink", "card"),
        ("ink", "page"),
        ("ink", "head"),
        ("muted", "card"),
        ("muted", "page"),
        ("primary", "card"),
        ("dark", "tint"),
        ("bad", "card"),
        ("bad", "bad-tint"),
        ("warn", "card"),
        ("warn", "warn-tint"),
        ("good", "card"),
        ("good-ink", "good-tint"),
    ] {
        let found = contrast(&of(words), &of(ground));
        // WCAG 2.2, 1.4.3 (AA).
        assert!(found >= 4.5, "{words} on {ground}: {found:.2}");
    }
    // What shows where one is, and where a field begins, stands out, too (1.4.11).
    for (line, ground) in [("ring", "card"), ("ring", "page"), ("edge", "card")] {
        let found = contrast(&of(line), &of(ground));
        assert!(found >= 3.0, "{line} on {ground}: {found:.2}");
    }
    for ground in ["#083f78", "#1467bd", "#0b57a4", "#c4141b"] {
        assert!(contrast("#fff", ground) >= 4.5, "white on {ground}");
    }
}
