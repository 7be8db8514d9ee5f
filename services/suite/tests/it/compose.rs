//! `docker-compose.yml` and `Dockerfile` without Docker: what stands in them is compared with what there is.

use mz_bus::server::password_variable;
use mz_contracts::{Gateway, OWNERS, Owner as _};
use mz_runtime::variables::{self, VARIABLES};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
struct Compose {
    services: BTreeMap<String, Container>,
    volumes: BTreeMap<String, Option<()>>,
}

#[derive(Deserialize)]
struct Container {
    image: String,
    #[serde(default)]
    command: Vec<String>,
    #[serde(default)]
    entrypoint: Vec<String>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    #[serde(default)]
    volumes: Vec<Mount>,
    #[serde(default)]
    ports: Vec<String>,
    #[serde(default)]
    depends_on: BTreeMap<String, Condition>,
    healthcheck: Option<Check>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Mount {
    Short(String),
    Long {
        source: String,
        target: String,
        volume: Subpath,
    },
}

#[derive(Deserialize)]
struct Subpath {
    subpath: String,
}

#[derive(Deserialize)]
struct Condition {
    condition: String,
}

#[derive(Deserialize)]
struct Check {
    test: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn compose() -> Compose {
    serde_saphyr::from_str(&text("docker-compose.yml")).unwrap_or_else(|error| panic!("{error}"))
}

/// The programs of the workspace, as its manifests name them.
fn programs() -> BTreeSet<String> {
    let folders = std::fs::read_dir(root().join("services")).unwrap();
    let manifests = folders.map(|folder| {
        let manifest = std::fs::read_to_string(folder.unwrap().path().join("Cargo.toml")).unwrap();
        toml::from_str::<toml::Table>(&manifest).unwrap()
    });
    manifests
        .flat_map(|manifest| {
            let programs = manifest["bin"].as_array().unwrap().clone();
            programs
                .into_iter()
                .map(|program| program["name"].as_str().unwrap().to_owned())
        })
        .collect()
}

#[test]
fn every_service_is_a_container_with_its_own_program_database_and_secrets() {
    let compose = compose();
    for (service, _) in OWNERS {
        let container = &compose.services[*service];
        let program = format!("minzheng-{service}");
        assert_eq!(container.command, [&*program]);
        let check = container.healthcheck.as_ref().unwrap();
        assert_eq!(check.test, ["CMD", &program, "health"], "{service}");
        let role = format!("minzheng_{}", service.replace('-', "_"));
        assert_eq!(
            container.environment[variables::DATABASE_URL.name],
            format!("postgres://{role}@postgres/{role}"),
            "as deploy/postgres/databases.sh names them"
        );
        let [
            Mount::Long {
                source,
                target,
                volume,
            },
        ] = container.volumes.as_slice()
        else {
            panic!("{service} mounts its own secrets and nothing else")
        };
        assert_eq!((source.as_str(), volume.subpath.as_str()), ("secrets", *service));
        assert_eq!(*target, container.environment[variables::DATA.name]);
    }
}

#[test]
fn every_variable_is_one_that_is_read_and_none_is_missing() {
    let compose = compose();
    for (service, _) in OWNERS {
        let set: BTreeSet<_> = compose.services[*service]
            .environment
            .keys()
            .map(String::as_str)
            .collect();
        for name in &set {
            let read = VARIABLES.iter().any(|variable| {
                variable.name == *name
                    || (variable.from_file && name.strip_suffix("_FILE") == Some(variable.name))
            });
            assert!(read, "{service}: nothing reads {name}");
        }
        for variable in VARIABLES.iter().filter(|variable| variable.required) {
            let file = format!("{}_FILE", variable.name);
            assert!(
                set.contains(variable.name) || (variable.from_file && set.contains(&*file)),
                "{service}: {} is not set",
                variable.name
            );
        }
        assert_eq!(set.contains(variables::LISTEN.name), *service == Gateway::NAME);
    }
}

/// What `minzheng secrets` makes is where the containers look for it, and the other way round.
#[test]
fn every_secret_that_is_looked_for_is_made() {
    let folder = tempfile::tempdir().unwrap();
    minzheng::secrets::secrets(folder.path()).unwrap();
    let compose = compose();
    for (name, container) in &compose.services {
        let mounts = container.volumes.iter().filter_map(|mount| match mount {
            Mount::Long {
                source,
                target,
                volume,
            } if source == "secrets" => Some((target, &volume.subpath)),
            _ => None,
        });
        let mounts: Vec<_> = mounts.collect();
        let files = container
            .environment
            .iter()
            .filter(|(key, _)| key.ends_with("_FILE"));
        for (key, file) in files {
            let found = mounts.iter().any(|(target, subpath)| {
                let inside = file.strip_prefix(&format!("{target}/"));
                inside.is_some_and(|inside| folder.path().join(subpath).join(inside).is_file())
            });
            assert!(found, "{name}: {key} is {file}, which nobody makes");
        }
    }
    assert!(compose.services["nats"].entrypoint[2].contains(". /run/minzheng/passwords;"));
    assert!(folder.path().join("nats/passwords").is_file());
    let script = text("deploy/postgres/databases.sh");
    assert!(script.contains("${1:-/run/minzheng}") && script.contains("minzheng_$"));
}

#[test]
fn the_broker_gets_every_variable_that_its_configuration_names() {
    let configuration = text("deploy/nats/nats-server.conf");
    let uncommented = configuration
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    let named: BTreeSet<String> = uncommented
        .flat_map(|line| line.split('$').skip(1))
        .map(|rest| {
            rest.chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect::<String>()
        })
        .filter(|name| name.starts_with("MINZHENG_"))
        .collect();
    let users = OWNERS.iter().map(|(service, _)| *service).chain(["sys"]);
    let mut given: BTreeSet<_> = users.map(password_variable).collect();
    given.extend(compose().services["nats"].environment.keys().cloned());
    assert_eq!(named, given);
    assert!(
        configuration.contains(r#"listen: "0.0.0.0:4222""#),
        "as MINZHENG_NATS_URL says"
    );
    assert!(
        configuration.contains(r#"http: "127.0.0.1:8222""#),
        "as its health check says"
    );
}

#[test]
fn every_file_volume_and_dependency_exists() {
    let compose = compose();
    for (name, container) in &compose.services {
        for mount in &container.volumes {
            let source = match mount {
                Mount::Short(short) => short.split(':').next().unwrap(),
                Mount::Long { source, .. } => source,
            };
            if source.starts_with("./") {
                assert!(root().join(source).is_file(), "{name} mounts {source}");
            } else {
                assert!(compose.volumes.contains_key(source), "{name} mounts {source}");
            }
        }
        for (other, Condition { condition }) in &container.depends_on {
            let other_container = &compose.services[other];
            let met = match condition.as_str() {
                "service_healthy" => other_container.healthcheck.is_some(),
                "service_completed_successfully" => other == "secrets",
                _ => false,
            };
            assert!(met, "{name} waits until {other} is {condition}");
        }
    }
    let gateway = &compose.services[Gateway::NAME];
    let listens = gateway.environment[variables::LISTEN.name]
        .rsplit(':')
        .next()
        .unwrap();
    assert_eq!(gateway.ports, [format!("127.0.0.1:8080:{listens}")]);
    let open = compose
        .services
        .values()
        .filter(|container| !container.ports.is_empty());
    assert_eq!(open.count(), 1, "the gateway alone is reached from outside");
}

#[test]
fn images_are_pinned_and_the_broker_is_the_one_that_is_tested() {
    let version = env!("CARGO_PKG_VERSION");
    let mut images: Vec<_> = compose()
        .services
        .into_values()
        .map(|container| container.image)
        .collect();
    images.sort_unstable();
    images.dedup();
    let dockerfile = text("Dockerfile");
    let bases = dockerfile.lines().filter_map(|line| line.strip_prefix("FROM "));
    images.extend(bases.map(|base| base.split(' ').next().unwrap().to_owned()));
    for image in &images {
        let (_, tag) = image
            .split_once(':')
            .unwrap_or_else(|| panic!("{image} has no tag"));
        assert!(
            tag.starts_with(|c: char| c.is_ascii_digit()) && tag.contains('.'),
            "{image}"
        );
    }
    for expected in [
        format!("minzheng:{version}"),
        format!("nats:{}-alpine", mz_bus::server::VERSION),
        format!("rust:{}.0-slim-trixie", env!("CARGO_PKG_RUST_VERSION")),
    ] {
        assert!(images.contains(&expected), "no {expected} in {images:?}");
    }
}

#[test]
fn the_image_holds_every_program_that_is_named() {
    let programs = programs();
    let dockerfile = text("Dockerfile");
    let words: BTreeSet<&str> = dockerfile
        .split("cp minzheng ")
        .nth(1)
        .unwrap()
        .split("/out/")
        .next()
        .unwrap()
        .split_whitespace()
        .filter(|word| *word != "\\")
        .chain(["minzheng"])
        .collect();
    assert_eq!(words, programs.iter().map(String::as_str).collect());
    for (service, _) in OWNERS {
        assert!(programs.contains(&format!("minzheng-{service}")));
    }
}
