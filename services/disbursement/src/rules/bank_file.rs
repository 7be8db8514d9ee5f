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
    use mz_kernel::Id as _;

    fn transfer(payment: u128, holder: &str) -> Transfer {
        Transfer {
            payment: PaymentId::from_bits(payment),
            holder: holder.to_owned(),
            bank: "中国农业银行".to_owned(),
            account: "6228480000000921".to_owned(),
            amount: Fen::new(70_200),
        }
    }

    #[test]
    fn the_same_transfers_are_the_same_file() {
        let purpose = "特困人员救助供养 2020-04";
        let file = write(
            "PB-202004-TK-01",
            purpose,
            vec![transfer(2, "卓,玛"), transfer(1, "扎西")],
        )
        .unwrap();
        let expected = "批次号,PB-202004-TK-01,笔数,2,总金额,1404.00\n\
            序号,支付编号,户名,开户银行,账号,金额,摘要\n\
            1,pay_00000000000000000000000001,扎西,中国农业银行,6228480000000921,702.00,特困人员救助供养 2020-04\n\
            2,pay_00000000000000000000000002,\"卓,玛\",中国农业银行,6228480000000921,702.00,特困人员救助供养 2020-04\n";
        assert_eq!(file.text, expected);
        let again = write(
            "PB-202004-TK-01",
            purpose,
            vec![transfer(1, "扎西"), transfer(2, "卓,玛")],
        )
        .unwrap();
        assert_eq!((file.hash(), file.total), (again.hash(), Fen::new(140_400)));
    }
}
