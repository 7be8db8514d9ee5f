//! Each fault with its place, and the page of the format.

use super::*;
use mz_kernel::Id as _;
use std::collections::BTreeSet;

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

/// A fault of each kind but those of the first two lines.
fn rows() -> [String; 6] {
    [
        format!("1,{ONE},700.00,成功,"),
        format!("3,{ONE},702.00,成功,"),
        format!("3,{DONE},702.00,退回,"),
        "4,pay_1,702.00,退回,其他".to_owned(),
        format!("5,{TWO},702.00,maybe,"),
        format!("6,{TWO},702.00,成功,其他"),
    ]
}

const OF_ROWS: [(usize, &str, &str); 9] = [
    (3, "金额", "wrong-amount"),
    (4, "序号", "wrong-sequence"),
    (4, "支付编号", "payment-twice"),
    (5, "支付编号", "payment-settled"),
    (5, "原因", "unknown-reason"),
    (6, "支付编号", "payment-unknown"),
    (7, "结果", "unknown-result"),
    (8, "支付编号", "payment-twice"),
    (8, "原因", "unknown-reason"),
];

const NO_ROWS: [(usize, &str, &str); 1] = [(1, "笔数", "no-rows")];

#[test]
fn every_fault_is_told_with_its_place() {
    let rows = rows();
    let rows: Vec<_> = rows.iter().map(String::as_str).collect();
    let control = [(1, "笔数", "wrong-count"), (1, "总金额", "wrong-total")];
    let expected: Vec<_> = control.iter().chain(&OF_ROWS).copied().collect();
    assert_eq!(faults(file("9", "1.00", &rows).as_bytes()), expected);
    assert_eq!(faults(file("6", "4210.00", &rows).as_bytes()), OF_ROWS);
}

#[test]
fn what_cannot_be_read_is_told_beside_the_faults_of_the_other_rows() {
    // 成功 in GB 18030, in the second of three rows; what a row without an amount adds up to is not known.
    let mut bytes = file("3", "1.00", &[&format!("1,{ONE},1.00,成功,")]).into_bytes();
    bytes.extend_from_slice(b"2,x,1.00,\xb3\xc9\xb9\xa6,\n3,x\n");
    assert_eq!(
        faults(&bytes),
        [
            (3, "金额", "wrong-amount"),
            (4, "", "not-utf8"),
            (5, "", "wrong-fields")
        ]
    );
    let whole = b"\xc5\xfa\xb4\xce\xba\xc5,PB-1\n\xd0\xf2\xba\xc5\n1,x\n";
    assert_eq!(faults(whole), [(1, "", "not-utf8"), (2, "", "not-utf8")]);
}

#[test]
fn what_is_no_such_file_is_said() {
    assert_eq!(faults(b""), [(1, "", "wrong-control"), (2, "", "wrong-header")]);
    assert_eq!(
        faults(file("1", "1.00", &[]).as_bytes()),
        [(1, "笔数", "wrong-count"), (1, "总金额", "wrong-total")]
    );
    assert_eq!(faults(file("0", "0.00", &[]).as_bytes()), NO_ROWS);
}

#[test]
fn a_file_of_another_batch_is_told_whose_it_is() {
    let detail = |number: &str| {
        let other = file("0", "0.00", &[]).replace("PB-1", number);
        assert_eq!(faults(other.as_bytes()), [(1, "", "wrong-control")]);
        read(other.as_bytes(), "PB-1", &sent())
            .unwrap_err()
            .remove(0)
            .detail
    };
    assert!(detail("PB-202003-TK-02").starts_with("The file is that of batch PB-202003-TK-02."));
    // What is no number of a batch is not repeated.
    assert!(!detail("990101195003070011").contains("990101195003070011"));
}

const PAGE: &str = include_str!("../../../formats/result-file.md");

/// The first two cells of each row of the table that begins so.
fn table(heads: &str) -> Vec<(&'static str, &'static str)> {
    let (_, table) = PAGE.split_once(heads).expect("the page has the table");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let mut cells = row.split('|').map(|cell| cell.trim().trim_matches('`')).skip(1);
        (cells.next().unwrap(), cells.next().unwrap())
    })
    .collect()
}

#[test]
fn the_example_of_the_page_is_read() {
    let (_, example) = PAGE.split_once("```csv\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let payments = ["pay_01e5cg0000000000000000y001", "pay_01e5cg0000000000000000y002"];
    let [returned, paid] = payments.map(|id| id.parse().unwrap());
    let sent = Sent {
        amount: Fen::new(70_200),
        settled: false,
    };
    let answers = read(
        example.as_bytes(),
        "PB-202004-TK-01",
        &BTreeMap::from([(returned, sent), (paid, sent)]),
    );
    let expected = [
        Answer {
            payment: returned,
            outcome: PaymentOutcome::Returned,
            reason: Some(Code::of("account-closed")),
        },
        Answer {
            payment: paid,
            outcome: PaymentOutcome::Paid,
            reason: None,
        },
    ];
    assert_eq!(answers, Ok(expected.to_vec()));
}

#[test]
fn the_page_has_every_reason_and_every_fault() {
    assert_eq!(table("| reason | or |"), REASONS);
    let told = table("| fault | |").into_iter().map(|(fault, _)| fault);
    let of_rows = OF_ROWS.iter().chain(&NO_ROWS).map(|(.., fault)| *fault);
    let others = [
        "not-utf8",
        "wrong-control",
        "wrong-header",
        "wrong-fields",
        "wrong-count",
        "wrong-total",
    ];
    let found: BTreeSet<_> = of_rows.chain(others).collect();
    assert_eq!(told.collect::<BTreeSet<_>>(), found);
}
