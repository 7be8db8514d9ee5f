//! Templates 模板: the words of a notice, in a file that an officer can read and correct.
//!
//! ```text
//! 标题：{项目}待遇终止告知书
//! 依据：tekun-end            codes of laws.toml, joined by 、
//! 救济：remedy               the same, a whole sentence
//! 咨询：乡镇                 who is to be asked: 乡镇 or 县局
//!
//! {对象}的{项目}待遇自{起始月}起终止。
//! 【家属】a paragraph that stands only in notices to the family
//! ```
//!
//! A word in braces is a value of the event; one in 【】 is a circumstance of it. `values.rs` lists both.

use crate::law::Laws;
use crate::values::Values;
use mz_kernel::Date;

/// Reads the files into the program.
macro_rules! files {
    ($($code:literal),+ $(,)?) => {
        [$(($code, include_str!(concat!("../templates/", $code, ".txt")))),+]
    };
}
/// Every template, by the code that the table of calls gives it.
const FILES: &[(&str, &str)] = &files![
    "batch-sealed",
    "burial-relief",
    "case-accepted",
    "case-decided",
    "death-annulled",
    "death-annulled-office",
    "death-registered-office",
    "entitlement-granted",
    "entitlement-resumed",
    "entitlement-stopped",
    "lines-withdrawn",
    "payee-account-set",
    "payment-returned",
    "payment-returned-office",
    "person-number-corrected",
    "recovery-raised",
    "recovery-raised-office",
    "recovery-reduced",
    "report-released",
    "standard-adopted",
];

/// A template, read.
#[derive(Debug)]
pub(crate) struct Template {
    title: &'static str,
    bases: Vec<&'static str>,
    remedy: Option<&'static str>,
    /// Whom to ask.
    pub(crate) contact: Contact,
    paragraphs: Vec<Paragraph>,
}

/// Who answers questions about a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contact {
    /// 乡镇人民政府（街道办事处）.
    Township,
    /// 县民政局.
    Bureau,
}

#[derive(Debug)]
struct Paragraph {
    only: Vec<&'static str>,
    text: &'static str,
}

/// A notice in words, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Worded {
    pub(crate) title: String,
    /// Paragraphs, then the legal basis and the remedy, a line each.
    pub(crate) words: String,
}

/// Why a notice has no words. A test words every template with every circumstance, so that none of this is seen
/// unless the data of an event are not those of its contract.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TemplateError {
    #[error("no template is called `{code}`")]
    Unknown { code: String },
    #[error("template `{code}`, line {line}: {fault}")]
    Form {
        code: &'static str,
        line: usize,
        fault: &'static str,
    },
    #[error("template `{code}` wants {{{value}}}, which the event does not have")]
    Missing { code: &'static str, value: String },
}

/// Reads one template.
pub(crate) fn template(code: &str) -> Result<Template, TemplateError> {
    let found = FILES.iter().find(|(name, _)| *name == code);
    let (code, text) = found.ok_or_else(|| TemplateError::Unknown { code: code.to_owned() })?;
    read(code, text)
}

fn read(code: &'static str, text: &'static str) -> Result<Template, TemplateError> {
    let form = |line, fault| TemplateError::Form { code, line, fault };
    let (mut title, mut bases, mut remedy, mut contact) = (None, Vec::new(), None, None);
    let mut lines = text.lines().zip(1..);
    for (line, number) in lines.by_ref().take_while(|(line, _)| !line.is_empty()) {
        let (key, value) = line
            .split_once('：')
            .ok_or_else(|| form(number, "a heading is a word, ：, and a text"))?;
        match (key, value) {
            ("标题", value) => title = Some(value),
            ("依据", value) => bases = value.split('、').collect(),
            ("救济", value) => remedy = Some(value),
            ("咨询", "乡镇") => contact = Some(Contact::Township),
            ("咨询", "县局") => contact = Some(Contact::Bureau),
            _ => return Err(form(number, "the headings are 标题, 依据, 救济 and 咨询")),
        }
    }
    let mut paragraphs = Vec::new();
    for (line, number) in lines {
        paragraphs.push(paragraph(line).ok_or_else(|| form(number, "a 【 is not closed"))?);
    }
    Ok(Template {
        title: title.ok_or_else(|| form(1, "it has no 标题"))?,
        bases,
        remedy,
        contact: contact.ok_or_else(|| form(1, "it does not say who is to be asked"))?,
        paragraphs,
    })
}

fn paragraph(line: &'static str) -> Option<Paragraph> {
    let (mut only, mut text) = (Vec::new(), line);
    while let Some(rest) = text.strip_prefix('【') {
        let (circumstance, after) = rest.split_once('】')?;
        only.push(circumstance);
        text = after;
    }
    Some(Paragraph { only, text })
}

/// Words a notice by the law of a day.
pub(crate) fn word(
    code: &'static str,
    values: &Values,
    laws: &Laws,
    on: Date,
) -> Result<Worded, TemplateError> {
    let template = template(code)?;
    let fill = |text: &str| {
        fill(text, values).map_err(|value| TemplateError::Missing { code, value })
    };
    let mut lines = Vec::new();
    for paragraph in &template.paragraphs {
        if paragraph.only.iter().all(|circumstance| values.is(circumstance)) {
            lines.push(fill(paragraph.text)?);
        }
    }
    let bases: Vec<&str> = template.bases.iter().filter_map(|basis| laws.text(basis, on)).collect();
    if !bases.is_empty() {
        lines.push(format!("依据：{}。", bases.join("；")));
    }
    lines.extend(template.remedy.and_then(|remedy| laws.text(remedy, on)).map(str::to_owned));
    Ok(Worded { title: fill(template.title)?, words: lines.join("\n") })
}

/// Puts values into a text; answers the name of one that is not there.
fn fill(text: &str, values: &Values) -> Result<String, String> {
    let (mut filled, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').ok_or_else(|| after.to_owned())?;
        filled.push_str(before);
        filled.push_str(values.text(name).ok_or_else(|| name.to_owned())?);
        rest = behind;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::TABLE;
    use std::collections::BTreeSet;

    #[test]
    fn every_template_is_called_for_and_every_one_that_is_called_for_can_be_read() {
        let called: BTreeSet<&str> = TABLE.iter().flat_map(|call| call.notices).map(|(_, code)| *code).collect();
        let files: BTreeSet<&str> = FILES.iter().map(|(code, _)| *code).collect();
        assert_eq!(called, files);
        for code in files {
            template(code).unwrap_or_else(|error| panic!("{error}"));
        }
    }

    #[test]
    fn every_basis_of_a_template_is_in_the_table_of_laws() {
        let laws = Laws::embedded().unwrap();
        for (code, _) in FILES {
            let template = template(code).unwrap();
            for law in template.bases.iter().chain(&template.remedy) {
                assert!(laws.text(law, "2026-11-24".parse().unwrap()).is_some(), "{code}: {law}");
            }
        }
    }

    #[test]
    fn a_fault_names_the_file_and_the_line() {
        let faults = [
            ("标题 甲\n咨询：乡镇\n\n文", "template `x`, line 1: a heading is a word, ：, and a text"),
            ("标题：甲\n咨询：省厅\n\n文", "template `x`, line 2: the headings are 标题, 依据, 救济 and 咨询"),
            ("标题：甲\n咨询：乡镇\n\n【家属文", "template `x`, line 4: a 【 is not closed"),
            ("咨询：乡镇\n\n文", "template `x`, line 1: it has no 标题"),
        ];
        for (text, fault) in faults {
            assert_eq!(read("x", text).unwrap_err().to_string(), fault);
        }
    }
}
