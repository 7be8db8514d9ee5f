//! Take-backs meet the lines that they correct.

use super::MoveError;
use super::absorb::{absorb, code};
use super::leave::{Leaving, record, shrink};
use crate::rules::netting::{Place, Source, Taken, take};
use crate::store::{self, LineRow, NettingRow, PaymentLineRow, PaymentRow, RecoveryRow};
use crate::words::{Hold, PaymentState};
use mz_contracts::events::{Cause, RecoveryRaised};
use mz_contracts::{Code, Disbursement};
use mz_kernel::{Date, EntitlementId, Fen, LineId, Month, PaymentId, RunId};
use mz_store::{Json, Origin, Tx};
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
    let ids: Vec<EntitlementId> = known.into_keys().collect();
    let mut book = Book::load(tx, &ids).await?;
    let waiting: Vec<LineRow> = book.order.iter().filter_map(|id| book.ready(*id)).collect();
    for line in &waiting {
        book.net(tx, line)?;
    }
    book.save(tx, origin).await
}

/// What a run claims of an entitlement now.
struct Raising {
    row: RecoveryRow,
    added: Fen,
    months: BTreeSet<Month>,
    lines: BTreeSet<LineId>,
}

/// All lines of some entitlements with where they are, and what is about to change.
struct Book {
    order: Vec<LineId>,
    lines: BTreeMap<LineId, LineRow>,
    within: BTreeMap<LineId, PaymentLineRow>,
    payments: BTreeMap<PaymentId, PaymentRow>,
    claimed: BTreeMap<LineId, Fen>,
    raised: BTreeMap<(RunId, EntitlementId), RecoveryRow>,
    raising: BTreeMap<(RunId, EntitlementId), Raising>,
    nettings: Vec<NettingRow>,
    touched: BTreeSet<LineId>,
    leaving: Vec<Leaving>,
    returned: BTreeSet<PaymentId>,
}

impl Book {
    async fn load(tx: &mut Tx<Disbursement>, of: &[EntitlementId]) -> Result<Self, MoveError> {
        let lines = store::lines_of(tx, of).await?;
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
        let raising = self.raising.entry(key).or_insert_with(|| Raising {
            row: self.raised.get(&key).cloned().unwrap_or_else(|| RecoveryRow {
                id: tx.new_id(),
                run: line.run,
                run_month: line.run_month,
                entitlement: line.entitlement,
                person: line.person,
                programme: line.programme.clone(),
                division: line.division,
                amount: Fen::ZERO,
                outstanding: Fen::ZERO,
                months: Json(Vec::new()),
                lines: Json(Vec::new()),
                raised_on: tx.today(),
                per_month: None,
                entries: 0,
                version: 1,
            }),
            added: Fen::ZERO,
            months: BTreeSet::new(),
            lines: BTreeSet::new(),
        });
        let Raising {
            row,
            added,
            months,
            lines,
        } = raising;
        *added = added.checked_add(part.amount)?;
        row.amount = row.amount.checked_add(part.amount)?;
        row.outstanding = row.outstanding.checked_add(part.amount)?;
        months.insert(line.month);
        lines.insert(line.id);
        Ok(())
    }

    async fn save(mut self, tx: &mut Tx<Disbursement>, origin: &Origin) -> Result<(), MoveError> {
        for Raising {
            row, months, lines, ..
        } in self.raising.values_mut()
        {
            row.months.0 = months
                .iter()
                .chain(&row.months.0)
                .copied()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect();
            row.lines.0 = lines
                .iter()
                .chain(&row.lines.0)
                .copied()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect();
        }
        store::save_recoveries(tx, self.raising.values().map(|raising| &raising.row)).await?;
        store::insert_netting(tx, &self.nettings).await?;
        let touched = self.touched.iter().filter_map(|id| self.lines.get(id));
        store::save_lines(tx, touched).await?;
        for raising in self.raising.into_values() {
            raise(tx, origin, raising)?;
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

/// Tells of a recovery; of one that was told of before, only what came to it.
fn raise(tx: &mut Tx<Disbursement>, origin: &Origin, raising: Raising) -> Result<(), MoveError> {
    let Raising {
        row,
        added,
        months,
        lines,
    } = raising;
    let event = RecoveryRaised {
        recovery: row.id,
        person: row.person,
        entitlement: row.entitlement,
        programme: code(&row.programme),
        division: row.division,
        amount: added,
        months: months.into_iter().collect(),
        lines: lines.into_iter().collect(),
        raised_on: tx.today(),
    };
    tx.emit(origin, &event)?;
    Ok(())
}
