//! Stories of accounts and sessions through the door, each on SQLite and on PostgreSQL.
#![cfg(test)]

use axum::Router;
use axum::body::Body;
use axum::http::header::{COOKIE, LOCATION, SET_COOKIE};
use axum::http::{Request, Response, StatusCode};
use mz_contracts::Gateway;
use mz_http::{Role, TokenSigner};
use mz_runtime::Running;
use mz_testkit::Stage;
use serde_json::json;
use tower::ServiceExt as _;

mz_testkit::stories![
    an_officer_signs_in_and_forms_need_the_sessions_token,
    a_wrong_password_does_not_open_and_makes_wait,
];

const PASSWORD: &str = "correct horse battery";

async fn start(stage: &Stage) -> (Running<Gateway>, Router) {
    let setting = stage.setting("gateway").await;
    let gateway = gateway::service().start(setting).await.expect("gateway starts");
    let body = json!({ "login": "zhaxi", "name": "经办", "roles": ["township-officer"],
        "divisions": [Stage::COUNTY], "password": PASSWORD });
    let administrator = stage.officer(Role::Administrator, Stage::COUNTY);
    administrator.post("gateway", "/users", body).await.is(201);
    let door = gateway::door(gateway.app().clone(), TokenSigner::new(&[7; 32]), Router::new());
    (gateway, door)
}

async fn send(door: &Router, path: &str, cookie: &str, form: &str) -> Response<Body> {
    let request = Request::post(path)
        .header(COOKIE, cookie)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form.to_owned()))
        .expect("a request");
    door.clone().oneshot(request).await.expect("an answer")
}

fn sign_in(password: &str) -> String {
    format!(
        "login=zhaxi&password={}&back=/batches",
        password.replace(' ', "+")
    )
}

async fn an_officer_signs_in_and_forms_need_the_sessions_token(stage: Stage) {
    let (gateway, door) = start(&stage).await;
    let answer = send(&door, "/sign-in", "", &sign_in(PASSWORD)).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(answer.headers()[LOCATION], "/batches");
    let set = answer.headers()[SET_COOKIE].to_str().expect("text").to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
    let cookie = set.split(';').next().expect("a cookie");
    // Known, but not from a form of the session's own.
    let forged = send(&door, "/sign-out", cookie, "csrf=guess").await;
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
    let nobody = send(&door, "/sign-out", "mz_session=guess", "").await;
    assert_eq!(nobody.status(), StatusCode::SEE_OTHER);
    assert_eq!(nobody.headers()[LOCATION], "/sign-in");
    stage.finish(&[&gateway]).await;
}

async fn a_wrong_password_does_not_open_and_makes_wait(stage: Stage) {
    let (gateway, door) = start(&stage).await;
    for _ in 0..3 {
        let answer = send(&door, "/sign-in", "", &sign_in("wrong")).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    }
    let closed = send(&door, "/sign-in", "", &sign_in(PASSWORD)).await;
    assert_eq!(closed.status(), StatusCode::SERVICE_UNAVAILABLE);
    stage.finish(&[&gateway]).await;
}
