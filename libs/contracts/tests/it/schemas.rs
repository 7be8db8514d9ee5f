//! The golden files under `schemas/`: what was promised to subscribers.
//!
//! `UPDATE_GOLDEN=1` writes them anew, but only where the promise holds. To change a version that nobody has seen
//! yet, delete its file first; afterwards a new meaning is a new version.

use mz_contracts::compat::breaches;
use mz_contracts::{CATALOGUE, Entry};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")
}

fn path(
    Entry {
        service,
        aggregate,
        name,
        version,
        ..
    }: &Entry,
) -> PathBuf {
    root()
        .join(service)
        .join(format!("{aggregate}.{name}"))
        .join(format!("v{version}.json"))
}

#[test]
fn the_schemas_are_those_that_were_promised() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut complaints = Vec::new();
    for entry in CATALOGUE {
        let (path, event) = (path(entry), entry.event_type);
        let current = (entry.schema)().to_value();
        let text = format!("{}\n", serde_json::to_string_pretty(&current).unwrap());
        let released = fs::read_to_string(&path).ok();
        if released.as_ref() == Some(&text) {
            continue;
        }
        let promise = released.map_or(Value::Null, |released| serde_json::from_str(&released).unwrap());
        let broken = if promise.is_null() {
            Vec::new()
        } else {
            breaches(&promise, &current)
        };
        if !broken.is_empty() {
            complaints.extend(
                broken
                    .iter()
                    .map(|breach| format!("{event}: {breach}; declare a new version")),
            );
        } else if update {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, format!("{current:#}\n")).unwrap();
        } else {
            complaints.push(format!(
                "{event}: the schema file is not up to date; run with UPDATE_GOLDEN=1"
            ));
        }
    }
    let declared: BTreeSet<PathBuf> = CATALOGUE.iter().map(path).collect();
    for stray in files(&root()).difference(&declared) {
        complaints.push(format!(
            "{}: no event is declared with this schema",
            stray.display()
        ));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                BTreeSet::from([path])
            }
        })
        .collect()
}
