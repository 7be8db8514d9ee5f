//! Hears every event and puts the notices that it calls for into inboxes.

use crate::bases::basis;
use crate::calls::{Call, To, call};
use crate::store::{self, NoticeRow};
use crate::templates::{fill, template};
use mz_bus::{ReactionError, Witness};
use mz_contracts::events::{Cause, DeathAnnulled, DeathRegistered, NoticeIssued, Recipient};
use mz_contracts::{Code, Envelope, Notification};
use mz_kernel::{Date, DivisionCode, Fen, Level, Month, PersonId};
use mz_policy::Policy;
use mz_store::{Json, Origin, StoreError, Tx};
use serde_json::{Value, json};
use std::sync::Arc;

/// The fact of a [`Cause`] that says that the person is dead.
const DEATH: &str = "death";

/// The county's relief for a burial (丧葬补贴), where its policy has one: an amount for each person.
const BURIAL_RELIEF: &str = "death.burial-relief";

/// Issues notices.
pub(crate) struct Issuer {
    /// The law that notices tell amounts of.
    pub(crate) policy: Arc<Policy>,
}

impl Issuer {
    /// What an event says, and what the law adds to it for its readers.
    fn told(&self, envelope: &Envelope) -> Result<Value, ReactionError> {
        let mut data: Value = serde_json::from_str(&envelope.data)
            .map_err(|error| ReactionError::Refused(format!("its data is not JSON: {error}")))?;
        if envelope.holds::<DeathRegistered>() {
            let death: DeathRegistered = envelope.read()?;
            let month = Month::of(death.died_on);
            // A pack without it leaves the amount to the bureau's own words.
            if let Ok(relief) = self.policy.money(BURIAL_RELIEF, &envelope.division, month) {
                data["burial_relief"] = json!(format!("{relief}元"));
            }
        }
        Ok(data)
    }
}

impl Witness<Notification> for Issuer {
    async fn witness(
        &self,
        tx: &mut Tx<Notification>,
        envelope: &Envelope,
        origin: &Origin,
    ) -> Result<(), ReactionError> {
        let data = self.told(envelope)?;
        learn(tx, envelope, &data).await?;
        match call(&envelope.event_type) {
            None | Some(Call::Nothing(_)) => {}
            Some(Call::Notices(notices)) => {
                let person = person_of(&data);
                for (code, to) in notices {
                    issue(tx, envelope, origin, (code, *to), person, &data).await?;
                }
            }
            Some(Call::EachReturned { person, office }) => {
                let returned = returned(&data);
                for payment in &returned {
                    issue(
                        tx,
                        envelope,
                        origin,
                        (person, To::Person),
                        person_of(payment),
                        payment,
                    )
                    .await?;
                }
                if let Some(all) = together(&data, &returned) {
                    issue(tx, envelope, origin, (office, To::Office), None, &all).await?;
                }
            }
        }
        Ok(())
    }
}

/// Keeps when a death was registered and annulled, and where everybody belongs, whichever event says so first. By the
/// instants at which events were recorded a notice finds its reader (`NoticeRow::recipient`), and not by their arrival.
async fn learn(tx: &mut Tx<Notification>, envelope: &Envelope, data: &Value) -> Result<(), ReactionError> {
    let Some(person) = person_of(data) else {
        return Ok(());
    };
    store::keep_resident(tx, person, envelope.division).await?;
    if envelope.holds::<DeathRegistered>() {
        let DeathRegistered { death, .. } = envelope.read()?;
        store::keep_death(tx, death.as_str(), person, envelope.time).await?;
    } else if envelope.holds::<DeathAnnulled>() {
        let DeathAnnulled { death, .. } = envelope.read()?;
        store::annul_death(tx, death.as_str(), person, envelope.time).await?;
    } else if let Ok(cause) = serde_json::from_value::<Cause>(data["cause"].clone())
        && cause.fact.as_str() == DEATH
    {
        store::keep_death(tx, &cause.id, person, envelope.time).await?;
    }
    Ok(())
}

