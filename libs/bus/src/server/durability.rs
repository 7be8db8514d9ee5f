//! Whether a broker's acknowledgement means "on the disk".

use std::time::Duration;

use super::{Login, Version};

/// How long the broker may take to accept the login and to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Proves that the server at `url` (`nats://host:port`) syncs before it acknowledges and is new enough for it to be
/// so in all cases. `sys` is a login of the system account; the proof is the server's own `VARZ`, in which
/// `jetstream.config.sync_always` is true or absent. In a cluster, ask each server: a setting of one says nothing
/// about another.
pub async fn prove_durability(url: &str, sys: &Login) -> Result<(), NotProven> {
    let not_asked = |source: async_nats::Error| NotProven::NotAsked {
        url: url.to_owned(),
        source,
    };
    let proof = async {
        let client = sys
            .connect_options()
            .connect(url)
            .await
            .map_err(|error| not_asked(error.into()))?;
        // The server that we are connected to, by its id: PING would be answered by any of a cluster.
        let subject = format!("$SYS.REQ.SERVER.{}.VARZ", client.server_info().server_id);
        let answer = client
            .request(subject, "".into())
            .await
            .map_err(|error| not_asked(error.into()))?;
        judge(url, &answer.payload)
    };
    let too_late = |elapsed: tokio::time::error::Elapsed| not_asked(elapsed.into());
    tokio::time::timeout(PATIENCE, proof).await.map_err(too_late)?
}

fn judge(url: &str, answer: &[u8]) -> Result<(), NotProven> {
    #[derive(serde::Deserialize)]
    struct Answer {
        data: Varz,
    }
    #[derive(serde::Deserialize)]
    struct Varz {
        version: String,
        #[serde(default)]
        jetstream: JetStream,
    }
    #[derive(serde::Deserialize, Default)]
    struct JetStream {
        config: Option<Config>,
    }
    #[derive(serde::Deserialize)]
    struct Config {
        #[serde(default)]
        sync_always: bool,
    }
    let unreadable = |source| NotProven::Unreadable {
        url: url.to_owned(),
        source,
    };
    let Varz { version, jetstream } = serde_json::from_slice::<Answer>(answer).map_err(unreadable)?.data;
    if !Version::parse(&version).is_some_and(Version::is_enough) {
        return Err(NotProven::TooOld {
            url: url.to_owned(),
            version,
        });
    }
    match jetstream.config {
        None => Err(NotProven::NoJetStream { url: url.to_owned() }),
        Some(Config { sync_always: false }) => Err(NotProven::NotSynced { url: url.to_owned() }),
        Some(Config { sync_always: true }) => Ok(()),
    }
}

/// Why a broker's acknowledgement is not known to mean "on the disk".
#[derive(Debug, thiserror::Error)]
pub enum NotProven {
    /// The server could not be asked, or did not answer in time.
    #[error(
        "{url} does not tell how it syncs: check that it runs and that the login is of its system account"
    )]
    NotAsked {
        /// The server's address.
        url: String,
        /// What the client said.
        source: async_nats::Error,
    },
    /// The answer is not a VARZ as we know it.
    #[error(
        "{url} gives an unknown kind of answer about how it syncs: use nats-server {} or newer",
        Version::MINIMUM
    )]
    Unreadable {
        /// The server's address.
        url: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The server is older than [`Version::MINIMUM`].
    #[error("{url} is nats-server {version}: use {} or newer", Version::MINIMUM)]
    TooOld {
        /// The server's address.
        url: String,
        /// What it says it is.
        version: String,
    },
    /// JetStream is off.
    #[error("{url} has no JetStream: enable it in the server's configuration")]
    NoJetStream {
        /// The server's address.
        url: String,
    },
    /// The server acknowledges before it syncs.
    #[error(
        "{url} acknowledges before it syncs: set `sync_interval: always`, alone on its line, in its jetstream block"
    )]
    NotSynced {
        /// The server's address.
        url: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(data: &str) -> Result<(), NotProven> {
        judge(
            "nats://test",
            format!(r#"{{"server":{{}},"data":{data}}}"#).as_bytes(),
        )
    }

    #[test]
    fn only_a_new_enough_server_that_syncs_always_is_proven() {
        assert!(judged(r#"{"version":"2.15.1","jetstream":{"config":{"sync_always":true}}}"#).is_ok());
        let absent = judged(r#"{"version":"2.15.1","jetstream":{"config":{"sync_interval":120000000000}}}"#);
        assert!(matches!(absent, Err(NotProven::NotSynced { .. })));
        let old = judged(r#"{"version":"2.14.2","jetstream":{"config":{"sync_always":true}}}"#);
        assert!(matches!(old, Err(NotProven::TooOld { .. })));
        assert!(matches!(
            judged(r#"{"version":"2.15.1","jetstream":{}}"#),
            Err(NotProven::NoJetStream { .. })
        ));
        assert!(matches!(
            judged(r#"{"jetstream":{}}"#),
            Err(NotProven::Unreadable { .. })
        ));
    }
}
