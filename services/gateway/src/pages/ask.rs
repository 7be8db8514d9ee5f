//! What each page asks the services, and in which words they are asked: the door carries the questions in the officer's
//! name. Questions of one page go out together.

mod office;

pub(crate) use office::{audit, figure_rows, health, readers, reports, user, users};

use super::answers::{Batch, Division, Held, List, Notice, Person, Recovery};
use super::frame::{Note, View};
use super::known::{Known, Places};
use super::orders::Fields;
use super::{
    batch, batches, cases, deaths, notices, overview, payees, persons, recoveries, recovery, roster,
};
use form_urlencoded::Serializer;
use futures::future::join_all;
use futures::join;
use mz_kernel::{Date, Month, PersonId};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

/// Somebody who carries a question to a service in the officer's name: the door, or samples in a test.
pub(crate) trait Ask: Sync {
    /// `GET path` of a service, with the status and the body of its answer; 503 where it does not answer.
    fn ask(&self, service: &'static str, path: String) -> impl Future<Output = (u16, Vec<u8>)> + Send;

    /// The answer as a page knows it.
    fn known<T: DeserializeOwned>(
        &self,
        service: &'static str,
        path: String,
    ) -> impl Future<Output = Known<T>> + Send {
        async move {
            let (status, body) = self.ask(service, path).await;
            Known::of(status, &body)
        }
    }
}

/// The most rows on one page.
const ROWS: &str = "50";

/// A path with its query; fields without a value are left out.
fn path(path: &str, fields: &[(&str, &str)]) -> String {
    let mut query = Serializer::new(String::new());
    let mut any = false;
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
        any = true;
    }
    if any {
        format!("{path}?{}", query.finish())
    } else {
        path.to_owned()
    }
}

/// The rows of a list, and where this console's own page of it goes on.
fn opened<T>(list: Known<List<T>>, here: &str, fields: &[(&str, &str)]) -> (Known<Vec<T>>, Option<String>) {
    match list {
        Known::Here(list) => {
            let next = list.next.map(|next| {
                let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("after", &*next)]).collect();
                path(here, &fields)
            });
            (Known::Here(list.items), next)
        }
        Known::Missing => (Known::Missing, None),
        Known::Refused => (Known::Refused, None),
    }
}

/// Names of divisions; a page does without them if registration does not answer.
pub(crate) async fn places(door: &impl Ask) -> Places {
    match door
        .known::<List<Division>>("registration", path("/divisions", &[("limit", "500")]))
        .await
    {
        Known::Here(list) => Places(list.items.into_iter().map(|one| (one.code, one.name)).collect()),
        Known::Missing | Known::Refused => Places::default(),
    }
}

/// Names also the divisions that have ended: each is asked for as of a day that its row belongs to.
async fn name_ended(door: &impl Ask, places: &mut Places, rows: impl Iterator<Item = (&str, Option<Date>)>) {
    if places.0.is_empty() {
        // Registration does not answer.
        return;
    }
    let unknown = rows.filter(|(code, _)| !code.is_empty() && !places.0.contains_key(*code));
    let unknown: BTreeSet<_> = unknown.filter_map(|(code, day)| Some((code, day?))).collect();
    let asked = unknown.into_iter().map(|(code, day)| {
        // A division stands before those that lie in it.
        let fields = [("under", code), ("on", &*day.to_string()), ("limit", "1")];
        door.known::<List<Division>>("registration", path("/divisions", &fields))
    });
    let found = join_all(asked).await.into_iter().filter_map(Known::here);
    places
        .0
        .extend(found.flat_map(|list| list.items).map(|one| (one.code, one.name)));
}

/// The days of a recovery on which its division was one.
fn days(recovery: &Recovery) -> impl Iterator<Item = (&str, Option<Date>)> {
    let overpaid = recovery.months.first().map(|month| month.first_day());
    [recovery.raised_on, overpaid]
        .map(|day| (&*recovery.division, day))
        .into_iter()
}

