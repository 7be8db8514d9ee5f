//! Accounts and the audit of reads, for administrators, and everybody's own password.

use crate::door::PageError;
use crate::pages::orders::{self, Fields, Order};
use crate::pages::{accounts, ask};
use crate::sessions;
use crate::visit::{Sent, Visit, refusal, status_of};
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use mz_http::Role;

/// A visit by an administrator; everybody else is shown that these pages are not theirs.
async fn administrators(visit: &Visit) -> Result<(), Response> {
    if visit.is(Role::Administrator) {
        return Ok(());
    }
    Err(visit
        .closed("账号与查阅留痕由管理员办理，您的岗位无权查看。", None)
        .await)
}

pub(super) async fn list(visit: Visit, Query(query): Query<Fields>) -> Response {
    if let Err(instead) = administrators(&visit).await {
        return instead;
    }
    let after = query.get("after").map_or("", String::as_str);
    let mut view = ask::users(&visit, &visit.session.caller.divisions, after).await;
    view.say_done(query.get("done"));
    visit.show(view).await
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>, Query(query): Query<Fields>) -> Response {
    if let Err(instead) = administrators(&visit).await {
        return instead;
    }
    let mut view = ask::user(&visit, &visit.session.caller.divisions, &id).await;
    view.say_done(query.get("done"));
    visit.show(view).await
}

pub(super) async fn open(sent: Sent) -> Response {
    if let Err(instead) = administrators(&sent.visit).await {
        return instead;
    }
    match sent.order(orders::open_account(&sent.fields)).await {
        Ok(_) => Redirect::to("/users?done=account").into_response(),
        Err(error) => {
            let mut view = ask::users(&sent.visit, &sent.visit.session.caller.divisions, "").await;
            view.notes.insert(0, refusal(&error));
            sent.visit.show_as(status_of(&error), view).await
        }
    }
}

/// Carries out an order about an account, and shows the account.
async fn about(sent: Sent, id: String, order: Order) -> Response {
    if let Err(instead) = administrators(&sent.visit).await {
        return instead;
    }
    match sent.order(order).await {
        Ok(_) => Redirect::to(&format!("/users/{id}?done=account")).into_response(),
        Err(error) => {
            let mut view = ask::user(&sent.visit, &sent.visit.session.caller.divisions, &id).await;
            view.notes.insert(0, refusal(&error));
            sent.visit.show_as(status_of(&error), view).await
        }
    }
}

pub(super) async fn change(Path(id): Path<String>, sent: Sent) -> Response {
    let order = orders::change_account(&id, &sent.fields);
    about(sent, id, order).await
}

pub(super) async fn set_password(Path(id): Path<String>, sent: Sent) -> Response {
    let order = orders::set_password(&id, &sent.fields);
    about(sent, id, order).await
}

pub(super) async fn close(Path(id): Path<String>, sent: Sent) -> Response {
    let order = orders::close_account(&id);
    about(sent, id, order).await
}

pub(super) async fn audit(visit: Visit, Query(query): Query<Fields>) -> Response {
    if let Err(instead) = administrators(&visit).await {
        return instead;
    }
    let view = ask::audit(&visit, &query).await;
    visit.show(view).await
}

pub(super) async fn own_password(visit: Visit) -> Response {
    let view = accounts::own_password(visit.session.temporary, None);
    visit.show(view).await
}

pub(super) async fn choose_password(sent: Sent) -> Response {
    let session = &sent.visit.session;
    // A password may begin and end with blanks: it is taken as it was typed.
    let typed = |name: &str| sent.fields.get(name).cloned().unwrap_or_default();
    if typed("password") != typed("again") {
        let view = accounts::own_password(session.temporary, Some(accounts::typed_differently()));
        return sent.visit.show_as(StatusCode::UNPROCESSABLE_ENTITY, view).await;
    }
    let (app, officer) = (&sent.visit.door.app, session.caller.officer);
    let chosen = sessions::choose_password(app, officer, &session.hash, typed("present"), typed("password"));
    match chosen.await {
        Ok(()) => Redirect::to("/?done=password").into_response(),
        Err(failure) => {
            let error = PageError::from(failure);
            let view = accounts::own_password(session.temporary, Some(refusal(&error)));
            sent.visit.show_as(status_of(&error), view).await
        }
    }
}
