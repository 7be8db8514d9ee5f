//! The result file 回盘文件; its format and the words of its faults stand in `formats/result-file.md`. A file is read
//! whole, and every fault is told.

#[cfg(test)]
mod tests;

use crate::rules::csv;
use crate::rules::numbers::is_batch_number;
use mz_contracts::Code;
use mz_contracts::events::PaymentOutcome;
use mz_kernel::{Fen, PaymentId};
use std::collections::BTreeMap;

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

/// What is wrong with a line, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The line of the file, from 1.
    pub(crate) row: usize,
    /// The field, as the header or the control line names it.
    pub(crate) column: Option<&'static str>,
    /// One of the words of the format's page.
    pub(crate) reason: &'static str,
    pub(crate) detail: String,
}

/// Reads the answers for batch `number`, of which `sent` are the payments; or all that is wrong with the file.
pub(crate) fn read(
    bytes: &[u8],
    number: &str,
    sent: &BTreeMap<PaymentId, Sent>,
) -> Result<Vec<Answer>, Vec<Fault>> {
    let lines = lines(bytes);
    let mut reading = Reading {
        sent,
        seen: BTreeMap::new(),
        total: Some(Fen::ZERO),
        answers: Vec::new(),
        faults: Vec::new(),
    };
    let line = |row: usize| lines.get(row - 1).copied().unwrap_or(Some(""));
    let control = reading.control(line(1), number);
    if reading.header(line(2)).is_some() {
        for (n, line) in lines.iter().enumerate().skip(2) {
            reading.line(n + 1, *line);
        }
        reading.compare(control, lines.len().saturating_sub(2));
    }
    let Reading {
        answers, mut faults, ..
    } = reading;
    faults.sort_by_key(|fault| fault.row);
    if faults.is_empty() {
        Ok(answers)
    } else {
        Err(faults)
    }
}

/// The lines, without line ends and byte order mark; none for one that is not UTF-8.
fn lines(bytes: &[u8]) -> Vec<Option<&str>> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let lines = bytes.split(|byte| *byte == b'\n');
    lines
        .map(|line| str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line)).ok())
        .collect()
}

struct Reading<'s> {
    sent: &'s BTreeMap<PaymentId, Sent>,
    /// The payments, with the rows in which they stand.
    seen: BTreeMap<PaymentId, usize>,
    /// What the rows add up to; none once one of them has no amount.
    total: Option<Fen>,
    answers: Vec<Answer>,
    faults: Vec<Fault>,
}

