//! The result file 回盘文件; its format and the words of its faults stand in `formats/result-file.md`. A file is read
//! whole, and every fault is told.

use crate::rules::csv;
use mz_contracts::Code;
use mz_contracts::events::PaymentOutcome;
use mz_kernel::{Fen, PaymentId};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

const HEADER: [&str; 5] = ["序号", "支付编号", "金额", "结果", "原因"];

/// Why a payment came back.
const REASONS: [(&str, &str); 6] = [
    ("账户已销户", "account-closed"),
    ("户名不符", "name-mismatch"),
    ("账号不存在", "account-unknown"),
    ("账户冻结", "account-frozen"),
    ("长期不动户", "account-dormant"),
    ("其他", "other"),
];

/// A payment of the batch as it was sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent {
    pub(crate) amount: Fen,
    pub(crate) settled: bool,
}

/// What the bank says of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) payment: PaymentId,
    pub(crate) outcome: PaymentOutcome,
    pub(crate) reason: Option<Code>,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Fault {
    /// The line of the file, from 1.
    pub(crate) row: usize,
    /// The field, as the header names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) column: Option<&'static str>,
    /// One of the words of the format's page.
    pub(crate) reason: &'static str,
    /// In words.
    pub(crate) detail: String,
}

/// The faults found so far.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(
        &mut self,
        row: usize,
        column: Option<&'static str>,
        reason: &'static str,
        detail: impl Into<String>,
    ) {
        self.0.push(Fault {
            row,
            column,
            reason,
            detail: detail.into(),
        });
    }
}

/// Reads the answers for batch `number`, of which `sent` are the payments; or all that is wrong with the file.
pub(crate) fn read(
    bytes: &[u8],
    number: &str,
    sent: &BTreeMap<PaymentId, Sent>,
) -> Result<Vec<Answer>, Vec<Fault>> {
    let mut faults = Faults::default();
    let Some(lines) = lines(bytes, &mut faults) else {
        return Err(faults.0);
    };
    let control = control(lines.first(), number, &mut faults);
    if lines
        .get(1)
        .and_then(|line| csv::fields(line))
        .is_none_or(|fields| fields != HEADER)
    {
        let detail = format!("The second line is `{}`.", HEADER.join(","));
        faults.add(2, None, "wrong-header", detail);
        return Err(faults.0);
    }
    let mut reading = Reading {
        sent,
        seen: BTreeSet::new(),
        total: 0,
        answers: Vec::new(),
        faults,
    };
    for (n, line) in lines.iter().skip(2).enumerate() {
        reading.row(n + 1, line);
    }
    let Reading {
        total,
        answers,
        mut faults,
        ..
    } = reading;
    let rows = lines.len().saturating_sub(2);
    if let Some((count, sum)) = control {
        if count != rows.to_string() {
            let detail = format!("The control line says {count}; the file has {rows} rows.");
            faults.add(1, Some("笔数"), "wrong-count", detail);
        }
        if i128::from(sum.get()) != total {
            let detail = format!("The control line says {sum}; the rows add up to another sum.");
            faults.add(1, Some("总金额"), "wrong-total", detail);
        }
    }
    if faults.0.is_empty() {
        Ok(answers)
    } else {
        faults.0.sort_by_key(|fault| fault.row);
        Err(faults.0)
    }
}

/// The lines, without line ends and byte order mark; none where some are not UTF-8.
fn lines<'b>(bytes: &'b [u8], faults: &mut Faults) -> Option<Vec<&'b str>> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let mut lines = Vec::new();
    for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        match str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line)) {
            Ok(line) => lines.push(line),
            Err(_) => faults.add(
                at + 1,
                None,
                "not-utf8",
                "The line is not UTF-8; save the file as UTF-8.",
            ),
        }
    }
    faults.0.is_empty().then_some(lines)
}

