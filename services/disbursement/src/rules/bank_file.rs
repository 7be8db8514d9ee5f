//! The bank file 代发文件; its format stands in `formats/bank-file.md`.

use crate::rules::csv;
use mz_kernel::{Fen, FenError, PaymentId};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

const HEADER: [&str; 7] = ["序号", "支付编号", "户名", "开户银行", "账号", "金额", "摘要"];

/// A transfer, in clear.
pub(crate) struct Transfer {
    pub(crate) payment: PaymentId,
    pub(crate) holder: String,
    pub(crate) bank: String,
    pub(crate) account: String,
    pub(crate) amount: Fen,
}

/// A bank file.
pub(crate) struct BankFile {
    pub(crate) text: String,
    pub(crate) total: Fen,
}

/// Writes the file of a batch. The transfers stand in the order of their payments, whatever order they came in.
pub(crate) fn write(number: &str, purpose: &str, mut transfers: Vec<Transfer>) -> Result<BankFile, FenError> {
    transfers.sort_by_key(|transfer| transfer.payment);
    let total = Fen::checked_sum(transfers.iter().map(|transfer| transfer.amount))?;
    let (count, sum) = (transfers.len().to_string(), total.to_string());
    let mut text = csv::line(["批次号", number, "笔数", &count, "总金额", &sum]);
    text.push_str(&csv::line(HEADER));
    for (n, transfer) in (1_u64..).zip(&transfers) {
        let (n, amount) = (n.to_string(), transfer.amount.to_string());
        text.push_str(&csv::line([
            n.as_str(),
            transfer.payment.as_str(),
            &transfer.holder,
            &transfer.bank,
            &transfer.account,
            &amount,
            purpose,
        ]));
    }
    Ok(BankFile { text, total })
}

impl BankFile {
    /// SHA-256 over the file, in lower-case hexadecimal.
    pub(crate) fn hash(&self) -> String {
        let digest = Sha256::digest(self.text.as_bytes());
        digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("../../formats/bank-file.md");

    /// The transfers of the page's example, in another order.
    fn transfers() -> Vec<Transfer> {
        let transfer = |payment: &str, holder: &str, bank: &str, account: &str| Transfer {
            payment: payment.parse().unwrap(),
            holder: holder.to_owned(),
            bank: bank.to_owned(),
            account: account.to_owned(),
            amount: Fen::new(70_200),
        };
        vec![
            transfer(
                "pay_01e5cg0000000000000000y002",
                "卓玛",
                "四川农信,巴塘",
                "6214590000000000922",
            ),
            transfer(
                "pay_01e5cg0000000000000000y001",
                "扎西",
                "中国农业银行",
                "6228480000000000921",
            ),
        ]
    }

    #[test]
    fn what_is_written_is_the_example_of_the_page_byte_for_byte() {
        let (_, example) = PAGE.split_once("```csv\n").unwrap();
        let (example, rest) = example.split_once("```").unwrap();
        let file = write("PB-202004-TK-01", "特困人员救助供养 2020-04", transfers()).unwrap();
        assert_eq!(file.text, example);
        assert!(rest.contains(&format!("`{}`", file.hash())), "{}", file.hash());
        assert_eq!(file.total, Fen::new(140_400));
    }
}
