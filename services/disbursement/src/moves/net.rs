//! Take-backs meet the lines that they correct.

use super::MoveError;
use super::absorb::absorb;
use super::leave::{Leaving, record, shrink};
use super::raise::Raising;
use crate::rules::netting::{Place, Source, Taken, take};
use crate::store::{self, EntitlementRow, LineRow, NettingRow, PaymentLineRow, PaymentRow, RecoveryRow};
use crate::words::{Hold, PaymentState};
use mz_contracts::events::Cause;
use mz_contracts::{Code, Disbursement};
use mz_kernel::{Date, EntitlementId, Fen, LineId, Month, PaymentId, RunId};
use mz_store::{Origin, Tx};
use std::collections::{BTreeMap, BTreeSet};

/// Nets every take-back of the entitlements that has not been netted: once the entitlement and all lines that it
/// corrects are known, whichever came first. What it takes from unpaid lines cancels out; the rest is recovered.
pub(crate) async fn net_lines(
    tx: &mut Tx<Disbursement>,
    origin: &Origin,
    of: BTreeSet<EntitlementId>,
) -> Result<(), MoveError> {
    let waiting = store::waiting(tx, of).await?;
    let known = store::entitlements(tx, waiting).await?;
    if known.is_empty() {
        return Ok(());
    }
    let mut book = Book::load(tx, known).await?;
    let waiting: Vec<LineRow> = book.order.iter().filter_map(|id| book.ready(*id)).collect();
    for line in &waiting {
        book.net(tx, line)?;
    }
    book.save(tx, origin).await
}

/// All lines of some entitlements with where they are, and what is about to change.
struct Book {
    order: Vec<LineId>,
    lines: BTreeMap<LineId, LineRow>,
    within: BTreeMap<LineId, PaymentLineRow>,
    payments: BTreeMap<PaymentId, PaymentRow>,
    claimed: BTreeMap<LineId, Fen>,
    ends: BTreeMap<EntitlementId, (Month, Cause)>,
    raised: BTreeMap<(RunId, EntitlementId), RecoveryRow>,
    raising: BTreeMap<(RunId, EntitlementId), Raising>,
    nettings: Vec<NettingRow>,
    touched: BTreeSet<LineId>,
    leaving: Vec<Leaving>,
    returned: BTreeSet<PaymentId>,
}

impl Book {
    async fn load(
        tx: &mut Tx<Disbursement>,
        of: BTreeMap<EntitlementId, EntitlementRow>,
    ) -> Result<Self, MoveError> {
        let ids: Vec<EntitlementId> = of.keys().copied().collect();
        let lines = store::lines_of(tx, &ids).await?;
        let order: Vec<LineId> = lines.iter().map(|line| line.id).collect();
        let within = store::payments_with(tx, order.iter().copied()).await?;
        let payments: BTreeSet<PaymentId> = within.iter().map(|row| row.payment).collect();
        let payments = store::payments(tx, payments).await?;
        let mut claimed = BTreeMap::new();
        for (line, claims) in store::claims(tx, order.iter().copied()).await? {
            claimed.insert(line, Fen::checked_sum(claims.iter().map(|(_, amount)| *amount))?);
        }
        let waiting = lines.iter().filter(|line| line.held && line.rest < Fen::ZERO);
        let raised = store::raised(tx, waiting.map(|line| (line.run, line.entitlement))).await?;
        Ok(Self {
            order,
            lines: lines.into_iter().map(|line| (line.id, line)).collect(),
            within: within.into_iter().map(|row| (row.line, row)).collect(),
            payments,
            claimed,
            ends: of
                .into_iter()
                .filter_map(|(id, row)| Some((id, (row.until?, row.ended_by?.0))))
                .collect(),
            raised,
            raising: BTreeMap::new(),
            nettings: Vec::new(),
            touched: BTreeSet::new(),
            leaving: Vec::new(),
            returned: BTreeSet::new(),
        })
    }

    /// The take-back, when nothing that it corrects is missing.
    fn ready(&self, id: LineId) -> Option<LineRow> {
        let line = self.lines.get(&id)?;
        let corrected = line.corrects.0.iter().all(|id| self.lines.contains_key(id));
        (line.held && line.rest < Fen::ZERO && corrected).then(|| line.clone())
    }

