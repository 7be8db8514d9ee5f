//! The numbers that batches are called by, and the names of programmes on a transfer.

use mz_kernel::Month;

/// Programmes with the letters in a batch's number and the words on a transfer.
const PROGRAMMES: [(&str, &str, &str); 1] = [("tekun", "TK", "特困人员救助供养")];

/// The number of the `n`th batch of a programme in a month: `PB-202004-TK-01`.
pub(crate) fn batch_number(month: Month, programme: &str, n: i64) -> String {
    let known = PROGRAMMES.iter().find(|(code, ..)| *code == programme);
    let letters = known.map_or_else(
        || {
            programme
                .split(['-', '.'])
                .map(|word| word.get(..1).unwrap_or_default().to_uppercase())
                .collect()
        },
        |(_, letters, _)| (*letters).to_owned(),
    );
    format!("PB-{:04}{:02}-{letters}-{n:02}", month.year(), month.number())
}

/// Whether a text can be told as a batch's number: a file may hold anything there, also what must not be repeated.
pub(crate) fn is_batch_number(text: &str) -> bool {
    let mut parts = text.split('-');
    let digits = |part: Option<&str>, len: std::ops::RangeInclusive<usize>| {
        part.is_some_and(|part| len.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    parts.next() == Some("PB")
        && digits(parts.next(), 6..=6)
        && parts.next().is_some_and(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_uppercase())
        })
        && digits(parts.next(), 2..=6)
        && parts.next().is_none()
}

/// What stands on a transfer.
pub(crate) fn purpose(programme: &str, month: Month) -> String {
    let known = PROGRAMMES.iter().find(|(code, ..)| *code == programme);
    format!("{} {month}", known.map_or(programme, |(_, _, words)| words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_called_by_month_and_programme() {
        let month = "2020-04".parse().unwrap();
        assert_eq!(batch_number(month, "tekun", 1), "PB-202004-TK-01");
        assert_eq!(batch_number(month, "temporary-relief", 12), "PB-202004-TR-12");
        assert_eq!(purpose("tekun", month), "特困人员救助供养 2020-04");
    }

    #[test]
    fn a_number_is_told_from_other_text() {
        let month = "2020-04".parse().unwrap();
        for (programme, n) in [("tekun", 1), ("temporary-relief", 123)] {
            assert!(is_batch_number(&batch_number(month, programme, n)));
        }
        for text in [
            "",
            "PB-202004-TK",
            "PB-202004-TK-1",
            "PB-990101-195003070011-01",
            "PB-202004-TK-01-02",
        ] {
            assert!(!is_batch_number(text), "{text}");
        }
    }
}
