//! The signed token of a caller: how the gateway tells the services who asks.
//!
//! A JSON Web Token (RFC 7519) in compact form, signed with Ed25519 (RFC 8037). The header is one constant text: it
//! offers no choice of algorithm, so there is none to be talked into. The gateway holds the signing key, services
//! hold public keys, several while a key is being changed.

use crate::{Caller, Role};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use mz_kernel::{DivisionCode, OfficerId, Stamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// `{"alg":"EdDSA","typ":"JWT"}`
const HEADER: &str = "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9";
const MICROS: i64 = 1_000_000;

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: OfficerId,
    name: String,
    roles: Vec<Role>,
    divisions: Vec<DivisionCode>,
    /// Seconds since 1970, as RFC 7519 §4.1.4 has it.
    exp: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
}

/// Why a token does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It was one of ours until it expired.
    #[error("the token has expired")]
    Expired,
    /// It is damaged, forged, or signed with a key that is not believed.
    #[error("the token is not signed by a key that is believed")]
    Invalid,
}

/// The 32 bytes are no public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("public key number {position} is not an Ed25519 public key")]
pub struct InvalidKey {
    /// Which of the keys given, from 1.
    pub position: usize,
}

/// Signs the tokens of callers. Held by the gateway alone.
#[derive(Clone)]
pub struct TokenSigner(SigningKey);

impl TokenSigner {
    /// The signer of a private key: 32 bytes of the operating system's randomness, kept secret.
    pub fn new(private_key: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(private_key))
    }

    /// What the services need to believe this signer.
    pub fn public_key(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// The token of a caller; the expiry is cut to whole seconds.
    pub fn sign(&self, caller: &Caller) -> Result<String, serde_json::Error> {
        let Caller {
            officer,
            name,
            roles,
            divisions,
            expires,
            purpose,
        } = caller.clone();
        let exp = expires.as_micros().div_euclid(MICROS);
        let claims = serde_json::to_vec(&Claims {
            sub: officer,
            name,
            roles,
            divisions,
            exp,
            purpose,
        })?;
        let mut token = format!("{HEADER}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = self.0.sign(token.as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature.to_bytes(), &mut token);
        Ok(token)
    }
}

impl fmt::Debug for TokenSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSigner(***)")
    }
}

/// Believes the tokens of some signers.
#[derive(Debug, Clone)]
pub struct TokenVerifier(Vec<VerifyingKey>);

impl TokenVerifier {
    /// Believes each of these public keys; during a change of keys the old and the new one.
    pub fn new(public_keys: &[[u8; 32]]) -> Result<Self, InvalidKey> {
        let keys = public_keys.iter().zip(1..).map(|(key, position)| {
            VerifyingKey::from_bytes(key)
                .ok()
                .filter(|key| !key.is_weak())
                .ok_or(InvalidKey { position })
        });
        keys.collect::<Result<_, _>>().map(Self)
    }

    /// The caller of a token that holds at `now`.
    pub fn verify(&self, token: &str, now: Stamp) -> Result<Caller, TokenError> {
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Invalid)?;
        let signature = decode(signature)?.try_into().map_err(|_| TokenError::Invalid)?;
        let signature = Signature::from_bytes(&signature);
        if !self
            .0
            .iter()
            .any(|key| key.verify_strict(signed.as_bytes(), &signature).is_ok())
        {
            return Err(TokenError::Invalid);
        }
        // Only what is signed is read, and only under the one header.
        let claims = signed
            .strip_prefix(HEADER)
            .and_then(|rest| rest.strip_prefix('.'));
        let claims = decode(claims.ok_or(TokenError::Invalid)?)?;
        let Claims {
            sub,
            name,
            roles,
            divisions,
            exp,
            purpose,
        } = serde_json::from_slice(&claims).map_err(|_| TokenError::Invalid)?;
        let expires = Stamp::from_micros(exp.saturating_mul(MICROS));
        if expires <= now {
            return Err(TokenError::Expired);
        }
        Ok(Caller {
            officer: sub,
            name,
            roles,
            divisions,
            expires,
            purpose,
        })
    }
}

fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Invalid)
}
