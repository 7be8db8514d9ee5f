//! The variables that a service's process reads: all that it takes from its environment.

use std::error::Error;
use std::path::PathBuf;
use std::str::FromStr;

/// A variable, and what to set it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Whether nothing starts without it.
    pub required: bool,
    /// Whether it may also be given as `<name>_FILE`, the path of a file that holds it: secrets, and what comes with
    /// them.
    pub from_file: bool,
    /// What to set it to, in words that complete "set it to …".
    pub hint: &'static str,
}

const fn required(name: &'static str, hint: &'static str) -> Variable {
    Variable {
        name,
        required: true,
        from_file: false,
        hint,
    }
}

const fn optional(name: &'static str, hint: &'static str) -> Variable {
    Variable {
        required: false,
        ..required(name, hint)
    }
}

const fn or_file(variable: Variable) -> Variable {
    Variable {
        from_file: true,
        ..variable
    }
}

/// The service's own folder.
pub const DATA: Variable = required(
    "MINZHENG_DATA",
    "the folder in which this service alone keeps its keys, such as /data",
);
/// The county.
pub const COUNTY: Variable = required(
    "MINZHENG_COUNTY",
    "`batang`, or a folder with divisions.toml and policy.toml",
);
/// The database.
pub const DATABASE_URL: Variable = required(
    "MINZHENG_DATABASE_URL",
    "this service's own database, such as postgres://minzheng_registration@postgres/minzheng_registration or \
     sqlite:/data/registration.db",
);
/// The password of the user in [`DATABASE_URL`].
pub const DATABASE_PASSWORD: Variable = or_file(optional(
    "MINZHENG_DATABASE_PASSWORD",
    "the password of the database's user, where PostgreSQL asks for one",
));
/// The broker.
pub const NATS_URL: Variable = required("MINZHENG_NATS_URL", "the broker, such as nats://nats:4222");
/// The password of the broker's user that is named after the service.
pub const NATS_PASSWORD: Variable = or_file(required(
    "MINZHENG_NATS_PASSWORD",
    "the password of the broker's user of this service's name",
));
/// The public keys of those who sign callers' tokens.
pub const TOKEN_KEY: Variable = or_file(required(
    "MINZHENG_TOKEN_KEY",
    "the gateway's public key, 32 bytes in base64, as `minzheng secrets` writes it; two of them, parted by a blank, \
     while it is changed",
));
/// A legal date that stands still.
pub const LEGAL_DATE: Variable = optional(
    "MINZHENG_LEGAL_DATE",
    "a date such as 2026-01-05, at which the legal clock stands: for training, never for a bureau's work",
);
/// The log.
pub const LOG: Variable = optional("MINZHENG_LOG", "what is logged, such as info,mz_bus=debug");
/// A collector of traces.
pub const OTLP: Variable = optional(
    "MINZHENG_OTLP",
    "where traces are sent, an OpenTelemetry collector such as http://127.0.0.1:4318",
);
/// The same, under OpenTelemetry's own name; [`OTLP`] goes before it.
pub const OTEL_EXPORTER_OTLP_ENDPOINT: Variable =
    optional("OTEL_EXPORTER_OTLP_ENDPOINT", "the same as MINZHENG_OTLP");
/// The gateway's HTTP door.
pub const LISTEN: Variable = optional(
    "MINZHENG_LISTEN",
    "the address at which the gateway's HTTP door listens, such as 0.0.0.0:8080",
);

/// All of them.
pub const VARIABLES: [Variable; 12] = [
    DATA,
    COUNTY,
    DATABASE_URL,
    DATABASE_PASSWORD,
    NATS_URL,
    NATS_PASSWORD,
    TOKEN_KEY,
    LEGAL_DATE,
    LOG,
    OTLP,
    OTEL_EXPORTER_OTLP_ENDPOINT,
    LISTEN,
];

