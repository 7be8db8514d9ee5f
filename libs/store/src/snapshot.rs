//! A copy of a service's database, taken while it is written, and the way back.
//!
//! SQLite makes the copy itself (`VACUUM INTO`): one consistent view, without the log. On PostgreSQL its own programs do,
//! `pg_dump` and `pg_restore`, which have to be on `PATH` and of the server's version or newer.

use crate::{Db, Head, StoreError};
use mz_contracts::Owner;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;
use url::Url;

/// A copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Its file's name: `<service>.db`, or `<service>.dump` of PostgreSQL.
    pub file: String,
    /// A place in the chain that the copy holds; more may follow.
    pub head: Head,
}

impl<S: Owner> Db<S> {
    /// Copies the database into a folder. A file of the copy's name must not be there.
    pub async fn snapshot(&self, folder: &Path) -> Result<Snapshot, StoreError> {
        let (head, _) = self.head().await?;
        let (url, folder) = (self.url().to_owned(), folder.to_owned());
        let file = if let Some(path) = url.strip_prefix("sqlite:") {
            let (path, name) = (PathBuf::from(path), format!("{}.db", S::NAME));
            let copy = folder.join(&name);
            let done = tokio::task::spawn_blocking(move || vacuum(&path, &copy));
            done.await.map_err(|error| StoreError::Sql(error.into()))??;
            name
        } else {
            let name = format!("{}.dump", S::NAME);
            let arguments = [
                "--format=custom".into(),
                "--no-owner".into(),
                "--no-privileges".into(),
                "--file".into(),
                folder.join(&name).into_os_string(),
            ];
            program("pg_dump", &url, arguments).await?;
            name
        };
        Ok(Snapshot { file, head })
    }
}

/// Puts a copy where no database is yet: a file for `sqlite:<path>`, an empty database for `postgres://…`.
pub async fn restore(copy: &Path, url: &str) -> Result<(), StoreError> {
    let Some(path) = url.strip_prefix("sqlite:") else {
        let arguments = [
            "--no-owner".into(),
            "--no-privileges".into(),
            "--exit-on-error".into(),
            "--single-transaction".into(),
            copy.as_os_str().to_owned(),
        ];
        return program("pg_restore", url, arguments).await;
    };
    let (copy, path) = (copy.to_owned(), PathBuf::from(path));
    let put = move || {
        let mut from = std::fs::File::open(copy)?;
        // Never over a database that is there.
        let mut to = std::fs::File::create_new(path)?;
        std::io::copy(&mut from, &mut to)?;
        to.sync_all()
    };
    let done = tokio::task::spawn_blocking(put);
    let done = done.await.map_err(|error| StoreError::Sql(error.into()))?;
    done.map_err(|error| StoreError::Unavailable(error.into()))
}

fn vacuum(path: &Path, copy: &Path) -> Result<(), StoreError> {
    let file = |error: std::io::Error| StoreError::Unavailable(error.into());
    let name = copy
        .to_str()
        .ok_or_else(|| StoreError::Unavailable("the folder's path is not UTF-8".into()))?;
    let connection = rusqlite::Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(30))?;
    connection.execute("VACUUM INTO ?1", [name])?;
    std::fs::File::open(copy)
        .and_then(|copy| copy.sync_all())
        .map_err(file)
}

/// Runs a program of PostgreSQL on a database. The password goes by the environment: arguments are seen by everybody on
/// the machine.
async fn program<const N: usize>(
    name: &'static str,
    url: &str,
    arguments: [OsString; N],
) -> Result<(), StoreError> {
    let failed = |what: String| StoreError::Unavailable(format!("{name}: {what}").into());
    let (url, password) = without_password(url).ok_or_else(|| failed("the URL cannot be read".to_owned()))?;
    let mut command = Command::new(name);
    command
        .arg("--dbname")
        .arg(url)
        .args(arguments)
        .arg("--no-password");
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    let output = command.stdin(Stdio::null()).output().await;
    let output = output.map_err(|error| failed(format!("cannot be run: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}

fn without_password(url: &str) -> Option<(String, Option<String>)> {
    let mut url = Url::parse(url).ok()?;
    let mut password = url.password().map(str::to_owned);
    // Refused where there is no host, and then there is none.
    let _ = url.set_password(None);
    let mut kept = Vec::new();
    for (name, value) in url.query_pairs().into_owned() {
        if name == "password" {
            password = Some(value);
        } else {
            kept.push((name, value));
        }
    }
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    Some((url.into(), password))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_no_argument() {
        for (url, expected, password) in [
            ("postgres://u:pw@h/d", "postgres://u@h/d", Some("pw")),
            (
                "postgres://u@h/d?password=p%26w&sslmode=disable",
                "postgres://u@h/d?sslmode=disable",
                Some("p&w"),
            ),
            (
                "postgres:///d?host=%2Frun&user=u",
                "postgres:///d?host=%2Frun&user=u",
                None,
            ),
        ] {
            let (url, found) = without_password(url).unwrap();
            assert_eq!((url.as_str(), found.as_deref()), (expected, password));
        }
    }
}
