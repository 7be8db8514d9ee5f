//! The console as officers and administrators use it, in a real Chromium.

mod bureau;
mod death;
mod returned;

use bureau::{Bureau, PASSWORD, picture};
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
    browser.sees("巴塘县民政综合平台").await;
    assert_eq!(browser.path().await, "/recoveries");
    browser.press_what_says("退出").await;
    browser.sees("首次使用").await;
    bureau.show(&browser, "/recoveries").await;
    assert_eq!(browser.path().await, "/sign-in?next=%2Frecoveries");
    browser.close().await;
    bureau.program.stop();
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
    // The measure itself: a page that is too wide is noticed.
    let widen = "document.querySelector('main').style.width = '600px'";
    browser.client().execute(widen, Vec::new()).await.expect("a page");
    assert_ne!(browser.too_wide_by().await, 0);
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
