//! The bank's side of a simulation: it reads a batch's bank file and answers it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mz_kernel::Month;

use crate::scenario::{Person, Returned};

/// The header of a result file.
const HEADER: &str = "序号,支付编号,金额,结果,原因";

/// The result file to the bank file of a month: everything is paid but what the scenario lets come back. The control
/// line is the same, as every payment is answered. What cannot be read is left out, and the file is refused for it.
pub(super) fn answer(bank_file: &str, month: Month, persons: &[Person]) -> String {
    let back = |person| match person {
        &Person {
            ref account,
            returned:
                Some(Returned {
                    month: of,
                    ref reason,
                    ..
                }),
            ..
        } if of == month => Some((account.as_str(), reason.as_str())),
        _ => None,
    };
    let returned: BTreeMap<&str, &str> = persons.iter().filter_map(back).collect();
    let mut lines = bank_file.lines();
    let mut file = format!("{}\n{HEADER}\n", lines.next().unwrap_or_default());
    for line in lines.skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        if let [n, payment, _, _, account, amount, ..] = fields[..] {
            let result = match returned.get(account) {
                Some(reason) => format!("退回,{reason}"),
                None => "成功,".to_owned(),
            };
            let _ = writeln!(file, "{n},{payment},{amount},{result}");
        }
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county::County;
    use crate::scenario::{Plan, Scenario};
    use mz_kernel::Calendar;

    #[test]
    fn what_comes_back_is_said_with_its_reason_and_once() {
        let (county, scenario) = (
            County::find("batang").unwrap(),
            Scenario::find("batang-2020").unwrap(),
        );
        let plan = Plan::new(&scenario, &county, &Calendar::china().unwrap()).unwrap();
        let person = plan
            .persons
            .iter()
            .find(|person| person.returned.is_some())
            .unwrap();
        let returned = person.returned.as_ref().unwrap();
        let sheet = |account: &str| {
            format!(
                "批次号,PB-202001-TK-01,笔数,2,总金额,1404.00\n序号,支付编号,户名,开户银行,账号,金额,摘要\n\
                 1,pay_1,试,农村信用社,{account},702.00,摘要\n2,pay_2,试,农村信用社,1,702.00,摘要\n"
            )
        };
        let file = |account: &str, month| answer(&sheet(account), month, &plan.persons);
        let expected = format!(
            "批次号,PB-202001-TK-01,笔数,2,总金额,1404.00\n{HEADER}\n1,pay_1,702.00,退回,{}\n2,pay_2,702.00,成功,\n",
            returned.reason
        );
        assert_eq!(file(&person.account, returned.month), expected);
        for (account, month) in [
            (&person.account, returned.month.next()),
            (&returned.account, returned.month),
        ] {
            assert!(!file(account, month).contains("退回"), "{account} {month}");
        }
    }
}