impl Reading<'_> {
    fn fault(
        &mut self,
        row: usize,
        column: Option<&'static str>,
        reason: &'static str,
        detail: impl Into<String>,
    ) {
        self.faults.push(Fault {
            row,
            column,
            reason,
            detail: detail.into(),
        });
    }

    /// The line as text; of one that is not, a fault.
    fn text<'l>(&mut self, row: usize, line: Option<&'l str>) -> Option<&'l str> {
        if line.is_none() {
            let detail = "The line is not UTF-8. Save the file as UTF-8 and send it again.";
            self.fault(row, None, "not-utf8", detail);
        }
        line
    }

    /// The count, as it is written, and the sum of the control line.
    fn control(&mut self, line: Option<&str>, number: &str) -> Option<(String, Fen)> {
        let fields = csv::fields(self.text(1, line)?).unwrap_or_default();
        if let [a, batch, b, count, c, sum] = fields.as_slice()
            && [a, b, c] == ["批次号", "笔数", "总金额"]
            && batch == number
            && let Ok(sum) = sum.parse()
        {
            return Some((count.clone(), sum));
        }
        let detail = format!("The first line is `批次号,{number},笔数,<rows>,总金额,<yuan>`.");
        let detail = match fields.as_slice() {
            [a, other, ..] if a == "批次号" && other != number && is_batch_number(other) => {
                format!(
                    "The file is that of batch {other}. Enter it there, and send the file of {number} here. {detail}"
                )
            }
            _ => format!("{detail} Send the file of this batch."),
        };
        self.fault(1, None, "wrong-control", detail);
        None
    }

    /// Without its header nothing can be said of the rows.
    fn header(&mut self, line: Option<&str>) -> Option<()> {
        let line = self.text(2, line)?;
        if csv::fields(line).is_some_and(|fields| fields == HEADER) {
            return Some(());
        }
        let detail = format!(
            "The second line is `{}`. Columns are not read in another order.",
            HEADER.join(",")
        );
        self.fault(2, None, "wrong-header", detail);
        None
    }

    /// A row behind the header.
    fn line(&mut self, row: usize, line: Option<&str>) {
        let Some(line) = self.text(row, line) else {
            self.total = None;
            return;
        };
        let fields = csv::fields(line).unwrap_or_default();
        let [sequence, payment, amount, result, reason] = fields.as_slice() else {
            let detail = "The line does not have the header's five fields. Write one payment a line.";
            self.fault(row, None, "wrong-fields", detail);
            self.total = None;
            return;
        };
        let n = row - 2;
        if *sequence != n.to_string() {
            let detail = format!("The number {n} is expected here. Look for a row that is missing.");
            self.fault(row, Some("序号"), "wrong-sequence", detail);
        }
        let amount: Option<Fen> = amount.parse().ok();
        self.total = self
            .total
            .zip(amount)
            .and_then(|(total, amount)| total.checked_add(amount).ok());
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
        let id = text.parse::<PaymentId>().ok();
        let Some((id, sent)) = id.and_then(|id| Some((id, *self.sent.get(&id)?))) else {
            let detail = "The batch's bank file has no such payment. Take the row out, or send it with the file of its batch.";
            self.fault(row, column, "payment-unknown", detail);
            return None;
        };
        if let Some(before) = self.seen.get(&id) {
            let detail =
                format!("{id} stands in row {before} already. Ask the bank which of the rows is right.");
            self.fault(row, column, "payment-twice", detail);
        } else {
            self.seen.insert(id, row);
            if sent.settled {
                let detail = format!("{id} has its result by an earlier file. Take the row out.");
                self.fault(row, column, "payment-settled", detail);
            }
        }
        if amount != Some(sent.amount) {
            let detail = format!(
                "{id} is a payment of {} yuan, paid wholly or not at all. Ask the bank what it paid.",
                sent.amount
            );
            self.fault(row, Some("金额"), "wrong-amount", detail);
        }
        Some(id)
    }

    fn said(&mut self, row: usize, result: &str, reason: &str) -> Option<(PaymentOutcome, Option<Code>)> {
        let outcome = match result {
            "成功" | "paid" => PaymentOutcome::Paid,
            "退回" | "returned" => PaymentOutcome::Returned,
            _ => {
                self.fault(row, Some("结果"), "unknown-result", "Write 成功 or 退回.");
                return None;
            }
        };
        let known = REASONS
            .iter()
            .find(|(words, code)| reason == *words || reason == *code);
        let detail = match (outcome, known) {
            (PaymentOutcome::Paid, _) if reason.is_empty() => return Some((outcome, None)),
            (PaymentOutcome::Returned, Some((_, code))) => return Some((outcome, Some(Code::of(code)))),
            (PaymentOutcome::Paid, _) => "Leave it empty: the payment was paid.".to_owned(),
            (PaymentOutcome::Returned, None) => {
                format!("Write one of {}.", REASONS.map(|(words, _)| words).join("、"))
            }
        };
        self.fault(row, Some("原因"), "unknown-reason", detail);
        None
    }

    /// The control line says what the rows say.
    fn compare(&mut self, control: Option<(String, Fen)>, rows: usize) {
        let Some((count, sum)) = control else { return };
        if count == "0" && rows == 0 {
            let detail = "No payment follows the header. Send a file once the bank has answered for one.";
            return self.fault(1, Some("笔数"), "no-rows", detail);
        }
        if count != rows.to_string() {
            let detail = format!("The file has {rows} rows. Ask the bank for the whole file.");
            self.fault(1, Some("笔数"), "wrong-count", detail);
        }
        if let Some(total) = self.total
            && total != sum
        {
            let detail = format!("The rows add up to {total} yuan. Ask the bank which of the two is right.");
            self.fault(1, Some("总金额"), "wrong-total", detail);
        }
    }
}
