//! Tables and numbers as people read them.

use mz_kernel::Fen;

/// Columns as wide as their widest cell, those in `right` to the right, and the last one as long as it is.
pub(crate) fn table<const COLUMNS: usize>(rows: &[[String; COLUMNS]], right: &[usize]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let cell = |(column, text): (usize, &String)| {
        let width = widths[column];
        if column + 1 == COLUMNS {
            text.clone()
        } else if right.contains(&column) {
            format!("{text:>width$}  ")
        } else {
            format!("{text:width$}  ")
        }
    };
    let line = |row: &[String; COLUMNS]| {
        let cells: String = row.iter().enumerate().map(cell).collect();
        format!("{}\n", cells.trim_end())
    };
    rows.iter().map(line).collect()
}

/// `1,658,618.00`.
pub(crate) fn yuan(amount: Fen) -> String {
    let text = amount.to_string();
    match text.split_once('.') {
        Some((whole, fen)) => format!("{}.{fen}", commas(whole)),
        None => commas(&text),
    }
}

/// `2,269`.
pub(crate) fn grouped(number: i64) -> String {
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
    fn numbers_stand_below_each_other() {
        let rows = [["a", "1", "x"], ["bc", "10", ""]].map(|row| row.map(str::to_owned));
        assert_eq!(table(&rows, &[1]), "a    1  x\nbc  10\n");
    }

    #[test]
    fn thousands_are_set_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (-123_456, "-123,456")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(yuan(Fen::new(-100_005)), "-1,000.05");
    }
}
