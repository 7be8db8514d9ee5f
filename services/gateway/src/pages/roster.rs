//! `/batches/{batch}/payments` 发放花名册: the payments of a batch, as they are printed and signed.

use super::answers::{Batch, Payment};
use super::frame::{Part, Row, View, card};
use super::known::{Known, Places};
use super::tables::{Cell, Table};
use super::words;
use crate::format;
use mz_kernel::Fen;

/// The page; accounts are masked by the service.
pub(crate) fn view(
    id: &str,
    batch: Known<Batch>,
    payments: Known<Vec<Payment>>,
    places: &Places,
    next: Option<String>,
) -> View {
    let mut view = View {
        title: "发放花名册".into(),
        active: "/batches",
        crumbs: vec![
            ("/batches".into(), "资金发放".into()),
            (format!("/batches/{id}"), format::tail(id)),
        ],
        here: "花名册".into(),
        ..View::default()
    };
    if let Some(batch) = batch.or_say(&mut view.notes, "批次内容", "disbursement") {
        let month = batch.month.map_or_else(String::new, format::month);
        view.title = format!("{month} {}发放花名册", words::programme(&batch.programme));
        let (payments, amount) = (format::count(batch.payments), format::yuan(batch.amount));
        view.lead = format!("批次号 {} · {payments} 笔 · {amount} 元", batch.number);
    }
    if let Some(payments) = payments.or_say(&mut view.notes, "发放明细", "disbursement") {
        view.rows.push(Row::One(vec![card(
            "名册",
            vec![Part::Table(table(&payments, places, next))],
        )]));
    }
    view.foot = "经办人：　　　　　　复核人：　　　　　　单位（盖章）：".into();
    view
}

/// The last row adds up the rows of this page alone, and says so where there are more.
fn table(payments: &[Payment], places: &Places, next: Option<String>) -> Table {
    let heads = ["人员", "乡镇", "开户行", "账户", "结果", "#金额（元）"];
    let mut table = Table::new("发放花名册", &heads, "批次中没有发放");
    table.rows = payments
        .iter()
        .map(|one| {
            vec![
                Cell::link(format!("/persons/{}", one.person), format::tail(&one.person)),
                Cell::text(places.name(&one.division)),
                Cell::text(one.bank.as_deref().unwrap_or("—")),
                Cell::text(one.account.as_deref().unwrap_or("—")),
                words::payment(&one.state),
                Cell::money(one.amount),
            ]
        })
        .collect();
    let sum = payments.iter().map(|one| one.amount.get()).sum();
    let whole = if next.is_some() { "本页小计" } else { "合计" };
    let blank = || Cell::text("");
    let head = vec![Cell::text(whole), blank(), blank(), blank(), blank()];
    table.totals = head.into_iter().chain([Cell::money(Fen::new(sum))]).collect();
    table.next = next;
    table
}
