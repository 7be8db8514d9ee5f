//! `minzheng secrets`: the passwords and keys that services in processes of their own start with, in one folder each:
//!
//! ```text
//! <folder>/<service>/secrets/nats        password of the broker's user of that name
//! <folder>/<service>/secrets/database    password of the database's role `minzheng_<service>`
//! <folder>/<service>/secrets/token.pub   the gateway's public key
//! <folder>/gateway/secrets/keys.json     its private key
//! <folder>/nats/passwords                all of the broker's, as variables that its configuration names
//! <folder>/postgres/<service>            the databases' again, for whoever makes the roles
//! <folder>/postgres/superuser
//! ```
//!
//! `<folder>/<service>` is the service's `MINZHENG_DATA`; the keys that seal its columns it makes there itself. What is
//! there stays as it is, so that the command may run before every start.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mz_bus::server::{kept_password, password_variable, write_private};
use mz_contracts::{Gateway, OWNERS, Owner as _};
use mz_runtime::{Secrets, SecretsError};
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

/// A secret cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// A file.
    #[error("{path} cannot be read or written")]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The gateway's keys.
    #[error("the gateway's keys cannot be used")]
    Keys(#[from] SecretsError),
}

/// Makes whatever is missing below a folder.
pub fn secrets(folder: &Path) -> Result<(), NotKept> {
    let own = |service: &str| folder.join(service).join("secrets");
    let gateway = Secrets::open(&own(Gateway::NAME))?;
    let public = format!("{}\n", STANDARD.encode(gateway.signer().public_key()));
    let (nats, postgres) = (folder.join("nats"), folder.join("postgres"));
    let mut passwords = String::new();
    let mut of_broker = |user: &str, file: PathBuf| -> Result<(), NotKept> {
        // Writing to a string does not fail.
        let _ = writeln!(passwords, "{}={}", password_variable(user), kept(file)?);
        Ok(())
    };
    of_broker("sys", nats.join("sys"))?;
    for (service, _) in OWNERS {
        of_broker(service, own(service).join("nats"))?;
        let password = kept(own(service).join("database"))?;
        written(postgres.join(service), &format!("{password}\n"))?;
        written(own(service).join("token.pub"), &public)?;
    }
    kept(postgres.join("superuser"))?;
    written(nats.join("passwords"), &passwords)
}

fn kept(path: PathBuf) -> Result<String, NotKept> {
    kept_password(&path).map_err(|source| NotKept::File { path, source })
}

fn written(path: PathBuf, text: &str) -> Result<(), NotKept> {
    write_private(&path, text.as_bytes()).map_err(|source| NotKept::File { path, source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::os::unix::fs::PermissionsExt as _;

    fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
        let mut all = BTreeMap::new();
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                all.extend(files(&path));
            } else {
                let mode = entry.metadata().unwrap().permissions().mode();
                assert_eq!(mode & 0o077, 0, "others can read {}", path.display());
                all.insert(path.clone(), std::fs::read_to_string(&path).unwrap());
            }
        }
        all
    }

    #[test]
    fn secrets_are_made_once_each_service_has_its_own_and_the_broker_knows_all() {
        let folder = tempfile::tempdir().unwrap();
        secrets(folder.path()).unwrap();
        let first = files(folder.path());
        secrets(folder.path()).unwrap();
        assert_eq!(files(folder.path()), first, "a second time changes nothing");
        let of = |path: &str| first[&folder.path().join(path)].trim();
        let mut passwords = vec![of("nats/sys"), of("postgres/superuser")];
        for (service, _) in OWNERS {
            let own = of(&format!("{service}/secrets/nats"));
            let line = format!("{}={own}", password_variable(service));
            assert!(of("nats/passwords").lines().any(|known| known == line));
            let database = of(&format!("{service}/secrets/database"));
            assert_eq!(of(&format!("postgres/{service}")), database);
            assert_eq!(
                of(&format!("{service}/secrets/token.pub")),
                of("gateway/secrets/token.pub")
            );
            passwords.extend([own, database]);
        }
        assert!(
            passwords
                .iter()
                .all(|password| password.starts_with(char::is_alphabetic))
        );
        let count = passwords.len();
        passwords.sort_unstable();
        passwords.dedup();
        assert_eq!(passwords.len(), count, "no two are the same");
    }
}