/// `/`.
pub(crate) async fn overview(door: &impl Ask, division: &str, today: Date) -> View {
    let fields = [("division", division)];
    let (overview, unread, places) = join!(
        door.known("insight", path("/overview", &fields)),
        unread(door, division),
        places(door),
    );
    overview::view(overview::Data {
        today,
        overview,
        unread,
        places,
    })
}

/// How many notices of a division nobody has read, for the head of every page.
pub(crate) async fn unread(door: &impl Ask, division: &str) -> Known<u64> {
    #[derive(serde::Deserialize)]
    struct Counts {
        unread: u64,
    }
    match door
        .known::<Counts>("notification", path("/counts", &[("division", division)]))
        .await
    {
        Known::Here(counts) => Known::Here(counts.unread),
        Known::Missing => Known::Missing,
        Known::Refused => Known::Refused,
    }
}

/// `/persons/{person}`.
pub(crate) async fn person(door: &impl Ask, id: &str) -> View {
    let of = |what: &str| path(what, &[("person", id), ("limit", "500")]);
    let (person, entitlements, lines, payees, payments, recoveries, notices, timeline, places) = join!(
        door.known("registration", format!("/persons/{id}")),
        door.known("social-assistance", of("/entitlements")),
        door.known("social-assistance", of("/lines")),
        door.known("disbursement", of("/payees")),
        door.known("disbursement", of("/payments")),
        door.known("disbursement", of("/recoveries")),
        door.known("notification", of("/notices")),
        door.known(
            "insight",
            path(&format!("/persons/{id}/timeline"), &[("limit", "500")])
        ),
        places(door),
    );
    persons::view(persons::Data {
        id: id.to_owned(),
        person,
        entitlements: opened(entitlements, "", &[]).0,
        lines: opened(lines, "", &[]).0,
        payees: opened(payees, "", &[]).0,
        payments: opened(payments, "", &[]).0,
        recoveries: opened(recoveries, "", &[]).0,
        notices: opened(notices, "", &[]).0,
        timeline: opened(timeline, "", &[]).0,
        places,
    })
}

/// With which status registration shows a person to the officer, before a page about the person is opened.
pub(crate) async fn shown(door: &impl Ask, person: PersonId) -> u16 {
    door.ask("registration", format!("/persons/{person}")).await.0
}

/// `/persons/{person}/account`; `typed` is what was filled in last.
pub(crate) async fn payee(door: &impl Ask, id: &str, typed: &Fields, refused: Option<Note>) -> View {
    let person = door.known("registration", format!("/persons/{id}")).await;
    payees::form(id, person, typed, refused)
}

/// `/cases?stage=&after=`.
pub(crate) async fn cases(door: &impl Ask, division: &str, stage: &str, after: &str) -> View {
    let fields = [
        ("division", division),
        ("stage", stage),
        ("after", after),
        ("limit", ROWS),
    ];
    let (list, places) = join!(
        door.known("social-assistance", path("/cases", &fields)),
        places(door)
    );
    let (cases, next) = opened(list, "/cases", &[("stage", stage)]);
    cases::view(cases::Data {
        cases,
        places,
        stage: stage.to_owned(),
        next,
    })
}

/// `/batches?after=&held=`: each of the two lists goes on by itself.
pub(crate) async fn batches(door: &impl Ask, division: &str, after: &str, held: &str) -> View {
    let fields = |after| [("division", division), ("after", after), ("limit", ROWS)];
    let (list, held_list, places) = join!(
        door.known("disbursement", path("/batches", &fields(after))),
        door.known::<List<Held>>("disbursement", path("/held", &fields(held))),
        places(door)
    );
    let held_next = match &held_list {
        Known::Here(List { next: Some(next), .. }) => {
            Some(path("/batches", &[("after", after), ("held", next)]))
        }
        _ => None,
    };
    let (batches, next) = opened(list, "/batches", &[("held", held)]);
    batches::list(batches::Data {
        batches,
        next,
        held: opened(held_list, "", &[]).0,
        held_next,
        places,
    })
}

