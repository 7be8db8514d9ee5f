//! The version that a nats-server names, and the oldest one that keeps our promise.

use std::fmt;

/// A nats-server version, ordered so that a pre-release comes before its release (`2.15.0-RC.1` < `2.15.0`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    major: u32,
    minor: u32,
    patch: u32,
    released: bool,
}

impl Version {
    /// 2.15.0. Older servers lose or stall where we promise not to: before 2.15 compaction skipped the sync in
    /// `always` mode (nats-server PR 8456, 8475), and 2.9 does not know `sync_interval` at all.
    pub const MINIMUM: Version = Version::new(2, 15, 0);

    /// A released version.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self {
            major,
            minor,
            patch,
            released: true,
        }
    }

    /// Reads `2.15.1`, `v2.15.1` or the line of `nats-server --version`: `nats-server: v2.15.1`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("nats-server:").unwrap_or(text).trim();
        let text = text.strip_prefix('v').unwrap_or(text);
        let (numbers, pre_release) = match text.split_once('-') {
            Some((numbers, rest)) => (numbers, !rest.is_empty()),
            None => (text, false),
        };
        let mut numbers = numbers.splitn(3, '.').map(|number| number.parse().ok());
        let mut next = || numbers.next().flatten();
        Some(Self {
            major: next()?,
            minor: next()?,
            patch: next()?,
            released: !pre_release,
        })
    }

    /// Whether this server is new enough to be used.
    pub fn is_enough(self) -> bool {
        self >= Self::MINIMUM
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if self.released {
            Ok(())
        } else {
            f.write_str("-pre")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn reads_what_servers_say() {
        assert_eq!(
            Version::parse("nats-server: v2.15.1\n"),
            Some(Version::new(2, 15, 1))
        );
        assert_eq!(Version::parse("2.9.10"), Some(Version::new(2, 9, 10)));
        for foreign in ["", "nats-server", "v2", "2.15", "redis 7.0.1", "2.15.x"] {
            assert_eq!(Version::parse(foreign), None, "{foreign:?}");
        }
    }

    #[test]
    fn older_servers_and_their_pre_releases_are_not_enough() {
        let enough = |text| Version::parse(text).map(Version::is_enough);
        assert_eq!(enough("2.9.10"), Some(false));
        assert_eq!(enough("2.14.9"), Some(false));
        assert_eq!(enough("2.15.0-RC.1"), Some(false));
        assert_eq!(enough("2.15.0"), Some(true));
        assert_eq!(enough("2.16.0-dev"), Some(true));
        assert_eq!(enough("10.0.0"), Some(true));
    }
}