/// The count, as it is written, and the sum of the control line.
fn control(line: Option<&&str>, number: &str, faults: &mut Faults) -> Option<(String, Fen)> {
    let fields = line.and_then(|line| csv::fields(line)).unwrap_or_default();
    let [a, batch, b, count, c, sum] = fields.as_slice() else {
        faults.add(
            1,
            None,
            "wrong-control",
            "The first line has six fields: 批次号, 笔数 and 总金额 with their values.",
        );
        return None;
    };
    match sum.parse() {
        Ok(sum)
            if (a.as_str(), b.as_str(), c.as_str()) == ("批次号", "笔数", "总金额") && batch == number =>
        {
            Some((count.clone(), sum))
        }
        _ => {
            let detail = format!("The first line is `批次号,{number},笔数,<rows>,总金额,<yuan>`.");
            faults.add(1, None, "wrong-control", detail);
            None
        }
    }
}

struct Reading<'s> {
    sent: &'s BTreeMap<PaymentId, Sent>,
    seen: BTreeSet<PaymentId>,
    total: i128,
    answers: Vec<Answer>,
    faults: Faults,
}

impl Reading<'_> {
    /// The `n`th row behind the header.
    fn row(&mut self, n: usize, line: &str) {
        let row = n + 2;
        let fields = csv::fields(line).unwrap_or_default();
        let [sequence, payment, amount, result, reason] = fields.as_slice() else {
            self.faults.add(
                row,
                None,
                "wrong-fields",
                "The line does not have the header's five fields.",
            );
            return;
        };
        if *sequence != n.to_string() {
            let detail = format!("The number {n} is expected here.");
            self.faults.add(row, Some("序号"), "wrong-sequence", detail);
        }
        let amount: Option<Fen> = amount.parse().ok();
        self.total += amount.map_or(0, |amount| i128::from(amount.get()));
        let payment = self.payment(row, payment, amount);
        let said = self.said(row, result, reason);
        if let (Some(payment), Some((outcome, reason))) = (payment, said) {
            self.answers.push(Answer {
                payment,
                outcome,
                reason,
            });
        }
    }

    fn payment(&mut self, row: usize, text: &str, amount: Option<Fen>) -> Option<PaymentId> {
        let column = Some("支付编号");
        let known = text
            .parse::<PaymentId>()
            .ok()
            .and_then(|id| Some((id, *self.sent.get(&id)?)));
        let Some((id, sent)) = known else {
            self.faults.add(
                row,
                column,
                "payment-unknown",
                "The batch's bank file has no such payment.",
            );
            return None;
        };
        if !self.seen.insert(id) {
            self.faults.add(
                row,
                column,
                "payment-twice",
                format!("{id} stands in the file already."),
            );
        } else if sent.settled {
            self.faults.add(
                row,
                column,
                "payment-settled",
                format!("{id} has its result already."),
            );
        }
        if amount != Some(sent.amount) {
            let detail = format!("{id} is a payment of {} yuan.", sent.amount);
            self.faults.add(row, Some("金额"), "wrong-amount", detail);
        }
        Some(id)
    }

    fn said(&mut self, row: usize, result: &str, reason: &str) -> Option<(PaymentOutcome, Option<Code>)> {
        let outcome = match result {
            "成功" | "paid" => PaymentOutcome::Paid,
            "退回" | "returned" => PaymentOutcome::Returned,
            _ => {
                self.faults
                    .add(row, Some("结果"), "unknown-result", "The result is 成功 or 退回.");
                return None;
            }
        };
        let known = REASONS
            .iter()
            .find(|(words, code)| reason == *words || reason == *code);
        match (outcome, known) {
            (PaymentOutcome::Paid, None) if reason.is_empty() => Some((outcome, None)),
            (PaymentOutcome::Returned, Some((_, code))) => Some((outcome, Some(Code::of(code)))),
            _ => {
                let words: Vec<_> = REASONS.iter().map(|(words, _)| *words).collect();
                let detail = format!(
                    "It is empty where paid, and where returned one of {}.",
                    words.join("、")
                );
                self.faults.add(row, Some("原因"), "unknown-reason", detail);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mz_kernel::Id as _;

    const ONE: &str = "pay_00000000000000000000000001";
    const TWO: &str = "pay_00000000000000000000000002";
    const DONE: &str = "pay_00000000000000000000000003";

    fn sent() -> BTreeMap<PaymentId, Sent> {
        let payment = |n, settled| {
            let amount = Fen::new(70_200);
            (PaymentId::from_bits(n), Sent { amount, settled })
        };
        BTreeMap::from([payment(1, false), payment(2, false), payment(3, true)])
    }

    fn file(count: &str, total: &str, rows: &[&str]) -> String {
        let mut text = format!("批次号,PB-1,笔数,{count},总金额,{total}\n序号,支付编号,金额,结果,原因\n");
        for row in rows {
            text.push_str(row);
            text.push('\n');
        }
        text
    }

    /// Row, column and word of each fault.
    fn faults(bytes: &[u8]) -> Vec<(usize, &'static str, &'static str)> {
        let faults = read(bytes, "PB-1", &sent()).unwrap_err();
        faults
            .iter()
            .map(|fault| (fault.row, fault.column.unwrap_or(""), fault.reason))
            .collect()
    }

    #[test]
    fn a_good_file_is_read_in_either_language() {
        let rows = [
            format!("1,{ONE},702.00,退回,账户已销户"),
            format!("2,{TWO},702.00,paid,"),
        ];
        let text = file("2", "1404.00", &[&rows[0], &rows[1]]);
        for text in [
            text.clone(),
            text.replace('\n', "\r\n"),
            format!("\u{feff}{text}"),
        ] {
            let answers = read(text.as_bytes(), "PB-1", &sent()).unwrap();
            let said: Vec<_> = answers
                .iter()
                .map(|answer| (answer.outcome, answer.reason.as_ref().map(Code::as_str)))
                .collect();
            assert_eq!(
                said,
                [
                    (PaymentOutcome::Returned, Some("account-closed")),
                    (PaymentOutcome::Paid, None)
                ]
            );
        }
    }

    #[test]
    fn every_fault_is_told_with_its_place() {
        let rows = [
            format!("1,{ONE},700.00,成功,"),
            format!("3,{ONE},702.00,成功,"),
            format!("3,{DONE},702.00,退回,"),
            "4,pay_1,702.00,退回,其他".to_owned(),
            format!("5,{TWO},702.00,maybe,"),
            "6,x".to_owned(),
        ];
        let rows: Vec<_> = rows.iter().map(String::as_str).collect();
        let found = faults(file("9", "1.00", &rows).as_bytes());
        assert_eq!(
            found,
            [
                (1, "笔数", "wrong-count"),
                (1, "总金额", "wrong-total"),
                (3, "金额", "wrong-amount"),
                (4, "序号", "wrong-sequence"),
                (4, "支付编号", "payment-twice"),
                (5, "支付编号", "payment-settled"),
                (5, "原因", "unknown-reason"),
                (6, "支付编号", "payment-unknown"),
                (7, "结果", "unknown-result"),
                (8, "", "wrong-fields"),
            ]
        );
    }

    #[test]
    fn what_is_no_such_file_is_said() {
        assert_eq!(faults(b""), [(1, "", "wrong-control"), (2, "", "wrong-header")]);
        let other = file("0", "0.00", &[]).replace("PB-1", "PB-2");
        assert_eq!(faults(other.as_bytes()), [(1, "", "wrong-control")]);
        // 成功 in GB 18030.
        let mut bytes = file("1", "702.00", &[]).into_bytes();
        bytes.extend([b'1', b',', 0xb3, 0xc9, 0xb9, 0xa6, b'\n']);
        assert_eq!(faults(&bytes), [(3, "", "not-utf8")]);
        let empty = file("0", "0.00", &[]);
        assert_eq!(read(empty.as_bytes(), "PB-1", &sent()), Ok(vec![]));
    }
}
