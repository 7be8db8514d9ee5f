//! Sealed columns (D8): names, numbers and accounts are stored encrypted, and found through keyed hashes.
//!
//! A sealed value is `version | algorithm | key id | nonce | ciphertext and tag`. It is bound to its place (table,
//! column, row), so that a value copied to another row does not open. The keyed hash of equal values is equal: who
//! holds the table without the keys sees how often a value occurs, and nothing else; that is the price of search.

use crate::StoreError;
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, AesGcm};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use sm4::Sm4;
use std::collections::BTreeMap;
use std::fmt;

/// SM4 (GB/T 32907-2016) in Galois/counter mode.
type Sm4Gcm = AesGcm<Sm4, U12>;

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 12;
const HEADER_BYTES: usize = 2 + 4;

/// The cipher that new values are sealed with; every known one opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cipher {
    /// AES-256-GCM (NIST SP 800-38D).
    Aes256Gcm,
    /// SM4-GCM, for sites that must use domestic algorithms (密码法 2019).
    Sm4Gcm,
}

impl Cipher {
    const fn code(self) -> u8 {
        match self {
            Self::Aes256Gcm => 1,
            Self::Sm4Gcm => 2,
        }
    }
}

/// The keys of one service: one that seals, older ones that still open, and one for the keyed hashes.
pub struct Keyring {
    cipher: Cipher,
    current: u32,
    keys: BTreeMap<u32, [u8; 32]>,
    search: [u8; 32],
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("cipher", &self.cipher)
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}

impl Keyring {
    /// A keyring that seals with key 1.
    pub fn new(cipher: Cipher, key: [u8; 32], search: [u8; 32]) -> Self {
        Self {
            cipher,
            current: 1,
            keys: BTreeMap::from([(1, key)]),
            search,
        }
    }

    /// The same keyring, sealing with a newer key from now on.
    #[must_use]
    pub fn rotated(mut self, cipher: Cipher, id: u32, key: [u8; 32]) -> Self {
        self.cipher = cipher;
        self.current = id;
        self.keys.insert(id, key);
        self
    }

    /// Seals a text for its place, such as `person.name:per_…`.
    pub fn seal(&self, place: &str, text: &str) -> Result<Vec<u8>, StoreError> {
        let broken = |what| StoreError::Unsealable { what };
        let key = self
            .keys
            .get(&self.current)
            .ok_or_else(|| broken("the current key is missing"))?;
        let mut nonce = [0_u8; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| broken("the system gives no random bytes"))?;
        let payload = Payload {
            msg: text.as_bytes(),
            aad: place.as_bytes(),
        };
        let body = match self.cipher {
            Cipher::Aes256Gcm => aes(key).encrypt(&nonce.into(), payload),
            Cipher::Sm4Gcm => sm4(key).encrypt(&nonce.into(), payload),
        }
        .map_err(|_| broken("the cipher refused the text"))?;
        let mut sealed = Vec::with_capacity(HEADER_BYTES + NONCE_BYTES + body.len());
        sealed.extend([VERSION, self.cipher.code()]);
        sealed.extend(self.current.to_be_bytes());
        sealed.extend(nonce);
        sealed.extend(body);
        Ok(sealed)
    }

    /// Opens a value that was sealed for the same place.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<String, StoreError> {
        let broken = |what| StoreError::Unsealable { what };
        let (header, rest) = sealed
            .split_at_checked(HEADER_BYTES)
            .ok_or_else(|| broken("it is too short"))?;
        let (nonce, body) = rest
            .split_at_checked(NONCE_BYTES)
            .ok_or_else(|| broken("it is too short"))?;
        let [version, cipher, id @ ..] = header else {
            return Err(broken("it is too short"));
        };
        if *version != VERSION {
            return Err(broken("its version is not known"));
        }
        let id = u32::from_be_bytes(id.try_into().map_err(|_| broken("it is too short"))?);
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| broken("it is too short"))?;
        let key = self
            .keys
            .get(&id)
            .ok_or_else(|| broken("its key is not in the keyring"))?;
        let payload = Payload {
            msg: body,
            aad: place.as_bytes(),
        };
        let opened = match *cipher {
            1 => aes(key).decrypt(&nonce.into(), payload),
            2 => sm4(key).decrypt(&nonce.into(), payload),
            _ => return Err(broken("its cipher is not known")),
        };
        let bytes = opened.map_err(|_| broken("it was changed, or belongs to another place"))?;
        String::from_utf8(bytes).map_err(|_| broken("it is not UTF-8"))
    }

    /// The keyed hash of a value for search: HMAC-SHA-256 over `purpose` and the text, as 64 hex digits.
    /// Different purposes (number, name, phone) never share a hash.
    pub fn search_hash(&self, purpose: &str, text: &str) -> String {
        use std::fmt::Write as _;
        // HMAC takes keys of any length.
        let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.search) else {
            return String::new();
        };
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        mac.finalize()
            .into_bytes()
            .iter()
            .fold(String::with_capacity(64), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            })
    }
}

fn aes(key: &[u8; 32]) -> Aes256Gcm {
    Aes256Gcm::new(key.into())
}

/// SM4 has keys of 128 bits: the first half of ours.
fn sm4(key: &[u8; 32]) -> Sm4Gcm {
    let mut half = [0_u8; 16];
    half.copy_from_slice(&key[..16]);
    Sm4Gcm::new(&half.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring(cipher: Cipher) -> Keyring {
        Keyring::new(cipher, [7; 32], [9; 32])
    }

    #[test]
    fn what_is_sealed_opens_at_its_place_only() {
        for cipher in [Cipher::Aes256Gcm, Cipher::Sm4Gcm] {
            let keyring = keyring(cipher);
            let sealed = keyring.seal("person.name:a", "扎西").unwrap();
            assert_eq!(keyring.open("person.name:a", &sealed).unwrap(), "扎西");
            assert!(keyring.open("person.name:b", &sealed).is_err());
            let mut changed = sealed;
            *changed.last_mut().unwrap() ^= 1;
            assert!(keyring.open("person.name:a", &changed).is_err());
        }
    }

    #[test]
    fn equal_texts_are_sealed_differently() {
        let keyring = keyring(Cipher::Aes256Gcm);
        assert_ne!(keyring.seal("a", "x").unwrap(), keyring.seal("a", "x").unwrap());
    }

    #[test]
    fn an_older_key_and_cipher_still_open() {
        let old = keyring(Cipher::Aes256Gcm);
        let sealed = old.seal("a", "x").unwrap();
        let rotated = old.rotated(Cipher::Sm4Gcm, 2, [8; 32]);
        assert_eq!(rotated.open("a", &sealed).unwrap(), "x");
        let newer = rotated.seal("a", "x").unwrap();
        assert_eq!(newer[1], Cipher::Sm4Gcm.code());
        assert_eq!(rotated.open("a", &newer).unwrap(), "x");
    }

    #[test]
    fn the_keyed_hash_depends_on_key_and_purpose() {
        let one = keyring(Cipher::Aes256Gcm);
        let other = Keyring::new(Cipher::Aes256Gcm, [7; 32], [1; 32]);
        assert_eq!(one.search_hash("number", "x"), one.search_hash("number", "x"));
        assert_ne!(one.search_hash("number", "x"), one.search_hash("name", "x"));
        assert_ne!(one.search_hash("number", "x"), other.search_hash("number", "x"));
        assert!(!format!("{one:?}").contains('9'));
    }
}
