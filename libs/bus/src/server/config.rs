//! The configuration file of a private server, as a function of where it lives.

use std::path::{Path, PathBuf};

use super::{Credentials, Login, users};

/// When JetStream syncs what it acknowledges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SyncInterval {
    /// Before each acknowledgement (`sync_interval: always`): the promise of D4 rests on it.
    #[default]
    Always,
    /// The server's own default of two minutes: a power cut took whole acknowledged streams with it. It is here so
    /// that a benchmark can tell what the promise costs and a test that its absence is noticed.
    Relaxed,
}

/// The account of the suite's own services.
pub(super) const CIVIL_ACCOUNT: &str = "CIVIL";

/// The files of a server, all below its own folder. The folder must be absolute and hold no symbolic link, so that
/// the configuration's path in a command line names it (see `orphan.rs`).
#[derive(Clone, Debug)]
pub(super) struct Files {
    folder: PathBuf,
}

impl Files {
    /// The folder is quoted in the configuration, whose strings know no escape that every server version reads
    /// alike: a path that would need one is refused.
    pub(super) fn below(folder: PathBuf) -> Option<Self> {
        let plain = |text: &str| !text.contains(['"', '\\']) && !text.contains(char::is_control);
        folder.to_str().is_some_and(plain).then_some(Self { folder })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn config(&self) -> PathBuf {
        self.folder.join("nats-server.conf")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.folder.join("nats-server.log")
    }

    /// Where the server writes the port that it got, in a file named after its process.
    pub(super) fn ports(&self) -> PathBuf {
        self.folder.join("ports")
    }

    /// JetStream's files; the server itself puts the folder of this name below its `store_dir`.
    pub(super) fn store(&self) -> PathBuf {
        self.folder.join("jetstream")
    }
}

/// The text of the configuration file. It holds passwords: keep it 0600.
///
/// `sync_interval` stands alone on its line: the server's parser takes `always` followed by anything else on the
/// line for one word and stops. No `http` port: the monitor needs no login, and `$SYS` answers the same questions.
pub(super) fn render(
    files: &Files,
    port: Option<u16>,
    sync: SyncInterval,
    credentials: &Credentials,
) -> String {
    let port = port.map_or_else(|| "-1".to_owned(), |port| port.to_string());
    let sync = match sync {
        SyncInterval::Always => "\n  sync_interval: always",
        SyncInterval::Relaxed => "",
    };
    let (folder, ports, log) = (files.folder.display(), files.ports(), files.log());
    let (ports, log) = (ports.display(), log.display());
    let (civil, sys) = (&credentials.civil, &credentials.sys);
    let (civil_user, civil_password, sys_user, sys_password) =
        (civil.user(), civil.password(), sys.user(), sys.password());
    let services = users::render("      ", |service| {
        // There is a login for every service: see `Credentials::complete`.
        let login = credentials.service(service);
        format!("\"{}\"", login.map_or_else(Default::default, Login::password))
    });
    format!(
        r#"# Written at every start; changes made here are lost.
server_name: "minzheng"
listen: "127.0.0.1:{port}"
ports_file_dir: "{ports}"
log_file: "{log}"
logfile_size_limit: 16MB
logfile_max_num: 4
max_payload: 1MB

jetstream {{
  store_dir: "{folder}"
  max_memory_store: 256MB
  max_file_store: 1TB{sync}
}}

accounts {{
  {CIVIL_ACCOUNT} {{
    jetstream: enabled
    users: [
      {{ user: "{civil_user}", password: "{civil_password}" }}
{services}    ]
  }}
  SYS {{
    users: [ {{ user: "{sys_user}", password: "{sys_password}" }} ]
  }}
}}
system_account: SYS
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(sync: SyncInterval) -> String {
        let files = Files::below("/data/民政 局/nats".into()).unwrap();
        render(&files, None, sync, &Credentials::generate().unwrap())
    }

    #[test]
    fn sync_always_stands_alone_on_its_line() {
        assert_eq!(
            rendered(SyncInterval::Always)
                .lines()
                .filter(|line| line.trim() == "sync_interval: always")
                .count(),
            1
        );
        assert!(!rendered(SyncInterval::Relaxed).contains("sync_interval"));
    }

    #[test]
    fn only_loopback_listens_and_no_monitor_port() {
        let text = rendered(SyncInterval::Always);
        assert!(text.contains(r#"listen: "127.0.0.1:-1""#), "{text}");
        assert!(!text.contains("http"), "{text}");
    }

    #[test]
    fn a_folder_that_would_need_quoting_is_refused() {
        assert!(Files::below("/data/a b/中文".into()).is_some());
        for odd in ["/data/a\"b", "/data/a\\b", "/data/a\nb"] {
            assert!(Files::below(odd.into()).is_none(), "{odd:?}");
        }
    }
}
