//! Tables and numbers as people read them.

use mz_kernel::Fen;

/// Columns as wide as their widest cell, numbers to the right, and the last one as long as it is.
pub(super) fn table(rows: &[[String; 5]]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let widths = [width(0), width(1), width(2), width(3)];
    let line = |[class, figure, ours, printed, comparison]: &[String; 5]| {
        let [first, second, third, fourth] = widths;
        format!("{class:first$}  {figure:second$}  {ours:>third$}  {printed:>fourth$}  {comparison}\n")
    };
    rows.iter().map(line).collect()
}

/// `1,658,618.00`.
pub(super) fn yuan(amount: Fen) -> String {
    let text = amount.to_string();
    match text.split_once('.') {
        Some((whole, fen)) => format!("{}.{fen}", commas(whole)),
        None => commas(&text),
    }
}

/// `2,269`.
pub(super) fn grouped(number: i64) -> String {
    commas(&number.to_string())
}

fn commas(number: &str) -> String {
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", number),
    };
    let mut text = sign.to_owned();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (-123_456, "-123,456")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(yuan(Fen::new(-100_005)), "-1,000.05");
    }
}
