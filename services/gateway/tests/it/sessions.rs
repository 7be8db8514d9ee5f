//! Signing in and out, by a browser and by a program.

use crate::house::{House, PASSWORD};
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use mz_testkit::Stage;
use serde_json::json;
use std::time::Duration;

mz_testkit::stories![
    an_officer_signs_in_and_forms_need_the_sessions_token,
    who_signs_out_is_out,
    a_session_ends_with_the_working_day,
    a_wrong_password_does_not_open_and_makes_wait,
    a_cookie_alone_commands_nothing,
    a_program_signs_in_for_a_token_and_out_again,
    an_address_without_a_page_is_told_to_a_reader_in_chinese,
];

async fn an_officer_signs_in_and_forms_need_the_sessions_token(stage: Stage) {
    let house = House::open(stage).await;
    house.account("zhaxi", "township-officer", Stage::COUNTY).await;
    let answer = house.try_sign_in("zhaxi", PASSWORD).await;
    assert_eq!((answer.status, answer.leads_to()), (303, "/batches"));
    let set = answer.headers[SET_COOKIE].to_str().expect("text").to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
    let cookie = set.split(';').next().expect("a cookie");
    // Known, but not from a form of the session's own.
    let forged = house
        .form_as_it_is(cookie, "/sign-out", &[("csrf", "guess")])
        .await;
    assert_eq!(forged.status, 403);
    assert!(forged.text.contains("表单已失效"), "{}", forged.text);
    // Another site could otherwise sign an officer in as somebody else.
    let login = json!({ "login": "zhaxi", "password": PASSWORD });
    let from = |origin| [("origin", origin), ("host", "minzheng.example")];
    let foreign = house
        .post("/sessions", &from("https://evil.example"), &login)
        .await;
    assert_eq!(foreign.problem(), (403, "session.csrf".to_owned()));
    let own = house
        .post("/sessions", &from("http://minzheng.example"), &login)
        .await;
    assert_eq!(own.status, 201);
    let nobody = house.form_as_it_is("mz_session=guess", "/sign-out", &[]).await;
    assert_eq!((nobody.status, nobody.leads_to()), (303, "/sign-in"));
    house.close().await;
}

async fn who_signs_out_is_out(stage: Stage) {
    let house = House::open(stage).await;
    house.account("zhaxi", "township-officer", Stage::COUNTY).await;
    let cookie = house.sign_in("zhaxi", PASSWORD).await;
    let other = house.sign_in("zhaxi", PASSWORD).await;
    let out = house.form(&cookie, "/notices", "/sign-out", &[]).await;
    assert_eq!((out.status, out.leads_to()), (303, "/sign-in"));
    let gone = house.page(&cookie, "/notices?after=x").await;
    assert_eq!(gone.leads_to(), "/sign-in?next=%2Fnotices%3Fafter%3Dx");
    assert_eq!(house.page(&other, "/notices").await.status, 200);
    house.close().await;
}

async fn a_session_ends_with_the_working_day(stage: Stage) {
    let house = House::open(stage).await;
    house.account("zhaxi", "township-officer", Stage::COUNTY).await;
    let cookie = house.sign_in("zhaxi", PASSWORD).await;
    house
        .stage
        .system()
        .advance(Duration::from_hours(8) - Duration::from_secs(1));
    assert_eq!(house.page(&cookie, "/notices").await.status, 200);
    house.stage.system().advance(Duration::from_secs(2));
    assert_eq!(house.page(&cookie, "/notices").await.status, 303);
    house.close().await;
}

async fn a_wrong_password_does_not_open_and_makes_wait(stage: Stage) {
    let house = House::open(stage).await;
    house.account("zhaxi", "township-officer", Stage::COUNTY).await;
    for _ in 0..3 {
        assert_eq!(house.try_sign_in("zhaxi", "wrong").await.status, 401);
    }
    let closed = house.try_sign_in("zhaxi", PASSWORD).await;
    assert_eq!(closed.status, 429);
    assert_eq!(closed.headers[RETRY_AFTER], "1");
    assert!(
        closed.text.contains("密码错误次数过多，请 1 秒后再试"),
        "{}",
        closed.text
    );
    let login = json!({ "login": "zhaxi", "password": PASSWORD });
    let closed = house.post("/sessions", &[], &login).await;
    assert_eq!(closed.problem(), (429, "account.too-many-tries".to_owned()));
    assert_eq!(closed.headers[RETRY_AFTER], "1");
    house.stage.system().advance(Duration::from_secs(2));
    assert_eq!(house.try_sign_in("zhaxi", PASSWORD).await.status, 303);
    house.close().await;
}

