//! The logins of a private server: made once, kept in one file that only its owner reads.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use super::users;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mz_contracts::OWNERS;
use serde::{Deserialize, Serialize};

/// The logins of a server. As JSON: `{"civil": {"user": …, "password": …}, "sys": {…}, "services": {<name>: {…}}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The operator of the account `CIVIL`, which has JetStream: everything is allowed there.
    pub civil: Login,
    /// The broker's own account `SYS`: what it is and how it is, for [`super::prove_durability`] and the console.
    pub sys: Login,
    /// The services in the account `CIVIL`, each with what it needs ([`super::permissions`]). A file of before
    /// they had logins of their own has none.
    #[serde(default)]
    services: BTreeMap<String, Login>,
}

/// A user of the broker and its password: see `password`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    user: String,
    password: String,
}

impl Login {
    /// A login that somebody else issued, for a broker that the operator named.
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            user: user.into(),
            password: password.into(),
        }
    }

    /// The user's name.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The password, in the clear: for the broker only, never for a log.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Options to connect with; answers come to inboxes that only this user may listen on.
    pub fn connect_options(&self) -> async_nats::ConnectOptions {
        async_nats::ConnectOptions::with_user_and_password(self.user.clone(), self.password.clone())
            .custom_inbox_prefix(users::inbox_prefix(&self.user))
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("user", &self.user)
            .field("password", &"***")
            .finish()
    }
}

impl Credentials {
    /// Fresh ones.
    pub(super) fn generate() -> io::Result<Self> {
        let mut fresh = Self {
            civil: Login::new(users::OPERATOR, password()?),
            sys: Login::new("sys", password()?),
            services: BTreeMap::new(),
        };
        fresh.complete()?;
        Ok(fresh)
    }

    /// The login of a service; none for a name that is no service's.
    pub fn service(&self, name: &str) -> Option<&Login> {
        self.services.get(name)
    }

    /// Makes a login for each service that has none; answers whether there was one to make.
    fn complete(&mut self) -> io::Result<bool> {
        let mut made = false;
        for (service, _) in OWNERS {
            if !self.services.contains_key(*service) {
                let login = Login::new(*service, password()?);
                self.services.insert((*service).to_owned(), login);
                made = true;
            }
        }
        Ok(made)
    }

    /// Reads the file, or makes and writes it (0600, in a folder of 0700, by one rename) when there is none or a
    /// service has no login in it yet: the others keep theirs.
    /// A file that does not read as credentials is an error of kind `InvalidData` and is left alone.
    pub fn kept_in(file: &Path) -> io::Result<Self> {
        match fs::read(file) {
            Ok(bytes) => {
                let mut kept: Self = serde_json::from_slice(&bytes)?;
                if kept.complete()? {
                    write_private(file, &serde_json::to_vec_pretty(&kept)?)?;
                }
                Ok(kept)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let fresh = Self::generate()?;
                write_private(file, &serde_json::to_vec_pretty(&fresh)?)?;
                Ok(fresh)
            }
            Err(error) => Err(error),
        }
    }
}

/// A fresh password: a letter, and 32 random bytes in base64url. It needs no quoting anywhere, and the broker's
/// configuration, which reads a number where it finds a digit, takes it from a `$VARIABLE`.
fn password() -> io::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(format!("p{}", URL_SAFE_NO_PAD.encode(bytes)))
}

/// The password in a file of its own; made and written, for its owner alone, where there is none.
pub fn kept_password(file: &Path) -> io::Result<String> {
    match fs::read_to_string(file) {
        Ok(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
        Ok(_) => Err(io::Error::new(io::ErrorKind::InvalidData, "the file is empty")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let fresh = password()?;
            write_private(file, format!("{fresh}\n").as_bytes())?;
            Ok(fresh)
        }
        Err(error) => Err(error),
    }
}

/// Writes a file that only its owner reads, whole or not at all; its folder is made if need be (0700).
pub fn write_private(file: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let fresh = file.with_added_extension("new");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut out: File = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)?;
    out.write_all(bytes)?;
    out.sync_all()?;
    fs::rename(&fresh, file)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn kept_credentials_are_private_and_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secrets/nats.json");
        let first = Credentials::kept_in(&file).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
        assert_eq!(Credentials::kept_in(&file).unwrap(), first);
        assert_ne!(first.civil.password(), first.sys.password());
        assert!(first.civil.password().starts_with(char::is_alphabetic));
        assert_eq!(first.civil.password().len(), 44);
    }

    #[test]
    fn a_damaged_file_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("nats.json");
        fs::write(&file, "{}").unwrap();
        assert_eq!(
            Credentials::kept_in(&file).unwrap_err().kind(),
            io::ErrorKind::InvalidData
        );
        assert_eq!(fs::read(&file).unwrap(), b"{}");
    }

    #[test]
    fn a_file_without_the_logins_of_services_gets_them_and_keeps_the_rest() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("nats.json");
        let login = |user| format!(r#"{{"user":"{user}","password":"of {user}"}}"#);
        let before = format!(
            r#"{{"civil":{},"sys":{},"services":{{"insight":{}}}}}"#,
            login("civil"),
            login("sys"),
            login("insight")
        );
        fs::write(&file, before).unwrap();
        let completed = Credentials::kept_in(&file).unwrap();
        assert_eq!(completed.civil, Login::new("civil", "of civil"));
        assert_eq!(
            completed.service("insight"),
            Some(&Login::new("insight", "of insight"))
        );
        assert!(
            OWNERS
                .iter()
                .all(|(service, _)| completed.service(service).is_some())
        );
        assert_eq!(completed.service("civil"), None);
        assert_eq!(Credentials::kept_in(&file).unwrap(), completed, "they are kept");
    }

    #[test]
    fn debug_masks_the_password() {
        let shown = format!("{:?}", Login::new("civil", "hunter2"));
        assert!(shown.contains("civil") && !shown.contains("hunter2"), "{shown}");
    }
}
