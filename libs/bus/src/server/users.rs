//! Who may send what on the broker: one user a service, named after it, with an allow-list and nothing else.
//!
//! | subject | a service publishes | it subscribes |
//! |---|---|---|
//! | events | its own | none: it reads streams |
//! | JetStream | its own stream: make, describe, read the end, remove; its own durable on each other stream | |
//! | requests | queries to every service; commands only from the gateway | its own commands and queries |
//! | discovery `$SRV` | only the gateway | as the service that it is |
//! | replies | to the inbox of a known user | its own inbox |
//!
//! Every service may read every stream, as notification and insight do: events hold no name and no number, and a new
//! reaction must not need a new configuration. Queries carry the caller's signed token, and commands come through the
//! door alone, so that a service never acts in a name that it did not check.
//!
//! Two limits. JetStream acts for whoever may make a stream or a consumer, so these lists stop the wrong program, the
//! wrong configuration and a lost password's direct use; a service that was taken over could still have its stream
//! republished, which the journal's chain shows afterwards. And inboxes are protected by their random names:
//! `allow_responses` would keep a row for each message that a consumer is sent.

use mz_contracts::{Gateway, OWNERS, Owner};

/// The user that may do everything in the account: for an operator's tools and for tests, never for a service.
pub(super) const OPERATOR: &str = "civil";

/// The prefix of a user's inboxes, so that nobody listens to the answers of another.
pub fn inbox_prefix(user: &str) -> String {
    format!("_INBOX_{user}")
}

/// What a user may do. Every subject that is in no list is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permissions {
    /// Subjects that it may send to.
    pub publish: Vec<String>,
    /// Subjects that it may listen on.
    pub subscribe: Vec<String>,
}

/// What the user of a service may do. The area stands as `*`: one broker serves one bureau, and what crosses levels
/// goes through leaf nodes with rules of their own (D14).
pub fn permissions(service: &str) -> Permissions {
    let mut publish = vec![format!("civil.*.evt.{service}.>")];
    for (other, stream) in OWNERS {
        if *other == service {
            publish.extend(own_stream(stream));
        } else {
            publish.extend(durable(stream, service));
        }
    }
    for (other, _) in OWNERS {
        publish.push(format!("civil.*.qry.{other}.v1"));
        if service == Gateway::NAME {
            publish.push(format!("civil.*.cmd.{other}.v1"));
        }
    }
    if service == Gateway::NAME {
        publish.push("$SRV.>".to_owned());
    }
    let users = OWNERS.iter().map(|(name, _)| *name).chain([OPERATOR]);
    publish.extend(users.map(|user| format!("{}.>", inbox_prefix(user))));
    Permissions {
        publish,
        subscribe: vec![
            format!("civil.*.cmd.{service}.v1"),
            format!("civil.*.qry.{service}.v1"),
            "$SRV.*".to_owned(),
            format!("$SRV.*.{service}"),
            format!("$SRV.*.{service}.*"),
            format!("{}.>", inbox_prefix(service)),
        ],
    }
}

/// What the relay needs: see `stream.rs`.
fn own_stream(stream: &str) -> impl Iterator<Item = String> {
    ["CREATE", "INFO", "MSG.GET", "DELETE"]
        .into_iter()
        .map(move |verb| format!("$JS.API.STREAM.{verb}.{stream}"))
}

/// What a consumer needs: see `durable.rs`. Acknowledgements in both forms, with and without domain and account
/// (ADR-15).
fn durable(stream: &str, service: &str) -> impl Iterator<Item = String> {
    let calls = ["INFO", "CREATE", "DELETE", "MSG.NEXT"];
    std::iter::once(format!("$JS.API.STREAM.INFO.{stream}"))
        .chain(calls.map(|verb| format!("$JS.API.CONSUMER.{verb}.{stream}.{service}")))
        .chain([
            format!("$JS.ACK.{stream}.{service}.>"),
            format!("$JS.ACK.*.*.{stream}.{service}.>"),
        ])
}

/// The users of an account as they stand in a configuration, one after another: those of all services, each with
/// the password that is given for it, as the server's syntax takes it (quoted, or a `$VARIABLE`).
pub(super) fn render(indent: &str, password: impl Fn(&str) -> String) -> String {
    let list = |subjects: &[String]| {
        let lines = subjects
            .iter()
            .map(|subject| format!("{indent}    \"{subject}\"\n"));
        lines.collect::<String>()
    };
    let user = |service: &str| {
        let Permissions { publish, subscribe } = permissions(service);
        format!(
            "{indent}{{ user: \"{service}\", password: {password}, permissions: {{\n\
             {indent}  publish: {{ allow: [\n{publish}{indent}  ] }}\n\
             {indent}  subscribe: {{ allow: [\n{subscribe}{indent}  ] }}\n\
             {indent}}} }}\n",
            password = password(service),
            publish = list(&publish),
            subscribe = list(&subscribe),
        )
    };
    OWNERS.iter().map(|(service, _)| user(service)).collect()
}

