//! Secrets under a passphrase: Argon2id (RFC 9106) makes the key, AES-256-GCM closes the text.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mz_store::{Cipher, Keyring};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The parameters that RFC 9106 recommends where memory is scarce: 64 MiB, three passes, four lanes.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
const PASSPHRASE_MIN: usize = 12;
/// What the sealed text belongs to: it opens nowhere else.
const PLACE: &str = "minzheng-backup-secrets";

/// A closed text, as it stands in its file; bytes are base64.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wrapped {
    kdf: String,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
    sealed: String,
}

/// Why a text cannot be closed or opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WrapError {
    /// The file of the passphrase.
    #[error("the passphrase's file {path} cannot be read")]
    File {
        /// The file.
        path: std::path::PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// Too short to be worth anything.
    #[error("a passphrase has at least {PASSPHRASE_MIN} characters, on the first line of its file")]
    Short,
    /// The system's random numbers.
    #[error("the system gives no random bytes")]
    NoRandomBytes,
    /// Another program's file.
    #[error("the wrapped secrets are damaged, or made by a newer version")]
    Damaged,
    /// The passphrase is another one, or the text was changed.
    #[error(
        "the passphrase does not open the secrets of this backup; without the right one it cannot be restored"
    )]
    Closed,
}

/// The passphrase in a file.
pub(crate) fn passphrase(file: &Path) -> Result<String, WrapError> {
    let text = std::fs::read_to_string(file).map_err(|source| WrapError::File {
        path: file.to_owned(),
        source,
    })?;
    let first = text.lines().next().unwrap_or_default().trim();
    if first.chars().count() < PASSPHRASE_MIN {
        return Err(WrapError::Short);
    }
    Ok(first.to_owned())
}

impl Wrapped {
    /// Closes a text.
    pub(crate) fn close(passphrase: &str, text: &str) -> Result<Self, WrapError> {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|_| WrapError::NoRandomBytes)?;
        let mut wrapped = Self {
            kdf: "argon2id".to_owned(),
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            lanes: LANES,
            salt: STANDARD.encode(salt),
            sealed: String::new(),
        };
        let sealed = wrapped.keyring(passphrase)?.seal(PLACE, text);
        wrapped.sealed = STANDARD.encode(sealed.map_err(|_| WrapError::NoRandomBytes)?);
        Ok(wrapped)
    }

    /// Opens it again.
    pub(crate) fn open(&self, passphrase: &str) -> Result<String, WrapError> {
        let sealed = STANDARD.decode(&self.sealed).map_err(|_| WrapError::Damaged)?;
        let keyring = self.keyring(passphrase)?;
        keyring.open(PLACE, &sealed).map_err(|_| WrapError::Closed)
    }

    fn keyring(&self, passphrase: &str) -> Result<Keyring, WrapError> {
        if self.kdf != "argon2id" {
            return Err(WrapError::Damaged);
        }
        let salt = STANDARD.decode(&self.salt).map_err(|_| WrapError::Damaged)?;
        let mut key = [0; 32];
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(key.len()));
        let params = params.map_err(|_| WrapError::Damaged)?;
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), &salt, &mut key)
            .map_err(|_| WrapError::Damaged)?;
        // Nothing is searched for.
        Ok(Keyring::new(Cipher::Aes256Gcm, key, [0; 32]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_passphrase_opens_and_no_other_does() {
        let wrapped = Wrapped::close("correct horse battery", "secret").unwrap();
        let text = serde_json::to_string(&wrapped).unwrap();
        assert!(!text.contains("secret") && !text.contains("horse"), "{text}");
        let wrapped: Wrapped = serde_json::from_str(&text).unwrap();
        assert_eq!(wrapped.open("correct horse battery").unwrap(), "secret");
        assert!(matches!(
            wrapped.open("correct horse batterz"),
            Err(WrapError::Closed)
        ));
    }
}
