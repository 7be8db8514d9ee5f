//! What administrators do with accounts, and officers with their passwords.

use crate::house::{House, PASSWORD};
use mz_http::Role;
use mz_testkit::Stage;
use serde_json::json;

mz_testkit::stories![
    a_closed_account_is_out_at_once,
    a_changed_account_may_less_from_the_next_page_on,
    a_password_of_somebody_elses_choice_is_changed_before_anything_else,
    accounts_are_the_administrators_alone,
];

/// Another password of somebody's own.
const OWN: &str = "something only I know";

async fn a_closed_account_is_out_at_once(stage: Stage) {
    let house = House::open(stage).await;
    let zhaxi = house.account("zhaxi", "township-officer", Stage::COUNTY).await;
    house.account("guan", "administrator", Stage::COUNTY).await;
    let cookie = house.sign_in("zhaxi", PASSWORD).await;
    let guan = house.sign_in("guan", PASSWORD).await;
    let page = format!("/users/{zhaxi}");
    let closed = house.form(&guan, &page, &format!("{page}/closure"), &[]).await;
    assert_eq!(
        (closed.status, closed.leads_to()),
        (303, &*format!("{page}?done=account"))
    );
    assert_eq!(house.page(&cookie, "/notices").await.status, 303);
    assert_eq!(house.try_sign_in("zhaxi", PASSWORD).await.status, 401);
    let shown = house.page(&guan, &page).await.text;
    assert!(shown.contains("已停用") && !shown.contains("/closure"), "{shown}");
    let again = house
        .administrator
        .post("gateway", &format!("{page}/closure"), json!({}))
        .await;
    again.refused(422, "account.closed");
    house.close().await;
}

async fn a_changed_account_may_less_from_the_next_page_on(stage: Stage) {
    let house = House::open(stage).await;
    let dawa = house.account("dawa", "administrator", Stage::COUNTY).await;
    let cookie = house.sign_in("dawa", PASSWORD).await;
    assert!(house.page(&cookie, "/users").await.text.contains("dawa"));
    let change = json!({ "name": "达瓦", "roles": ["township-officer"], "divisions": ["513335100"] });
    let path = format!("/users/{dawa}/changes");
    house.administrator.post("gateway", &path, change).await.is(200);
    for path in ["/users", &format!("/users/{dawa}"), "/audit"] {
        let page = house.page(&cookie, path).await;
        assert_eq!(page.status, 403, "{path}");
        let page = page.text;
        assert!(page.contains("您的岗位无权查看"), "{page}");
        for other in ["没有账号", "开通账号", "没有查阅记录", "查阅留痕</a>"] {
            assert!(!page.contains(other), "{other} on {path}: {page}");
        }
    }
    house.close().await;
}

async fn a_password_of_somebody_elses_choice_is_changed_before_anything_else(stage: Stage) {
    let house = House::open(stage).await;
    let zhaxi = house.account("zhaxi", "township-officer", Stage::COUNTY).await;
    let before = house.sign_in("zhaxi", PASSWORD).await;
    let given = json!({ "password": "given by somebody", "temporary": true });
    let path = format!("/users/{zhaxi}/password");
    house.administrator.post("gateway", &path, given).await.is(200);
    assert_eq!(
        house.page(&before, "/notices").await.status,
        303,
        "the old session has ended"
    );
    let cookie = house.sign_in("zhaxi", "given by somebody").await;
    assert_eq!(house.page(&cookie, "/notices").await.leads_to(), "/password");
    let api = house.page(&cookie, "/api/registration/divisions").await;
    assert_eq!(api.problem(), (403, "account.password-temporary".to_owned()));
    let choose = |present, password, again| {
        let fields = [("present", present), ("password", password), ("again", again)];
        let (house, cookie) = (&house, &cookie);
        async move { house.form(cookie, "/password", "/password", &fields).await }
    };
    assert!(
        choose("given by somebody", OWN, "else")
            .await
            .text
            .contains("两次输入的新密码不一致")
    );
    assert!(choose("wrong", OWN, OWN).await.text.contains("现密码不正确"));
    assert_eq!(choose("given by somebody", "short", "short").await.status, 422);
    let chosen = choose("given by somebody", OWN, OWN).await;
    assert_eq!((chosen.status, chosen.leads_to()), (303, "/?done=password"));
    assert_eq!(house.page(&cookie, "/notices").await.status, 200);
    house.sign_in("zhaxi", OWN).await;
    house.close().await;
}

async fn accounts_are_the_administrators_alone(stage: Stage) {
    let house = House::open(stage).await;
    let officer = house.stage.officer(Role::BureauOfficer, Stage::COUNTY);
    officer.get("gateway", "/users").await.refused(403, "caller.role");
    let here = house.stage.officer(Role::Administrator, "513335100");
    let elsewhere = house.account("elsewhere", "township-officer", "513335101").await;
    house.account("here", "township-officer", "513335100").await;
    // An administrator of one township neither sees nor changes the accounts of another, nor gives out more than theirs.
    let listed = here.get("gateway", "/users").await.is(200);
    let logins: Vec<_> = listed["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|user| &user["login"])
        .collect();
    assert_eq!(logins, ["here"]);
    here.get("gateway", &format!("/users/{elsewhere}"))
        .await
        .refused(403, "caller.division");
    let closure = here
        .post("gateway", &format!("/users/{elsewhere}/closure"), json!({}))
        .await;
    closure.refused(403, "caller.division");
    let wide = json!({
        "login": "wide", "name": "wide", "roles": ["administrator"], "divisions": [Stage::COUNTY], "password": PASSWORD,
    });
    here.post("gateway", "/users", wide)
        .await
        .refused(403, "caller.division");
    house.close().await;
}