async fn issue(
    tx: &mut Tx<Notification>,
    envelope: &Envelope,
    origin: &Origin,
    (code, to): (&'static str, To),
    person: Option<PersonId>,
    data: &Value,
) -> Result<(), ReactionError> {
    let (title, body) =
        template(code).ok_or_else(|| ReactionError::Refused(format!("notice {code} has no template")))?;
    let addressee = match to {
        To::Person => Recipient::Person,
        To::Family => Recipient::Family,
        To::Office | To::Bureau => Recipient::Office,
    };
    let notice = NoticeRow {
        id: tx.new_id(),
        addressee: store::word(addressee).to_owned(),
        person,
        division: inbox(tx, to, person, envelope.division).await?,
        template: code.to_owned(),
        title: title.to_owned(),
        body: with_basis(fill(body, data), code, data, envelope.legal_date),
        about: envelope.id,
        about_at: envelope.time,
        about_type: envelope.event_type.clone(),
        cause: Json(data["cause"].clone()),
        issued_on: tx.today(),
        read_on: None,
        dead: match person {
            Some(person) => store::was_dead(tx, person, envelope.time).await?,
            None => false,
        },
    };
    store::insert_notice(tx, &notice).await?;
    let event = NoticeIssued {
        notice: notice.id,
        recipient: notice.recipient(),
        person,
        template: Code::of(code),
        about: envelope.id,
        division: notice.division,
        issued_on: notice.issued_on,
    };
    tx.emit(origin, &event)?;
    Ok(())
}

/// The words of a notice, and the law that they rest on.
fn with_basis(words: String, template: &str, data: &Value, on: Date) -> String {
    match basis(template, data["programme"].as_str(), on) {
        Some(basis) => format!("{words}\n依据：{basis}。"),
        None => words,
    }
}

/// The division whose officers see a notice: a batch of the county tells about persons of its townships.
async fn inbox(
    tx: &mut Tx<Notification>,
    to: To,
    person: Option<PersonId>,
    of_event: DivisionCode,
) -> Result<DivisionCode, StoreError> {
    match (to, person) {
        (To::Person | To::Family, Some(person)) => Ok(store::resident(tx, person).await?.unwrap_or(of_event)),
        (To::Bureau, _) => Ok(of_event.at(Level::County).unwrap_or(of_event)),
        (To::Person | To::Family | To::Office, _) => Ok(of_event),
    }
}

fn person_of(value: &Value) -> Option<PersonId> {
    value["person"].as_str()?.parse().ok()
}

/// The payments that came back, each with what its batch says of all.
fn returned(data: &Value) -> Vec<Value> {
    let payments = data["payments"].as_array().into_iter().flatten();
    let back = payments.filter(|payment| payment["outcome"] == "returned");
    back.map(|payment| {
        let mut payment = payment.clone();
        payment["month"] = data["month"].clone();
        payment["programme"] = data["programme"].clone();
        payment
    })
    .collect()
}

/// What is told of all payments of an answer that came back; nothing where none did.
fn together(data: &Value, returned: &[Value]) -> Option<Value> {
    if returned.is_empty() {
        return None;
    }
    let amounts = returned
        .iter()
        .filter_map(|payment| serde_json::from_value::<Fen>(payment["amount"].clone()).ok());
    let amount = Fen::checked_sum(amounts).ok();
    Some(json!({
        "month": data["month"], "programme": data["programme"], "returned": returned.len(), "amount": amount,
    }))
}

#[cfg(test)]
mod order;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::templates::{fill, template};

    #[test]
    fn only_what_came_back_is_told() {
        let payment =
            |outcome, amount| json!({ "outcome": outcome, "amount": amount, "reason": "account-closed" });
        let payments = [
            payment("paid", 1),
            payment("returned", 70_200),
            payment("returned", 100),
        ];
        let data = json!({ "month": "2020-04", "programme": "tekun", "payments": payments });
        let back = returned(&data);
        let all = together(&data, &back).unwrap();
        let text = fill(template("payments-returned").unwrap().1, &all);
        assert!(
            text.contains("2020年4月特困人员救助供养发放中，有2笔共703.00元"),
            "{text}"
        );
        let text = fill(template("payment-returned").unwrap().1, &back[0]);
        assert!(
            text.contains("702.00元未能发放，已由银行退回，原因：账户已销户"),
            "{text}"
        );
        let paid = json!({ "payments": [payment("paid", 1)] });
        assert_eq!(together(&paid, &returned(&paid)), None);
    }
}
