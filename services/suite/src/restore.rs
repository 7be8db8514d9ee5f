//! `minzheng restore`: a data folder from a backup.

use crate::backup::{Copied, FORM, MANIFEST, Manifest, SECRETS};
use crate::cli;
use crate::databases::{Databases, Look};
use crate::parts::NAMES;
use crate::say;
use crate::verify::hex;
use crate::wrap::{Wrapped, passphrase};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mz_bus::server::DataFolder;
use mz_contracts::Owner;
use mz_store::{Db, StoreError};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

/// Restores into a data folder that holds no suite yet, and holds the journals to the heads of the manifest.
pub async fn restore(data: &Path, order: cli::Backup) -> Result<(), Box<dyn Error>> {
    let from = &order.folder;
    let manifest = fs::read(from.join(MANIFEST)).map_err(|error| {
        format!(
            "{} is no backup: {MANIFEST} cannot be read: {error}",
            from.display()
        )
    })?;
    let manifest: Manifest = serde_json::from_slice(&manifest)?;
    if manifest.form != FORM {
        return Err(format!(
            "the backup has the form {}, this version reads {FORM}",
            manifest.form
        )
        .into());
    }
    let wrapped: Wrapped = serde_json::from_slice(&fs::read(from.join(SECRETS))?)?;
    // Before anything is written: a wrong passphrase leaves nothing behind.
    let secrets = wrapped.open(&passphrase(&order.passphrase_file)?)?;
    let secrets: BTreeMap<String, String> = serde_json::from_str(&secrets)?;
    for taken in ["secrets", "db"] {
        if data.join(taken).exists() {
            let data = data.display();
            return Err(format!("{data} holds a suite already; restore into a new data folder").into());
        }
    }
    let data = DataFolder::lock(data)?;
    let folder = data.path().join("secrets");
    DirBuilder::new().mode(0o700).create(&folder)?;
    for (name, bytes) in &secrets {
        if Path::new(name).file_name() != Some(name.as_ref()) {
            return Err(format!("the backup names a secret `{name}`, which is no file's name").into());
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(folder.join(name))?;
        file.write_all(&STANDARD.decode(bytes)?)?;
        file.sync_all()?;
    }
    fs::create_dir(data.path().join("db"))?;
    let databases = Databases {
        data: data.path(),
        template: order.database.as_deref(),
    };
    for Copied { service, file, .. } in &manifest.databases {
        mz_store::restore(&from.join(file), &databases.url(service)).await?;
    }
    let held = databases.all(&Held(&manifest.databases)).await?;
    if held.len() != manifest.databases.len() || held.len() != NAMES.len() {
        return Err("the backup does not have a database for every service".into());
    }
    for told in held {
        say::line(told?);
    }
    say::line("Restored. The next start fills a new broker from the journals.");
    Ok(())
}

/// Holds each journal to the head that was noted when it was copied.
struct Held<'a>(&'a [Copied]);

impl Look for Held<'_> {
    type Seen = Result<String, String>;

    async fn look<S: Owner>(&self, db: &Db<S>) -> Result<Self::Seen, StoreError> {
        let head = db.verify_chain().await?;
        let Some(noted) = self.0.iter().find(|copied| copied.service == S::NAME) else {
            return Ok(Err(format!("the backup notes nothing of {}", S::NAME)));
        };
        let there = match noted.position {
            0 => true,
            position => {
                let rows = db.sealed_after(position - 1, 1).await?;
                rows.first().is_some_and(|row| hex(&row.hash) == noted.hash)
            }
        };
        Ok(if there {
            Ok(format!(
                "ok   {:<18} {} events, as noted through {}",
                S::NAME,
                head.position,
                noted.position
            ))
        } else {
            Err(format!(
                "the journal of {} is another one than the backup notes at position {}; do not start the suite on it",
                S::NAME,
                noted.position
            ))
        })
    }
}