/// A variable is missing or cannot be used. Its value is never shown: it may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum VariableError {
    /// It is not set, or empty.
    #[error("{name} is not set; set it to {hint}", name = .0.name, hint = .0.hint)]
    Missing(Variable),
    /// Nobody can tell which of both is meant.
    #[error("{name} and {name}_FILE are both set; unset one of them", name = .0.name)]
    Twice(Variable),
    /// The file that it names.
    #[error("{path}, which {name}_FILE names, cannot be read", name = variable.name)]
    File {
        /// The variable.
        variable: Variable,
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// Its value.
    #[error("{name} cannot be used; set it to {hint}", name = variable.name, hint = variable.hint)]
    Wrong {
        /// The variable.
        variable: Variable,
        /// Why not.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

/// Where values come from: [`crate::environment`], or a test's own.
#[derive(Clone, Copy)]
pub(crate) struct Values<'a>(pub(crate) &'a dyn Fn(&str) -> Option<String>);

impl Values<'_> {
    /// The value, if it is set.
    pub(crate) fn find(self, variable: Variable) -> Result<Option<String>, VariableError> {
        let Values(value) = self;
        let plain = value(variable.name);
        let file = variable
            .from_file
            .then(|| value(&format!("{}_FILE", variable.name)))
            .flatten();
        match (plain, file) {
            (Some(_), Some(_)) => Err(VariableError::Twice(variable)),
            (None, Some(path)) => match std::fs::read_to_string(&path) {
                // An editor's line end is no part of a password.
                Ok(text) if text.trim().is_empty() => Err(wrong(variable, "its file is empty")),
                Ok(text) => Ok(Some(text.trim().to_owned())),
                Err(source) => Err(VariableError::File {
                    variable,
                    path: path.into(),
                    source,
                }),
            },
            (plain, None) => Ok(plain),
        }
    }

    /// The value, which must be set.
    pub(crate) fn need(self, variable: Variable) -> Result<String, VariableError> {
        self.find(variable)?.ok_or(VariableError::Missing(variable))
    }

    /// The value in its own type, if it is set.
    pub(crate) fn parsed<T: FromStr>(self, variable: Variable) -> Result<Option<T>, VariableError>
    where
        T::Err: Into<Box<dyn Error + Send + Sync>>,
    {
        let text = self.find(variable)?;
        let parsed = text.map(|text| text.parse().map_err(|error| wrong(variable, error)));
        parsed.transpose()
    }
}

pub(crate) fn wrong(variable: Variable, source: impl Into<Box<dyn Error + Send + Sync>>) -> VariableError {
    VariableError::Wrong {
        variable,
        source: source.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values<'a>(set: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| {
            set.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn a_secret_comes_from_its_file_without_the_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("nats");
        std::fs::write(&file, "a-password\n").unwrap();
        let file = file.to_str().unwrap();
        let set = [
            ("MINZHENG_NATS_PASSWORD_FILE", file),
            ("MINZHENG_NATS_URL_FILE", file),
        ];
        let values = values(&set);
        assert_eq!(Values(&values).need(NATS_PASSWORD).unwrap(), "a-password");
        assert!(
            matches!(
                Values(&values).need(NATS_URL),
                Err(VariableError::Missing(NATS_URL))
            ),
            "what is no secret has no file"
        );
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_and_no_value_is_shown() {
        let set = [
            ("MINZHENG_NATS_PASSWORD", "hunter2"),
            ("MINZHENG_NATS_PASSWORD_FILE", "/nowhere"),
            ("MINZHENG_DATABASE_PASSWORD_FILE", "/dev/null"),
            ("MINZHENG_TOKEN_KEY_FILE", "/nowhere/token.pub"),
            ("MINZHENG_LISTEN", "hunter2"),
        ];
        let values = values(&set);
        let values = Values(&values);
        let said = [
            values.need(DATA).unwrap_err(),
            values.need(NATS_PASSWORD).unwrap_err(),
            values.find(DATABASE_PASSWORD).unwrap_err(),
            values.need(TOKEN_KEY).unwrap_err(),
            values.parsed::<std::net::SocketAddr>(LISTEN).unwrap_err(),
        ];
        let said = said.map(|error| mz_kernel::chain(&error));
        for (text, words) in said.iter().zip([
            "MINZHENG_DATA is not set; set it to the folder",
            "MINZHENG_NATS_PASSWORD and MINZHENG_NATS_PASSWORD_FILE are both set",
            "MINZHENG_DATABASE_PASSWORD cannot be used; set it to the password",
            "/nowhere/token.pub, which MINZHENG_TOKEN_KEY_FILE names, cannot be read: ",
            "MINZHENG_LISTEN cannot be used; set it to the address",
        ]) {
            assert!(text.starts_with(words), "{text}");
            assert!(!text.contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn no_name_stands_twice() {
        let mut names = VARIABLES.map(|variable| variable.name);
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }
}
