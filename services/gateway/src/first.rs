//! The first account: an administrator whose password lies in a file that only the suite's owner reads.

use crate::accounts;
use crate::commands::open_account::OpenAccount;
use crate::store;
use mz_contracts::{Actor, Gateway};
use mz_http::{Problem, Role};
use mz_kernel::DivisionCode;
use mz_runtime::{App, Failure};
use mz_store::{Origin, Tx, Work};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// What the first administrator signs in with.
pub const FIRST_LOGIN: &str = "administrator";

/// Opens the account [`FIRST_LOGIN`] for the division where there is no account yet, with a password of its own that
/// is written to `file` (mode 0600) before; answers whether it did. There is no password that everybody knows.
pub async fn first_administrator(
    app: &App<Gateway>,
    division: DivisionCode,
    file: &Path,
) -> Result<bool, Failure> {
    if app.db.read(HasAccounts).await? {
        return Ok(false);
    }
    let password = kept_in(file, &accounts::random_text()?).map_err(Problem::internal)?;
    let work = OpenAccount {
        login: FIRST_LOGIN.to_owned(),
        name: "管理员".to_owned(),
        roles: vec![Role::Administrator],
        divisions: vec![division],
        password: accounts::hash(password).await?,
        origin: Origin {
            actor: Actor::System,
            correlation: "first-start".to_owned(),
            causation: None,
            trace: None,
        },
        // It lies in a file: whoever signs in with it chooses another.
        temporary: true,
        only_first: true,
    };
    Ok(app.db.write(work).await?.user.is_some())
}

/// What the file holds, if a start that was cut off wrote it; else the fresh password, written there.
fn kept_in(file: &Path, fresh: &str) -> std::io::Result<String> {
    match std::fs::read_to_string(file) {
        Ok(kept) if !kept.trim().is_empty() => return Ok(kept.trim().to_owned()),
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    let mut out = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)?;
    out.write_all(format!("{fresh}\n").as_bytes())?;
    out.sync_all()?;
    Ok(fresh.to_owned())
}

struct HasAccounts;

impl Work<Gateway> for HasAccounts {
    type Output = bool;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Gateway>) -> Result<bool, Failure> {
        Ok(store::has_accounts(tx).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_password_is_written_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("administrator");
        assert_eq!(kept_in(&file, "first").unwrap(), "first");
        assert_eq!(kept_in(&file, "second").unwrap(), "first");
        assert_eq!(
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}
