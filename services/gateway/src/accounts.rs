//! Passwords: kept as Argon2id (RFC 9106) with its recommended parameters for a server, each with its own salt.

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mz_http::Problem;
use mz_runtime::Failure;
use std::time::Duration;

/// The shortest password, in characters.
const PASSWORD_MIN: usize = 12;
/// As many tries are free; each one more doubles the wait.
const FREE_TRIES: i64 = 3;
/// The wait doubles this often at most: about 17 minutes.
const DOUBLINGS_MAX: u32 = 10;

/// The operating system gave no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no random bytes")]
struct NoRandomBytes;

#[derive(Debug, thiserror::Error)]
#[error("the password cannot be hashed: {0}")]
struct NotHashed(argon2::password_hash::Error);

/// 256 random bits as text for a cookie or a first password.
pub(crate) fn random_text() -> Result<String, Failure> {
    let mut bits = [0; 32];
    getrandom::fill(&mut bits).map_err(|_| Problem::internal(NoRandomBytes))?;
    Ok(URL_SAFE_NO_PAD.encode(bits))
}

/// A new password's hash; refused in its field where it is too short.
pub(crate) async fn new_password(field: &'static str, password: String) -> Result<String, Failure> {
    if password.chars().count() < PASSWORD_MIN {
        let detail = format!("A password has at least {PASSWORD_MIN} characters.");
        return Err(Problem::invalid(field, detail).into());
    }
    hash(password).await
}

/// Hashes a new password, beside the threads that serve.
pub(crate) async fn hash(password: String) -> Result<String, Failure> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| Problem::internal(NoRandomBytes))?;
    let hashing = tokio::task::spawn_blocking(move || {
        let salt = SaltString::encode_b64(&salt)?;
        Argon2::default()
            .hash_password(password.as_bytes(), &salt)
            .map(|hash| hash.to_string())
    });
    let hashed = hashing.await.map_err(Problem::internal)?;
    Ok(hashed.map_err(|error| Problem::internal(NotHashed(error)))?)
}

/// Whether the password is that of the hash, beside the threads that serve. Without a hash the same work is done
/// for nothing, so that the time does not tell whether there is such an account.
pub(crate) async fn holds(password: String, hash: Option<String>) -> Result<bool, Failure> {
    let Some(kept) = hash else {
        self::hash(password).await?;
        return Ok(false);
    };
    let checking = tokio::task::spawn_blocking(move || {
        PasswordHash::new(&kept).is_ok_and(|kept| {
            Argon2::default()
                .verify_password(password.as_bytes(), &kept)
                .is_ok()
        })
    });
    Ok(checking.await.map_err(Problem::internal)?)
}

/// How long the account takes no further try after this many in a row.
pub(crate) fn wait_after(failures: i64) -> Option<Duration> {
    let beyond = u32::try_from(failures.checked_sub(FREE_TRIES)?).ok()?;
    Some(Duration::from_secs(1 << beyond.min(DOUBLINGS_MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_try_too_many_doubles_the_wait_up_to_a_limit() {
        assert_eq!(wait_after(1), None);
        assert_eq!(wait_after(2), None);
        assert_eq!(wait_after(3), Some(Duration::from_secs(1)));
        assert_eq!(wait_after(6), Some(Duration::from_secs(8)));
        assert_eq!(wait_after(1_000), Some(Duration::from_secs(1024)));
    }

    #[tokio::test]
    async fn only_the_password_itself_opens() {
        let kept = hash("correct horse battery".to_owned()).await.unwrap();
        assert!(kept.starts_with("$argon2id$"));
        assert!(
            holds("correct horse battery".to_owned(), Some(kept.clone()))
                .await
                .unwrap()
        );
        assert!(!holds("correct horse".to_owned(), Some(kept)).await.unwrap());
        assert!(!holds("correct horse".to_owned(), None).await.unwrap());
    }
}
