//! Keys that the suite makes for itself at its first start and keeps in one file that only its owner reads.

use crate::WallClock;
use mz_bus::server::write_private;
use mz_http::{Caller, Role, TokenSigner, TokenVerifier};
use mz_kernel::{DivisionCode, Id as _, OfficerId, SystemClock as _};
use mz_store::{Cipher, Keyring};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The keys cannot be read, or not be made.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// The file.
    #[error("the key file {path} cannot be read or written; without it sealed columns stay closed")]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// Its content.
    #[error("the key file {path} is damaged; restore it from a backup, it cannot be made again")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The system's random numbers.
    #[error("the system gives no random bytes")]
    NoRandomBytes,
}

/// The suite's keys.
pub struct Secrets {
    signing: [u8; 32],
    services: BTreeMap<String, ServiceKeys>,
    path: PathBuf,
}

#[derive(Clone, Serialize, Deserialize)]
struct ServiceKeys {
    seal: Key,
    search: Key,
}

#[derive(Clone, Copy)]
struct Key([u8; 32]);

#[derive(Serialize, Deserialize)]
struct File {
    signing: Key,
    services: BTreeMap<String, ServiceKeys>,
}

impl Serialize for Key {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use base64::Engine as _;
        serializer.serialize_str(&base64::engine::general_purpose::STANDARD.encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use base64::Engine as _;
        let text = String::deserialize(deserializer)?;
        let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok();
        let key = bytes.and_then(|bytes| bytes.try_into().ok());
        key.map(Self)
            .ok_or_else(|| serde::de::Error::custom("a key must be 32 bytes in base64"))
    }
}

fn random() -> Result<Key, SecretsError> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|_| SecretsError::NoRandomBytes)?;
    Ok(Key(key))
}

impl Secrets {
    /// Reads `<folder>/keys.json`, or makes it (mode 0600).
    pub fn open(folder: &Path) -> Result<Self, SecretsError> {
        let path = folder.join("keys.json");
        match std::fs::read(&path) {
            Ok(bytes) => {
                let file: File = serde_json::from_slice(&bytes)
                    .map_err(|_| SecretsError::Damaged { path: path.clone() })?;
                Ok(Self {
                    signing: file.signing.0,
                    services: file.services,
                    path,
                })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let secrets = Self {
                    signing: random()?.0,
                    services: BTreeMap::new(),
                    path,
                };
                secrets.save()?;
                Ok(secrets)
            }
            Err(source) => Err(SecretsError::File { path, source }),
        }
    }

    fn save(&self) -> Result<(), SecretsError> {
        let failed = |source| SecretsError::File {
            path: self.path.clone(),
            source,
        };
        let file = File {
            signing: Key(self.signing),
            services: self.services.clone(),
        };
        let json = serde_json::to_vec_pretty(&file).map_err(|e| failed(e.into()))?;
        write_private(&self.path, &json).map_err(failed)
    }

    /// The keys that seal a service's columns; made at the service's first start.
    pub fn keyring(&mut self, service: &str, cipher: Cipher) -> Result<Keyring, SecretsError> {
        if !self.services.contains_key(service) {
            self.services.insert(
                service.to_owned(),
                ServiceKeys {
                    seal: random()?,
                    search: random()?,
                },
            );
            self.save()?;
        }
        match self.services.get(service) {
            Some(keys) => Ok(Keyring::new(cipher, keys.seal.0, keys.search.0)),
            None => Err(SecretsError::Damaged {
                path: self.path.clone(),
            }),
        }
    }

    /// Signs callers' tokens.
    pub fn signer(&self) -> TokenSigner {
        TokenSigner::new(&self.signing)
    }

    /// Believes what [`Secrets::signer`] signs.
    pub fn verifier(&self) -> Result<TokenVerifier, SecretsError> {
        TokenVerifier::new(&[self.signer().public_key()]).map_err(|_| SecretsError::Damaged {
            path: self.path.clone(),
        })
    }
}

/// An officer's working day.
const TOKEN: Duration = Duration::from_hours(8);

/// A token for an officer, for eight hours: the same name is the same officer.
pub fn token(signer: &TokenSigner, name: &str, role: Role, divisions: &[DivisionCode]) -> String {
    let digest = Sha256::digest(name.as_bytes());
    let mut bits = [0; 16];
    bits.copy_from_slice(&digest[..16]);
    let caller = Caller {
        officer: OfficerId::from_bits(u128::from_be_bytes(bits)),
        name: name.to_owned(),
        roles: vec![role],
        divisions: divisions.to_vec(),
        expires: WallClock.now().plus(TOKEN),
        purpose: None,
    };
    // A caller is plain data: writing it as JSON does not fail.
    signer.sign(&caller).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn keys_are_made_once_and_only_their_owner_reads_them() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = Secrets::open(folder.path()).unwrap();
        let sealed = first
            .keyring("registration", Cipher::Aes256Gcm)
            .unwrap()
            .seal("a", "x")
            .unwrap();
        let mut again = Secrets::open(folder.path()).unwrap();
        assert_eq!(
            again
                .keyring("registration", Cipher::Aes256Gcm)
                .unwrap()
                .open("a", &sealed)
                .unwrap(),
            "x"
        );
        assert_eq!(again.signer().public_key(), first.signer().public_key());
        let mode = std::fs::metadata(folder.path().join("keys.json"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_key_file_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("keys.json"), "{}").unwrap();
        assert!(matches!(
            Secrets::open(folder.path()),
            Err(SecretsError::Damaged { .. })
        ));
        assert_eq!(
            std::fs::read_to_string(folder.path().join("keys.json")).unwrap(),
            "{}"
        );
    }
}
