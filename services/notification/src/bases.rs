//! The legal bases that notices name, dated: which text was in force on the day of the event.
//!
//! `templates/bases.txt` has a row for each: template, programme or `*`, first day or `-`, last day or `-`, and the text
//! as it is cited. A notice whose basis nobody has compared with the print names none.

use mz_kernel::Date;

const BASES: &str = include_str!("../templates/bases.txt");

struct Basis<'a> {
    template: &'a str,
    programme: &'a str,
    from: Option<Date>,
    until: Option<Date>,
    text: &'a str,
}

/// None for a comment, an empty line and a row that cannot be read; a test admits no such row.
fn read(line: &str) -> Option<Basis<'_>> {
    let mut columns = line.splitn(5, ' ');
    let [template, programme, from, until, text] =
        std::array::from_fn(|_| columns.next().unwrap_or_default());
    let day = |text: &str| match text {
        "-" => Some(None),
        day => day.parse().ok().map(Some),
    };
    let basis = Basis {
        template,
        programme,
        from: day(from)?,
        until: day(until)?,
        text,
    };
    (!basis.text.is_empty()).then_some(basis)
}

/// What a notice of a programme rests on, on a day; none where no text is listed for it.
pub(crate) fn basis(template: &str, programme: Option<&str>, on: Date) -> Option<&'static str> {
    let mut rows = BASES.lines().filter_map(read);
    let found = rows.find(|row| {
        row.template == template
            && (row.programme == "*" || Some(row.programme) == programme)
            && row.from.is_none_or(|from| from <= on)
            && row.until.is_none_or(|until| on <= until)
    });
    found.map(|row| row.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::templates::template;

    #[test]
    fn every_row_is_read_and_belongs_to_a_template() {
        for line in BASES
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            let row = read(line).unwrap_or_else(|| panic!("{line}"));
            assert!(template(row.template).is_some(), "{line}");
            assert!(row.text.contains('《'), "{line}");
        }
    }

    #[test]
    fn the_text_in_force_on_the_day_is_named() {
        let on = |day: &str| basis("case-accepted", Some("tekun"), day.parse().unwrap());
        assert_eq!(on("2020-04-08"), Some("《社会救助暂行办法》"));
        assert_eq!(on("2026-06-30"), Some("《社会救助暂行办法》"));
        assert_eq!(on("2026-07-01"), Some("《社会救助法》"));
        let stopped = |programme, day: &str| basis("entitlement-stopped", programme, day.parse().unwrap());
        assert_eq!(
            stopped(Some("tekun"), "2021-06-30"),
            None,
            "the text before was not compared"
        );
        assert_eq!(
            stopped(Some("tekun"), "2021-07-01"),
            Some("《特困人员认定办法》第二十四条")
        );
        assert_eq!(stopped(Some("dibao"), "2021-07-01"), None);
    }
}
