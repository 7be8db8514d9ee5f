//! Comma-separated lines (RFC 4180), one record a line: no field of ours has a line break in it.

/// A field as it is written.
pub(crate) fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// A line of fields, with its line feed.
pub(crate) fn line<'f>(fields: impl IntoIterator<Item = &'f str>) -> String {
    let fields: Vec<_> = fields.into_iter().map(field).collect();
    fields.join(",") + "\n"
}

/// The fields of a line; none where a quotation mark is not closed, or stands where none may.
pub(crate) fn fields(line: &str) -> Option<Vec<String>> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (field, after) = if let Some(quoted) = rest.strip_prefix('"') {
            quoted_field(quoted)?
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            (rest[..end].to_owned(), &rest[end..])
        };
        fields.push(field);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None => return after.is_empty().then_some(fields),
        }
    }
}

fn quoted_field(mut rest: &str) -> Option<(String, &str)> {
    let mut field = String::new();
    loop {
        let (text, after) = rest.split_once('"')?;
        field.push_str(text);
        match after.strip_prefix('"') {
            Some(more) => {
                field.push('"');
                rest = more;
            }
            None => return Some((field, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_quotation_mark_closes_or_the_line_is_none() {
        assert_eq!(
            fields("a,,\"b,\"\"c\""),
            Some(vec!["a".into(), String::new(), "b,\"c".into()])
        );
        for line in ["\"a", "\"a\"b", "a,\"b\"\""] {
            assert_eq!(fields(line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(texts in proptest::collection::vec("[^\r\n]{0,12}", 1..6)) {
            let written = line(texts.iter().map(String::as_str));
            prop_assert_eq!(fields(written.trim_end_matches('\n')), Some(texts));
        }
    }
}
