//! The service's own problem codes, each with its page in `problems/`.

use mz_http::Problem;

mz_http::problem_codes! {
    /// A command with a session's cookie came without its CSRF token.
    CSRF = "session.csrf";
    /// The account is closed.
    CLOSED = "account.closed";
    /// An administrator would close their own account.
    OWN = "account.own";
    /// Somebody else knows the password.
    TEMPORARY = "account.password-temporary";
    /// The present password is another one.
    WRONG_PASSWORD = "account.password-wrong";
}

pub(crate) fn csrf() -> Problem {
    let detail = "Send the session's CSRF token in the header `X-CSRF-Token`.";
    Problem::forbidden(CSRF, detail)
}

pub(crate) fn foreign() -> Problem {
    let detail = "The request was made by a page of another site.";
    Problem::forbidden(CSRF, detail)
}

pub(crate) fn temporary() -> Problem {
    let detail = "Choose a password of your own first: `POST /sessions/password`.";
    Problem::forbidden(TEMPORARY, detail)
}

pub(crate) fn no_account() -> Problem {
    Problem::not_found("There is no account with this id.")
}

pub(crate) fn closed() -> Problem {
    Problem::refused(CLOSED, "The account is closed.")
}

pub(crate) fn own_account() -> Problem {
    Problem::refused(OWN, "Another administrator has to close this account.")
}

pub(crate) fn wrong_password() -> Problem {
    Problem::refused(WRONG_PASSWORD, "The present password is another one.").in_field("present")
}