    /// What of the lines that a take-back corrects can be taken. Lines that were computed later answer to it, even if they
    /// arrived before it, and are not taken.
    fn sources(&self, of: &LineRow) -> Result<Vec<Source>, MoveError> {
        let mut sources = Vec::new();
        for line in of.corrects.0.iter().filter_map(|id| self.lines.get(id)) {
            if line.amount <= Fen::ZERO {
                continue;
            }
            let row = self.within.get(&line.id);
            let state = row
                .and_then(|row| self.payments.get(&row.payment))
                .map(|row| row.state);
            let place = match state {
                None => Place::Held,
                Some(PaymentState::Open) => Place::Open,
                Some(PaymentState::Returned) => Place::Returned,
                Some(PaymentState::Sent | PaymentState::Paid) => Place::Gone,
            };
            let claimed = self.claimed.get(&line.id).copied().unwrap_or(Fen::ZERO);
            sources.push(Source {
                line: line.id,
                place,
                left: line.rest.checked_sub(claimed)?,
            });
        }
        Ok(sources)
    }

    fn net(&mut self, tx: &mut Tx<Disbursement>, line: &LineRow) -> Result<(), MoveError> {
        let mut sources = self.sources(line)?;
        let taken = take(line.rest.checked_neg()?, &mut sources)?;
        for (n, part) in (1_i64..).zip(&taken) {
            let recovery = if part.cancels() {
                self.cancel(line, part, tx.today())?;
                None
            } else {
                self.claim(tx, line, part)?;
                self.raising
                    .get(&(line.run, line.entitlement))
                    .map(|raising| raising.row.id)
            };
            self.nettings.push(NettingRow {
                take_back: line.id,
                n,
                line: part.from.map(|(line, _)| line),
                amount: part.amount,
                recovery,
            });
        }
        if let Some(line) = self.lines.get_mut(&line.id) {
            (line.rest, line.held) = (Fen::ZERO, false);
            self.touched.insert(line.id);
        }
        Ok(())
    }

    /// Both cancel out; what is in an open payment leaves it.
    fn cancel(&mut self, take_back: &LineRow, part: &Taken, today: Date) -> Result<(), MoveError> {
        let Some(line) = part.from.and_then(|(line, _)| self.lines.get_mut(&line)) else {
            return Ok(());
        };
        line.rest = line.rest.checked_sub(part.amount)?;
        line.held = line.held && line.rest > Fen::ZERO;
        self.touched.insert(line.id);
        if let Some(row) = self.within.get(&line.id) {
            self.leaving.push(Leaving {
                line: line.clone(),
                payment: row.payment,
                amount: part.amount,
                reason: Hold::TakenBack,
                cause: Cause {
                    fact: Code::of("take-back"),
                    id: take_back.id.to_string(),
                    on: today,
                },
            });
        }
        Ok(())
    }

    /// It was paid, or is on its way: it is to be recovered.
    fn claim(&mut self, tx: &Tx<Disbursement>, line: &LineRow, part: &Taken) -> Result<(), MoveError> {
        if let Some((from, place)) = part.from {
            let claimed = self.claimed.entry(from).or_insert(Fen::ZERO);
            *claimed = claimed.checked_add(part.amount)?;
            if let (Place::Returned, Some(row)) = (place, self.within.get(&from)) {
                self.returned.insert(row.payment);
            }
        }
        let key = (line.run, line.entitlement);
        let raising = self.raising.entry(key);
        let raising = raising.or_insert_with(|| Raising::of(tx, line, self.raised.get(&key)));
        raising.add(line, part.amount, self.ends.get(&line.entitlement))
    }

    async fn save(self, tx: &mut Tx<Disbursement>, origin: &Origin) -> Result<(), MoveError> {
        store::save_recoveries(tx, self.raising.values().map(|raising| &raising.row)).await?;
        store::insert_netting(tx, &self.nettings).await?;
        let touched = self.touched.iter().filter_map(|id| self.lines.get(id));
        store::save_lines(tx, touched).await?;
        for raising in self.raising.into_values() {
            raising.tell(tx, origin)?;
        }
        record(tx, origin, self.leaving.iter()).await?;
        let amounts = self
            .leaving
            .iter()
            .filter_map(|leaving| self.lines.get(&leaving.line.id));
        let amounts = amounts.map(|line| (line.id, line.rest)).collect();
        let payments = self.leaving.iter().map(|leaving| leaving.payment).collect();
        shrink(tx, origin, payments, &amounts).await?;
        absorb(tx, origin, self.returned).await
    }
}
