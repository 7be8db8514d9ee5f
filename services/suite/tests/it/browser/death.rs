//! A month is paid, and a death that is registered late takes a line out of a batch, becomes a recovery and tells its causes.

use super::bureau::{Bureau, id, picture};
use mz_testkit::{Browser, NO_BROWSER, skip};

#[tokio::test(flavor = "multi_thread")]
async fn officers_pay_a_month_and_register_a_late_death_in_the_browser() {
    let test = "officers_pay_a_month_and_register_a_late_death_in_the_browser";
    let Some(browser) = Browser::start(1440, 900).await else {
        return skip(test, NO_BROWSER);
    };
    let bureau = Bureau::open().await;
    let person = bureau.entitled_person().await;
    let january = bureau.batch("2026-01-30", "2026-01").await;
    bureau.pay(&january).await;
    pay_february(&bureau, &browser).await;
    let march = bureau.batch("2026-03-10", "2026-03").await;
    bureau.at("2026-03-17").await;
    register_death(&bureau, &browser, &person).await;
    line_left_the_batch(&bureau, &browser, &march).await;
    chain_of_causes(&bureau, &browser, &person).await;
    pay_back(&bureau, &browser, &person).await;
    browser.close().await;
    bureau.program.stop();
}

/// The checker runs the month, the maker builds and proposes its batch, the checker seals it and enters the bank's file.
async fn pay_february(bureau: &Bureau, browser: &Browser) {
    bureau.at("2026-02-27").await;
    bureau.sign_in(browser, "shen").await;
    bureau.show(browser, "/batches/new").await;
    browser.press_what_says("核算本月").await;
    browser.sees("本月核算已完成").await;
    bureau.settled().await;

    bureau.sign_in(browser, "zhaxi").await;
    browser.press_what_says("资金发放").await;
    browser.press_what_says("生成批次").await;
    browser.press_what_says("生成名册").await;
    browser.sees("名册已生成").await;
    picture(browser, "batch-draft").await;
    browser.press_what_says("提交复核").await;
    browser.sees("已提交").await;
    let batch = browser.path().await;
    let batch = batch.split('?').next().expect("a path").to_owned();

    bureau.sign_in(browser, "shen").await;
    bureau.show(browser, &batch).await;
    browser.fill("reasons", "与名册一致").await;
    browser.press_what_says("复核通过并封存").await;
    browser.agree().await;
    browser.sees("复核意见已记录").await;
    let id = batch.rsplit('/').next().expect("an id");
    let answer = bureau.bank_answer(id).await;
    // A file with a fault is refused whole; the page says which row it is.
    let wrong = bureau.file("wrong.csv", &answer.replace(",767.00,成功", ",700.00,成功"));
    browser.attach("file", &wrong).await;
    browser.press_what_says("提交回盘").await;
    browser.sees("回盘文件未接受").await;
    browser.sees("金额不符").await;
    picture(browser, "batch-refused").await;
    browser.attach("file", &bureau.file("right.csv", &answer)).await;
    browser.press_what_says("提交回盘").await;
    browser.sees("回盘已接受").await;
    browser.sees("到账 + 退回 + 待回盘 = 应发总额").await;
    picture(browser, "batch-settled").await;
    bureau.settled().await;
}

/// The maker registers in March that the person died in January, after having seen what it will do.
async fn register_death(bureau: &Bureau, browser: &Browser, person: &str) {
    bureau.sign_in(browser, "zhaxi").await;
    bureau.show(browser, &format!("/persons/{person}")).await;
    // A person's page opens for a purpose, which is asked once a session.
    browser.sees("为何查阅该人员").await;
    picture(browser, "purpose").await;
    browser.press_what_says("查阅").await;
    browser.press_what_says("登记死亡").await;
    browser.fill("died_on", "2026-01-20").await;
    browser.choose("source", "village-report").await;
    browser.fill("place", "家中").await;
    browser.press_what_says("下一步：查看影响").await;
    browser.sees("尚未登记").await;
    let text = browser.text().await;
    for part in [
        "2026年1月20日",
        "试*",
        "将从未封存批次中拦截",
        "2026-03 批次未封存 767.00",
        "2026-02 已到账 767.00",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    picture(browser, "death-check").await;
    browser.press_what_says("确认登记死亡").await;
    browser.sees("已登记死亡").await;
    bureau.settled().await;
}

async fn line_left_the_batch(bureau: &Bureau, browser: &Browser, batch: &str) {
    bureau.show(browser, &format!("/batches/{batch}")).await;
    browser.sees("拦截明细").await;
    let text = browser.text().await;
    for part in ["拦截\n1\n767.00 元", "死亡", "应发总额（元）\n0.00"] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    picture(browser, "batch").await;
}

/// The checker runs March; the person's page then tells what was paid too much, and why, down to the death.
async fn chain_of_causes(bureau: &Bureau, browser: &Browser, person: &str) {
    bureau.sign_in(browser, "shen").await;
    bureau.show(browser, "/batches/new").await;
    browser.press_what_says("核算本月").await;
    browser.sees("本月核算已完成").await;
    bureau.settled().await;
    bureau.show(browser, &format!("/persons/{person}")).await;
    browser.choose("purpose", "checking").await;
    browser.press_what_says("查阅").await;
    browser.sees("追回中").await;
    let text = browser.text().await;
    for part in [
        // February was paid, March had not left the bureau yet.
        "待追回（元）\n767.00",
        "−767.00",
        "从发放批次中拦截 767.00 元",
        "丧葬事宜和待遇告知书",
        "发起追回 767.00 元 资金发放 · recovery.raised\n涉及月份：2026年2月\n发出告知：单位、家属\n\
         因 2026年3月核算：应扣回 1534.00 元\n因 待遇自2026年2月起停止\n因 补登死亡",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    assert!(!text.contains("试甲"), "the name is shown:\n{text}");
    picture(browser, "person").await;
    browser.press_what_says("丧葬事宜和待遇告知书").await;
    browser.sees("试* 的家属").await;
    picture(browser, "notice").await;
}

/// A part is paid back; of the rest the maker asks a waiver, and the checker agrees.
async fn pay_back(bureau: &Bureau, browser: &Browser, person: &str) {
    let path = format!("disbursement/recoveries?person={person}");
    let recovery = bureau.get(&bureau.officers.checker, &path).await;
    let page = format!("/recoveries/{}", id(&recovery["items"][0], "recovery"));
    bureau.show(browser, &page).await;
    browser.fill("amount", "700").await;
    browser.fill("receipt", "票据 0001").await;
    browser.press_what_says("登记退缴").await;
    browser.sees("退缴已入账").await;

    bureau.sign_in(browser, "zhaxi").await;
    bureau.show(browser, &page).await;
    browser.press("#waiver-amount").await;
    browser
        .client()
        .active_element()
        .await
        .expect("a field")
        .send_keys("67")
        .await
        .expect("a field");
    browser.fill("reasons", "家属无力退缴").await;
    browser.press("form[action$='/waivers'] button").await;
    browser.sees("待复核").await;

    bureau.sign_in(browser, "shen").await;
    bureau.show(browser, &page).await;
    browser.sees("复核核销申请：67.00 元").await;
    picture(browser, "recovery").await;
    browser.press("form[action$='/decision'] textarea").await;
    browser
        .client()
        .active_element()
        .await
        .expect("a field")
        .send_keys("情况属实")
        .await
        .expect("a field");
    browser.press_what_says("同意").await;
    browser.sees("复核意见已记录").await;
    let text = browser.text().await;
    for part in ["尚欠（元）\n0.00\n已结清", "退缴", "核销", "700.00", "67.00"] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
}
