//! The bank returns a payment, its account is corrected, and the payment is issued again.

use super::bureau::{Bureau, picture};
use mz_testkit::{Browser, NO_BROWSER, skip};

#[tokio::test(flavor = "multi_thread")]
async fn a_returned_payment_is_issued_again_once_its_account_is_corrected() {
    let test = "a_returned_payment_is_issued_again_once_its_account_is_corrected";
    let Some(browser) = Browser::start(1440, 900).await else {
        return skip(test, NO_BROWSER);
    };
    let bureau = Bureau::open().await;
    let person = bureau.entitled_person().await;
    let batch = bureau.batch("2026-01-30", "2026-01").await;
    bureau.answered(&batch, "退回,账户已销户").await;

    bureau.sign_in(&browser, "zhaxi").await;
    bureau.show(&browser, &format!("/persons/{person}")).await;
    browser.press_what_says("查阅").await;
    browser.sees("账户已销户").await;
    browser.press_what_says("更正账户").await;
    browser.fill("holder", "试甲").await;
    browser.fill("bank", "农业银行").await;
    // Too short: what was typed is there again, but for the number.
    browser.fill("account", "123").await;
    browser.press_what_says("保存").await;
    browser.sees("未能办理").await;
    browser.fill("account", "6228 4800 0000 1234").await;
    browser.press_what_says("保存").await;
    browser.sees("收款账户已保存").await;
    let text = browser.text().await;
    for part in [
        "农业银行 ****1234 试* 本人",
        "使用中",
        "农商银行 ****0921 试* 本人",
        "已更正",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    assert!(!text.contains("62284800"), "the number is shown:\n{text}");
    bureau.settled().await;

    bureau.show(&browser, "/batches/new").await;
    browser.press_what_says("生成名册").await;
    browser.sees("名册已生成").await;
    browser.press_what_says("发放花名册").await;
    browser.sees("1 笔 · 767.00 元").await;
    browser.sees("****1234").await;
    picture(&browser, "roster").await;
    browser.close().await;
    bureau.program.stop();
}