/// `/batches/{batch}`.
pub(crate) async fn batch(door: &impl Ask, id: &str, reader: &batch::Reader) -> View {
    let (found, mut places) = join!(
        door.known::<Batch>("disbursement", format!("/batches/{id}")),
        places(door)
    );
    if let Known::Here(batch) = &found {
        let day = batch.month.map(Month::first_day);
        let towns = batch.township.iter().map(|town| (&*town.division, day));
        name_ended(door, &mut places, towns).await;
    }
    batch::view(id, found, &places, reader)
}

/// `/recoveries/{recovery}`.
pub(crate) async fn recovery(door: &impl Ask, id: &str, today: Date, checks: bool) -> View {
    let (found, mut places) = join!(
        door.known("disbursement", format!("/recoveries/{id}")),
        places(door)
    );
    if let Known::Here(recovery) = &found {
        name_ended(door, &mut places, days(recovery)).await;
    }
    recovery::view(id, found, &places, today, checks)
}

/// What registering a death will do, before it is done.
pub(crate) async fn death_check(
    door: &impl Ask,
    id: &str,
    entry: deaths::Entry,
    day: Date,
    today: Date,
) -> View {
    let of = |what: &str| path(what, &[("person", id), ("limit", "500")]);
    let (person, entitlements, payments) = join!(
        door.known("registration", format!("/persons/{id}")),
        door.known("social-assistance", of("/entitlements")),
        door.known("disbursement", of("/payments")),
    );
    deaths::check(deaths::Check {
        id: id.to_owned(),
        entry,
        day,
        today,
        person,
        entitlements: opened(entitlements, "", &[]).0,
        payments: opened(payments, "", &[]).0,
    })
}

/// `/recoveries?after=`.
pub(crate) async fn recoveries(door: &impl Ask, division: &str, after: &str) -> View {
    let fields = [("division", division), ("after", after), ("limit", ROWS)];
    let (list, mut places) = join!(
        door.known("disbursement", path("/recoveries", &fields)),
        places(door)
    );
    let (recoveries, next) = opened(list, "/recoveries", &[]);
    if let Known::Here(list) = &recoveries {
        name_ended(door, &mut places, list.iter().flat_map(days)).await;
    }
    recoveries::view(recoveries::Data {
        recoveries,
        places,
        next,
    })
}

/// `/notices?after=`.
pub(crate) async fn notices(door: &impl Ask, division: &str, after: &str) -> View {
    let fields = [("division", division), ("after", after), ("limit", ROWS)];
    let (notices, next) = opened(
        door.known("notification", path("/notices", &fields)).await,
        "/notices",
        &[],
    );
    notices::view(notices::Data { notices, next })
}

/// A notice, of `/notices/{notice}`.
pub(crate) async fn notice(door: &impl Ask, id: &str) -> Known<Notice> {
    door.known("notification", format!("/notices/{id}")).await
}

/// The masked name of a person, where registration tells it.
pub(crate) async fn name(door: &impl Ask, person: PersonId) -> Option<String> {
    let person = door.known::<Person>("registration", format!("/persons/{person}"));
    person.await.here().map(|person| person.name)
}

/// `/batches/{batch}/payments?after=`.
pub(crate) async fn roster(door: &impl Ask, id: &str, after: &str) -> View {
    let here = format!("/batches/{id}/payments");
    let (batch, list, places) = join!(
        door.known("disbursement", format!("/batches/{id}")),
        door.known("disbursement", path(&here, &[("after", after), ("limit", "500")])),
        places(door),
    );
    let (payments, next) = opened(list, &here, &[]);
    roster::view(id, batch, payments, &places, next)
}
