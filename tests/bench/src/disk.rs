//! The floor: how often a second the disk takes an appended page for good. With its neighbours busy it falls by a
//! factor of twenty, and every other figure with it.

use crate::harness::{Bench, Done, Figure, Sample, Series};
use serde_json::json;
use std::fs::File;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// A page of SQLite.
const PAGE: [u8; 4_096] = [7; 4_096];

/// The folder for temporary files says which disk is measured: set `TMPDIR` for another one.
pub(crate) async fn measure(bench: &Bench) -> Done<()> {
    let mut flushes = Series::default();
    for _ in 0..bench.repetitions() {
        let span = bench.size(Duration::from_secs(2));
        flushes
            .take(bench, async {
                tokio::task::spawn_blocking(move || append(span)).await?
            })
            .await?;
    }
    let more = json!({ "folder": std::env::temp_dir() });
    Figure {
        name: "disk.flush",
        unit: "flushes/s",
        ours: &flushes,
        limit: None,
        more,
    }
    .report()
}

fn append(span: Duration) -> Done<Sample> {
    let folder = tempfile::tempdir()?;
    let mut file = File::create(folder.path().join("appended"))?;
    let (since, mut latencies) = (Instant::now(), Vec::new());
    while since.elapsed() < span {
        let began = Instant::now();
        file.write_all(&PAGE)?;
        file.sync_data()?;
        latencies.push(began.elapsed());
    }
    let count = u32::try_from(latencies.len())?;
    Ok(Sample::rate(count, since.elapsed()).with_latencies(latencies))
}