/// The environment variable that holds a user's password where the broker's configuration is a file of its own:
/// `MINZHENG_NATS_PASSWORD_FUNERAL_REFORM`.
pub fn password_variable(user: &str) -> String {
    format!("MINZHENG_NATS_PASSWORD_{}", user.replace('-', "_").to_uppercase())
}

/// The configuration of a broker that services in processes of their own share: `deploy/nats/nats-server.conf`.
/// `sync_interval` stands alone on its line, as in a private server's. No TLS: it belongs in a network that only the
/// services are in, or behind a file of the operator's own that includes this one.
pub fn shared_configuration() -> String {
    let sys = password_variable("sys");
    let users = render("      ", |user| format!("${}", password_variable(user)));
    format!(
        r#"# Generated by `UPDATE_GOLDEN=1 cargo test -p mz-bus shared`; the lists are made in libs/bus/src/server/users.rs.
# The environment gives the folder to store in, and the passwords; each starts with a letter, as the server reads a
# number where it finds a digit.
server_name: "minzheng"
listen: "0.0.0.0:4222"
# Health alone is asked there, by the container itself.
http: "127.0.0.1:8222"
max_payload: 1MB

jetstream {{
  store_dir: $MINZHENG_NATS_STORE
  max_memory_store: 256MB
  max_file_store: 1TB
  sync_interval: always
}}

accounts {{
  {account} {{
    jetstream: enabled
    users: [
{users}    ]
  }}
  SYS {{
    users: [ {{ user: "sys", password: ${sys} }} ]
  }}
}}
system_account: SYS
"#,
        account = super::config::CIVIL_ACCOUNT,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use mz_contracts::{FuneralReform, SocialAssistance};

    /// Whether a list covers a subject, by the broker's rules: `*` is one token, `>` is one or more.
    fn covers(list: &[String], subject: &str) -> bool {
        let matches = |pattern: &str| {
            let mut tokens = subject.split('.');
            for part in pattern.split('.') {
                match (part, tokens.next()) {
                    (">", Some(_)) => return true,
                    ("*", Some(_)) => {}
                    (part, Some(token)) if part == token => {}
                    _ => return false,
                }
            }
            tokens.next().is_none()
        };
        list.iter().any(|pattern| matches(pattern))
    }

    #[test]
    fn nobody_tells_the_facts_of_another() {
        for (service, _) in OWNERS {
            let publish = permissions(service).publish;
            for (other, stream) in OWNERS {
                let own = service == other;
                let event = format!("civil.513335.evt.{other}.death.registered.v1");
                assert_eq!(covers(&publish, &event), own, "{service} tells {event}");
                for verb in ["CREATE", "DELETE", "MSG.GET"] {
                    let call = format!("$JS.API.STREAM.{verb}.{stream}");
                    assert_eq!(covers(&publish, &call), own, "{service} calls {call}");
                }
                for verb in ["PURGE", "UPDATE", "MSG.DELETE", "RESTORE"] {
                    assert!(!covers(&publish, &format!("$JS.API.STREAM.{verb}.{stream}")));
                }
            }
        }
    }

    #[test]
    fn nobody_reads_or_acknowledges_with_the_durable_of_another() {
        let publish = permissions(SocialAssistance::NAME).publish;
        let own = |service: &str| {
            [
                format!("$JS.API.CONSUMER.CREATE.{}.{service}", FuneralReform::STREAM),
                format!("$JS.API.CONSUMER.MSG.NEXT.{}.{service}", FuneralReform::STREAM),
                format!("$JS.ACK.{}.{service}.1.2.3.4.5", FuneralReform::STREAM),
                format!("$JS.ACK._.HASH.{}.{service}.1.2.3.4.5", FuneralReform::STREAM),
            ]
        };
        assert!(
            own(SocialAssistance::NAME)
                .iter()
                .all(|call| covers(&publish, call))
        );
        assert!(!own("insight").iter().any(|call| covers(&publish, call)));
        assert!(!covers(&publish, "$JS.API.CONSUMER.CREATE.EVT-FUNERAL-REFORM"));
    }

    #[test]
    fn only_the_gateway_commands_and_everybody_hears_only_itself() {
        for (service, _) in OWNERS {
            let Permissions { publish, subscribe } = permissions(service);
            for (other, _) in OWNERS {
                let command = format!("civil.513335.cmd.{other}.v1");
                assert_eq!(covers(&publish, &command), *service == Gateway::NAME);
                assert_eq!(covers(&subscribe, &command), service == other);
                let inbox = format!("_INBOX_{other}.abc.1");
                assert_eq!(covers(&subscribe, &inbox), service == other);
            }
            assert!(!covers(
                &subscribe,
                "civil.513335.evt.registration.person.registered.v1"
            ));
            assert!(!covers(&subscribe, "_INBOX.abc"));
        }
    }

    #[test]
    fn shared_configuration_is_the_committed_file() {
        mz_testkit::golden::check("../../deploy/nats/nats-server.conf", &shared_configuration());
    }
}
