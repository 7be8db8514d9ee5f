//! Figures, services, accounts and readings.

use super::{Ask, ROWS, name_ended, opened, path, places};
use crate::pages::answers::{FigureRow, ServiceHealth};
use crate::pages::frame::{Block, View};
use crate::pages::known::Known;
use crate::pages::orders::Fields;
use crate::pages::reports::Period;
use crate::pages::{accounts, audit, health, reports};
use futures::future::join_all;
use futures::join;
use mz_bus::bridge::Instance;
use mz_contracts::OWNERS;
use mz_kernel::{DivisionCode, Month};

/// `/reports?from=&to=`, months.
pub(crate) async fn reports(door: &impl Ask, division: &str, period: &Period) -> View {
    let fields = [
        ("from", &*period.from),
        ("to", &*period.to),
        ("division", division),
    ];
    let through = [("through", &*period.to), ("division", division)];
    let (figures, proof) = join!(
        door.known("insight", path("/figures", &fields)),
        door.known("insight", path("/proof", &through)),
    );
    reports::view(period, opened(figures, "", &[]).0, proof)
}

/// `/reports/rows?indicator=&from=&to=&after=`.
pub(crate) async fn figure_rows(
    door: &impl Ask,
    division: &str,
    indicator: &str,
    period: &Period,
    after: &str,
) -> View {
    let of = [
        ("indicator", indicator),
        ("from", &*period.from),
        ("to", &*period.to),
    ];
    let asked = [("division", division), ("after", after), ("limit", ROWS)];
    let asked: Vec<_> = of.into_iter().chain(asked).collect();
    let (list, mut places) = join!(door.known("insight", path("/figures/rows", &asked)), places(door));
    let (rows, next) = opened::<FigureRow>(list, "/reports/rows", &of);
    if let Known::Here(rows) = &rows {
        let day = |row: &FigureRow| row.month.map(Month::first_day);
        let found = rows.iter().map(|row| (&*row.division, day(row)));
        name_ended(door, &mut places, found).await;
    }
    reports::rows(indicator, period, rows, &places, next)
}

/// `/users?after=`.
pub(crate) async fn users(door: &impl Ask, own: &[DivisionCode], after: &str) -> View {
    let (list, places) = join!(
        door.known("gateway", path("/users", &[("after", after), ("limit", ROWS)])),
        places(door)
    );
    let (list, next) = opened(list, "/users", &[]);
    accounts::list(list, &places, places.within(own), next)
}

/// `/users/{user}`.
pub(crate) async fn user(door: &impl Ask, own: &[DivisionCode], id: &str) -> View {
    let (user, places) = join!(door.known("gateway", format!("/users/{id}")), places(door));
    accounts::one(user, &places, places.within(own))
}

/// `/audit?person=&officer=&from=&to=&after=`.
pub(crate) async fn audit(door: &impl Ask, asked: &Fields) -> View {
    let field = |name: &'static str| (name, asked.get(name).map_or("", String::as_str));
    let filter = [field("person"), field("officer"), field("from"), field("to")];
    let fields: Vec<_> = filter
        .into_iter()
        .chain([field("after"), ("limit", ROWS)])
        .collect();
    let list = door.known("gateway", path("/audit", &fields)).await;
    let (reads, next) = opened(list, "/audit", &filter);
    audit::view(reads, asked, next)
}

/// Who read about a person, for the person's page.
pub(crate) async fn readers(door: &impl Ask, person: &str) -> Block {
    let list = door
        .known("gateway", path("/audit", &[("person", person), ("limit", "20")]))
        .await;
    let (reads, next) = opened(list, "/audit", &[("person", person)]);
    audit::readers(reads, next)
}

/// `/health`: every service that should run is asked how it is, and what it could not apply.
pub(crate) async fn health(door: &impl Ask, instances: &[Instance], administrator: bool) -> View {
    let found = OWNERS.iter().map(|(name, _)| async {
        // A service that waits says so with 503: that is a state, and no missing answer.
        let (_, body) = door.ask(name, "/health".to_owned()).await;
        let health = serde_json::from_slice::<ServiceHealth>(&body).ok();
        let health = health.filter(|health| health.service == *name);
        let any = health.as_ref().is_some_and(|health| health.parked > 0);
        let parked = if any && administrator {
            door.known(name, "/parked".to_owned()).await
        } else {
            Known::Missing
        };
        health::Found {
            name,
            instances: instances
                .iter()
                .filter(|one| one.name == *name)
                .cloned()
                .collect(),
            health,
            parked: match parked {
                Known::Here(parked) => parked,
                Known::Missing | Known::Refused => Vec::new(),
            },
        }
    });
    health::view(&join_all(found).await, administrator)
}