async fn a_cookie_alone_commands_nothing(stage: Stage) {
    let house = House::open(stage).await;
    house.account("zhaxi", "township-officer", Stage::COUNTY).await;
    let cookie = house.sign_in("zhaxi", PASSWORD).await;
    let person =
        json!({ "name": "试甲", "sex": "male", "birth_date": "1950-03-07", "division": Stage::COUNTY });
    let path = "/api/registration/persons";
    let forged = house.post(path, &[("cookie", &cookie)], &person).await;
    assert_eq!(forged.problem(), (403, "session.csrf".to_owned()));
    let page = house.page(&cookie, "/problems/session.csrf").await;
    assert!(
        page.text
            .starts_with("# The request is not from a page of the session"),
        "{}",
        page.text
    );
    let html = house.page(&cookie, "/notices").await.text;
    let csrf = html
        .split("name=\"csrf\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let own = [("cookie", &*cookie), ("x-csrf-token", csrf.expect("a token"))];
    assert_eq!(house.post(path, &own, &person).await.status, 201);
    // Reading is open to the cookie: another site could send it, and not see the answer.
    let read = house.page(&cookie, "/api/registration/divisions").await;
    assert_eq!(read.status, 200);
    house.close().await;
}

async fn a_program_signs_in_for_a_token_and_out_again(stage: Stage) {
    let house = House::open(stage).await;
    house.account("zhaxi", "township-officer", Stage::COUNTY).await;
    let wrong = json!({ "login": "zhaxi", "password": "wrong" });
    let refused = house.post("/sessions", &[], &wrong).await;
    assert_eq!(refused.problem(), (401, "caller.unauthenticated".to_owned()));
    let right = json!({ "login": "zhaxi", "password": PASSWORD });
    let session = house.post("/sessions", &[], &right).await;
    assert_eq!(session.status, 201, "{}", session.text);
    let token = session.json()["token"].as_str().expect("a token").to_owned();
    let person =
        json!({ "name": "试甲", "sex": "male", "birth_date": "1950-03-07", "division": Stage::COUNTY });
    let bearer = format!("Bearer {token}");
    let made = house
        .post(
            "/api/registration/persons",
            &[("authorization", &bearer)],
            &person,
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(house.delete(&token, "/sessions").await.status, 204);
    let gone = house.get(&token, "/api/registration/divisions").await;
    assert_eq!(gone.problem(), (401, "caller.unauthenticated".to_owned()));
    house.close().await;
}

async fn an_address_without_a_page_is_told_to_a_reader_in_chinese(stage: Stage) {
    let house = House::open(stage).await;
    house.account("zhaxi", "township-officer", Stage::COUNTY).await;
    let cookie = house.sign_in("zhaxi", PASSWORD).await;
    let asked = [
        ("/nowhere", "", false),
        ("/nowhere", &*cookie, true),
        ("/persons/somebody", &*cookie, true),
        ("/runs", &*cookie, true),
    ];
    for (path, cookie, signed_in) in asked {
        let answer = house.page(cookie, path).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text);
        assert!(
            answer.text.contains("<h1>没有这个页面</h1>"),
            "{path}: {}",
            answer.text
        );
        assert_eq!(answer.text.contains("主导航"), signed_in, "{path}");
    }
    // A program is told by the code.
    let answer = house.get(house.administrator.token(), "/nowhere").await;
    assert_eq!(answer.problem(), (404, "route.unknown".to_owned()));
    let answer = house.page(&cookie, "/api/registration/nowhere").await;
    assert_eq!(answer.problem(), (404, "route.unknown".to_owned()));
    house.close().await;
}
