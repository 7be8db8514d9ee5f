//! `minzheng backup`: a folder from which everything can be made again.
//!
//! `manifest.json` is written last: a folder without it is no backup. Beside it lie the copies of the databases, and
//! `secrets.json`, the files of `<data>/secrets` under the operator's passphrase.

use crate::cli;
use crate::client::{Client, ClientError};
use crate::databases::{Databases, Look};
use crate::say;
use crate::verify::hex;
use crate::wrap::{Wrapped, passphrase};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mz_contracts::Owner;
use mz_kernel::DivisionCode;
use mz_store::{Db, Snapshot, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

/// The version of the form.
pub(crate) const FORM: u32 = 1;
pub(crate) const MANIFEST: &str = "manifest.json";
pub(crate) const SECRETS: &str = "secrets.json";

/// What a backup is.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) form: u32,
    pub(crate) version: String,
    pub(crate) databases: Vec<Copied>,
}

/// A service's database in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Copied {
    pub(crate) service: String,
    pub(crate) file: String,
    /// A place in the journal's chain that the copy holds; more may follow.
    pub(crate) position: u64,
    /// The hash there, in lower-case hexadecimal.
    pub(crate) hash: String,
}

impl Copied {
    pub(crate) fn of(service: &str, copy: Snapshot) -> Self {
        Self {
            service: service.to_owned(),
            file: copy.file,
            position: copy.head.position,
            hash: hex(&copy.head.hash),
        }
    }
}

/// Makes a backup of a data folder whose suite runs, or does not.
pub async fn backup(data: &Path, county: DivisionCode, order: cli::Backup) -> Result<(), Box<dyn Error>> {
    let passphrase = passphrase(&order.passphrase_file)?;
    let folder = new_folder(&order.folder)?;
    let secrets = Wrapped::close(&passphrase, &serde_json::to_string(&secrets(data)?)?)?;
    fs::write(folder.join(SECRETS), serde_json::to_vec_pretty(&secrets)?)?;
    let databases = match Client::of(data, county) {
        Ok(client) => {
            client
                .post("/suite/snapshots", &json!({ "folder": folder }))
                .await?
        }
        Err(ClientError::NotRunning { .. }) => {
            // Nobody may start it meanwhile.
            let _alone = mz_bus::server::DataFolder::lock(data)?;
            let template = order.database.as_deref();
            Databases { data, template }.all(&Copies(&folder)).await?
        }
        Err(error) => return Err(error.into()),
    };
    let manifest = Manifest {
        form: FORM,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        databases,
    };
    let new = folder.join("manifest.new");
    fs::write(&new, serde_json::to_vec_pretty(&manifest)?)?;
    fs::File::open(&new)?.sync_all()?;
    fs::rename(new, folder.join(MANIFEST))?;
    for Copied {
        service,
        position,
        hash,
        ..
    } in &manifest.databases
    {
        say::line(format!("{service:<18} through {position}, head {hash}"));
    }
    say::line(format!(
        "Backup in {}. Keep the passphrase elsewhere.",
        folder.display()
    ));
    Ok(())
}

/// Copies into a folder.
struct Copies<'a>(&'a Path);

impl Look for Copies<'_> {
    type Seen = Copied;

    async fn look<S: Owner>(&self, db: &Db<S>) -> Result<Copied, StoreError> {
        Ok(Copied::of(S::NAME, db.snapshot(self.0).await?))
    }
}

/// A folder of its own that nobody else reads.
fn new_folder(folder: &Path) -> Result<std::path::PathBuf, Box<dyn Error>> {
    if folder.exists() {
        let folder = folder.display();
        return Err(format!("{folder} is there already; a backup is made in a new folder").into());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    Ok(folder.canonicalize()?)
}

/// The files of `<data>/secrets` by name, in base64.
fn secrets(data: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(data.join("secrets"))? {
        let entry = entry?;
        if let (true, Ok(name)) = (entry.file_type()?.is_file(), entry.file_name().into_string()) {
            files.insert(name, STANDARD.encode(fs::read(entry.path())?));
        }
    }
    Ok(files)
}
