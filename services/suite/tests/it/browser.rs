//! The console as officers use it, in a real Chromium: who is not signed in sees nothing, two officers pay a month, and
//! a death that is registered late takes a line out of a batch, becomes a recovery and tells its causes.

mod bureau;

use bureau::{Bureau, PASSWORD, id, picture};
use mz_testkit::{Browser, Key, NO_BROWSER, skip};

#[tokio::test(flavor = "multi_thread")]
async fn a_page_waits_behind_the_sign_in() {
    let Some(browser) = Browser::start(1440, 900).await else {
        return skip("a_page_waits_behind_the_sign_in", NO_BROWSER);
    };
    let bureau = Bureau::open().await;
    bureau.show(&browser, "/recoveries").await;
    assert_eq!(browser.path().await, "/sign-in?next=%2Frecoveries");
    browser.fill("login", "shen").await;
    browser.fill("password", "not the password").await;
    browser.press_what_says("登录").await;
    browser.sees("用户名或密码").await;
    browser.fill("login", "shen").await;
    browser.fill("password", PASSWORD).await;
    browser.press_what_says("登录").await;
    browser.sees("审核员").await;
    assert_eq!(browser.path().await, "/recoveries");
    browser.press_what_says("退出").await;
    browser.sees("首次使用").await;
    bureau.show(&browser, "/recoveries").await;
    assert_eq!(browser.path().await, "/sign-in?next=%2Frecoveries");
    browser.close().await;
    bureau.program.stop();
}

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
    browser.sees("正文").await;
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

/// Pages of an officer, and those of an administrator.
const OFFICERS_PAGES: [&str; 9] = [
    "/",
    "/cases",
    "/persons",
    "/batches",
    "/batches/new",
    "/recoveries",
    "/reports",
    "/notices",
    "/password",
];
const ADMINISTRATORS_PAGES: [&str; 3] = ["/health", "/users", "/audit"];

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_a_telephone_also_in_large_letters() {
    let test = "every_page_fits_a_telephone_also_in_large_letters";
    let Some(browser) = Browser::telephone(390, 844).await else {
        return skip(test, NO_BROWSER);
    };
    let bureau = Bureau::open().await;
    let person = bureau.entitled_person().await;
    let january = bureau.batch("2026-01-30", "2026-01").await;
    bureau.sign_in(&browser, "shen").await;
    bureau.show(&browser, &format!("/persons/{person}")).await;
    browser.press_what_says("查阅").await;
    browser.sees("办理过程").await;
    let own = [
        format!("/persons/{person}"),
        format!("/persons/{person}/death"),
        format!("/batches/{january}"),
    ];
    let pages = || OFFICERS_PAGES.iter().map(ToString::to_string).chain(own.clone());
    fits(&bureau, &browser, pages()).await;
    browser.press_what_says("大字").await;
    browser.sees("标准").await;
    fits(&bureau, &browser, pages()).await;
    bureau.show(&browser, &own[0]).await;
    picture(&browser, "phone-person-large").await;
    bureau.sign_in(&browser, "guan").await;
    fits(
        &bureau,
        &browser,
        ADMINISTRATORS_PAGES.map(str::to_owned).into_iter(),
    )
    .await;
    browser.close().await;
    bureau.program.stop();
}

async fn fits(bureau: &Bureau, browser: &Browser, pages: impl Iterator<Item = String>) {
    for page in pages {
        bureau.show(browser, &page).await;
        assert_eq!(browser.path().await, page);
        assert_eq!(browser.width().await, 390, "the window is not a telephone's");
        assert_eq!(browser.too_wide_by().await, 0, "{page} has to be pushed aside");
        let name: String = page.split('/').filter(|part| !part.contains('_')).collect();
        picture(browser, &format!("phone-{name}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_alone_are_enough() {
    let Some(browser) = Browser::start(1440, 900).await else {
        return skip("keys_alone_are_enough", NO_BROWSER);
    };
    let bureau = Bureau::open().await;
    // From the sign-in page on: login, password, Enter.
    bureau.show(&browser, "/sign-in").await;
    for _ in 0..4 {
        browser.keys(&Key::Tab.to_string()).await;
    }
    browser.keys("shen").await;
    browser.keys(&Key::Tab.to_string()).await;
    browser.keys(PASSWORD).await;
    browser.keys(&Key::Enter.to_string()).await;
    browser.sees("退出").await;
    assert_eq!(browser.path().await, "/", "an officer begins with the overview");
    // The first stop of every page leads past its head.
    browser.keys(&Key::Tab.to_string()).await;
    assert_eq!(browser.focused().await, "跳到正文");
    browser.keys(&Key::Enter.to_string()).await;
    assert_eq!(browser.path().await, "/");
    browser.keys("gb").await;
    browser.sees("经办与复核须由不同人员完成").await;
    assert_eq!(browser.path().await, "/batches");
    browser.keys("/").await;
    browser.sees("按公民身份号码查找").await;
    assert_eq!(browser.path().await, "/persons");
    bureau.show(&browser, "/").await;
    picture(&browser, "overview").await;
    browser.close().await;
    bureau.program.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_administrator_chooses_a_password_and_opens_and_closes_an_account() {
    let test = "the_first_administrator_chooses_a_password_and_opens_and_closes_an_account";
    let Some(browser) = Browser::start(1440, 900).await else {
        return skip(test, NO_BROWSER);
    };
    let bureau = Bureau::open().await;
    // The password that lies in the data folder opens nothing but the page that changes it.
    let given = bureau.first_password();
    bureau.sign_in_with(&browser, "administrator", &given).await;
    bureau.show(&browser, "/users").await;
    assert_eq!(browser.path().await, "/password");
    browser.fill("present", &given).await;
    browser.fill("password", PASSWORD).await;
    browser.fill("again", PASSWORD).await;
    browser.press("main button").await;
    browser.sees("密码已修改").await;

    browser.press_what_says("账号管理").await;
    browser.fill("login", "dawa").await;
    browser.fill("name", "达瓦").await;
    browser.choose("role", "bureau-officer").await;
    browser.fill("password", "given by the administrator").await;
    browser.press_what_says("开通").await;
    browser.sees("账号已更新").await;
    for (page, shown) in [
        ("/health", "听取全部"),
        ("/users", "待改密码"),
        ("/audit", "没有查阅记录"),
    ] {
        bureau.show(&browser, page).await;
        browser.sees(shown).await;
        picture(&browser, page.trim_start_matches('/')).await;
    }
    bureau.show(&browser, "/users").await;
    browser.press_what_says("dawa").await;
    browser.press_what_says("停用账号").await;
    browser.agree().await;
    browser.sees("已停用").await;
    picture(&browser, "user-closed").await;
    browser.close().await;
    bureau.program.stop();
}
