//! Sessions: who is signed in. The cookie holds 256 random bits and nothing else; the table holds their hash.

use crate::commands::set_password::ChooseOwnPassword;
use crate::purpose::Purpose;
use crate::store::{self, AccountRow, SessionRow};
use crate::{accounts, problems};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mz_contracts::Gateway;
use mz_http::Problem;
use mz_kernel::{OfficerId, PersonId};
use mz_runtime::{App, Failure};
use mz_store::{Tx, Work};
use sha2::{Digest as _, Sha256};
use std::time::Duration;

/// An officer's working day.
pub(crate) const SESSION: Duration = Duration::from_hours(8);

/// What stands in the table for a cookie.
fn hash_of(cookie: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(cookie))
}

/// What every form of a session carries: derived from the cookie, which no other site can read.
pub(crate) fn csrf_of(cookie: &str) -> String {
    let mut digest = Sha256::new();
    digest.update("csrf ");
    digest.update(cookie);
    URL_SAFE_NO_PAD.encode(digest.finalize())
}

/// Why nobody was signed in.
pub(crate) enum NotSignedIn {
    /// Too many tries in a row: the account takes none for so long.
    Wait(Duration),
    /// Anything else. A wrong login and a wrong password are refused alike.
    Refused(Failure),
}

impl From<Failure> for NotSignedIn {
    fn from(failure: Failure) -> Self {
        NotSignedIn::Refused(failure)
    }
}

/// Signs in; answers what the cookie shall hold.
pub(crate) async fn sign_in(
    app: &App<Gateway>,
    login: String,
    password: String,
) -> Result<String, NotSignedIn> {
    let account = match app.db.write(CountTry { login }).await? {
        Try::Counted(account) => Some(account),
        Try::Nobody => None,
        Try::Wait(wait) => return Err(NotSignedIn::Wait(wait)),
    };
    let kept = account.as_ref().map(|account| account.password.clone());
    let holds = accounts::holds(password, kept).await?;
    match account {
        Some(account) if holds && account.active => {
            let cookie = accounts::random_text()?;
            let begin = Begin {
                account: account.id,
                hash: hash_of(&cookie),
            };
            app.db.write(begin).await?;
            Ok(cookie)
        }
        _ => Err(Failure(Problem::unauthenticated("The login or the password is wrong.")).into()),
    }
}

/// The session of a cookie, unless it has ended.
pub(crate) async fn find(app: &App<Gateway>, cookie: &str) -> Result<Option<SessionRow>, Failure> {
    let now = app.db.surroundings().system.now();
    let found = app.db.read(Find(hash_of(cookie))).await?;
    Ok(found.filter(|session| session.expires > now))
}

/// Signs out.
pub(crate) async fn sign_out(app: &App<Gateway>, cookie: &str) -> Result<(), Failure> {
    app.db.write(End(hash_of(cookie))).await
}

/// Why a session reads about a person, if it was said.
pub(crate) async fn purpose(
    app: &App<Gateway>,
    session: &str,
    person: PersonId,
) -> Result<Option<Purpose>, Failure> {
    let session = session.to_owned();
    app.db.read(AskPurpose { session, person }).await
}

/// Says why a session reads about a person.
pub(crate) async fn state_purpose(
    app: &App<Gateway>,
    session: &str,
    person: PersonId,
    purpose: Purpose,
) -> Result<(), Failure> {
    let session = session.to_owned();
    let work = StatePurpose {
        session,
        person,
        purpose,
    };
    app.db.write(work).await
}

/// Takes a password of the officer's own choice; `session` is the hash of the one that goes on.
pub(crate) async fn choose_password(
    app: &App<Gateway>,
    officer: OfficerId,
    session: &str,
    present: String,
    password: String,
) -> Result<(), Failure> {
    let account = app.db.read(AskAccount(officer)).await?;
    let kept = account.map(|account| account.password);
    if !accounts::holds(present, kept.clone()).await? {
        return Err(problems::wrong_password().into());
    }
    let work = ChooseOwnPassword {
        officer,
        present: kept.unwrap_or_default(),
        password: accounts::new_password("password", password).await?,
        session: session.to_owned(),
    };
    app.db.write(work).await?;
    Ok(())
}

struct AskAccount(OfficerId);

impl Work<Gateway> for AskAccount {
    type Output = Option<AccountRow>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Gateway>) -> Result<Option<AccountRow>, Failure> {
        Ok(store::account_by_id(tx, self.0).await?)
    }
}

struct AskPurpose {
    session: String,
    person: PersonId,
}

impl Work<Gateway> for AskPurpose {
    type Output = Option<Purpose>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Gateway>) -> Result<Option<Purpose>, Failure> {
        Ok(store::purpose(tx, &self.session, self.person).await?)
    }
}

struct StatePurpose {
    session: String,
    person: PersonId,
    purpose: Purpose,
}

impl Work<Gateway> for StatePurpose {
    type Output = ();
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Gateway>) -> Result<(), Failure> {
        Ok(store::state_purpose(tx, &self.session, self.person, self.purpose).await?)
    }
}

struct CountTry {
    login: String,
}

/// A try to sign in.
enum Try {
    /// Nobody has this login.
    Nobody,
    /// The account takes no try for so long.
    Wait(Duration),
    /// The account, with this try among its failures until it is known to be none.
    Counted(AccountRow),
}

impl Work<Gateway> for CountTry {
    type Output = Try;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Gateway>) -> Result<Try, Failure> {
        let now = tx.now();
        let Some(account) = store::account(tx, &self.login).await? else {
            return Ok(Try::Nobody);
        };
        if let Some(until) = account.closed_until.filter(|until| *until > now) {
            return Ok(Try::Wait(until.since(now)));
        }
        let failures = account.failures.saturating_add(1);
        let closed_until = accounts::wait_after(failures).map(|wait| now.plus(wait));
        store::count_try(tx, &account, failures, closed_until).await?;
        Ok(Try::Counted(account))
    }
}

struct Begin {
    account: OfficerId,
    hash: String,
}

impl Work<Gateway> for Begin {
    type Output = ();
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Gateway>) -> Result<(), Failure> {
        let now = tx.now();
        store::forget_tries(tx, self.account).await?;
        store::begin_session(tx, &self.hash, self.account, now, now.plus(SESSION)).await?;
        Ok(())
    }
}

struct Find(String);

impl Work<Gateway> for Find {
    type Output = Option<SessionRow>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Gateway>) -> Result<Option<SessionRow>, Failure> {
        Ok(store::session(tx, &self.0).await?)
    }
}

struct End(String);

impl Work<Gateway> for End {
    type Output = ();
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Gateway>) -> Result<(), Failure> {
        Ok(store::end_session(tx, &self.0).await?)
    }
}
