//! The links of the journal's chain (D1): the one order of all events, and the proof that none was changed.
//!
//! Position `k` of the chain is message `k` of the service's stream: the chain is also the cursor of the relay.

use crate::journal::unsigned;
use crate::{Record, StoreError};
use mz_kernel::{Date, EventId, Stamp};
use sha2::{Digest as _, Sha256};

/// A link of the chain: SHA-256.
pub type Hash = [u8; 32];

/// What the first position is chained to.
pub const GENESIS: Hash = [0; 32];

crate::record! {
    /// One row of the journal.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct JournalRow {
        /// Tells rows apart; grows within an aggregate.
        pub n: i64,
        /// The event's id.
        pub id: EventId,
        /// The aggregate that the event is about.
        pub aggregate: String,
        /// 1, 2, 3 … within the aggregate.
        pub sequence: i64,
        /// The event's full type.
        pub ty: String,
        /// The division whose fact it is.
        pub division: String,
        /// When it was recorded.
        pub recorded_at: Stamp,
        /// The legal date on which it was recorded.
        pub legal_date: Date,
        /// Who caused it.
        pub actor: String,
        /// What it belongs to.
        pub correlation: String,
        /// The event that it answers.
        pub causation: Option<EventId>,
        /// The operation that wrote it, as a `traceparent`.
        pub trace: Option<String>,
        /// The payload, byte for byte as it was written.
        pub data: String,
    }
}

impl JournalRow {
    /// The row's link after `previous`: SHA-256 over the previous link and every column of what happened in the
    /// order of the table (so neither `n` nor `trace`), each preceded by its length in bytes as a big-endian u64 (a missing causation has length 0).
    pub fn link(&self, previous: &Hash) -> Hash {
        let mut hash = Sha256::new();
        hash.update(previous);
        let sequence = self.sequence.to_string();
        let recorded = self.recorded_at.to_string();
        let date = self.legal_date.to_string();
        let causation = self.causation.as_ref().map_or("", EventId::as_str);
        for field in [
            self.id.as_str(),
            &self.aggregate,
            &sequence,
            &self.ty,
            &self.division,
            &recorded,
            &date,
            &self.actor,
            &self.correlation,
            causation,
            &self.data,
        ] {
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field.as_bytes());
        }
        hash.finalize().into()
    }
}

crate::record! {
    struct SealRow { position: i64, previous: Vec<u8>, hash: Vec<u8> }
}

/// A journal row with its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRow {
    /// Its place: 1, 2, 3 …
    pub position: u64,
    /// The link of the row before.
    pub previous: Hash,
    /// Its own link.
    pub hash: Hash,
    /// The row.
    pub row: JournalRow,
}

impl Record for SealedRow {
    fn read(cells: &mut crate::Cells<'_>) -> Result<Self, StoreError> {
        let seal = SealRow::read(cells)?;
        let position = unsigned(seal.position);
        let hash = |bytes: Vec<u8>| {
            Hash::try_from(bytes).map_err(|_| StoreError::ChainBroken {
                position,
                what: "a link is not 32 bytes",
            })
        };
        Ok(Self {
            position,
            previous: hash(seal.previous)?,
            hash: hash(seal.hash)?,
            row: JournalRow::read(cells)?,
        })
    }
}

/// The end of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The last position, 0 for an empty chain.
    pub position: u64,
    /// Its link.
    pub hash: Hash,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> JournalRow {
        JournalRow {
            n: 7,
            id: "evt_01e5cg0000000000000000v001".parse().unwrap(),
            aggregate: "death_01e5cg0000000000000000d001".to_owned(),
            sequence: 2,
            ty: "cn.civil.funeral-reform.death.registered.v1".to_owned(),
            division: "513335100".to_owned(),
            recorded_at: "2020-04-08T02:00:00.500000Z".parse().unwrap(),
            legal_date: Date::constant(2020, 4, 8),
            actor: "system".to_owned(),
            correlation: "story".to_owned(),
            causation: None,
            trace: None,
            data: r#"{"late":true,"词":"特困"}"#.to_owned(),
        }
    }

    fn hex(hash: &Hash) -> String {
        use std::fmt::Write as _;
        hash.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    /// Computed by another program: whoever checks a chain in ten years has the description and these two.
    #[test]
    fn links_are_what_the_description_says() {
        let first = row().link(&GENESIS);
        assert_eq!(
            hex(&first),
            "c4573b1b06d0aa002ce03eef07f6ec3dc2f71532ccd10cd730b40fd050535bbc"
        );
        let caused = JournalRow {
            causation: Some("evt_01e5cg0000000000000000v000".parse().unwrap()),
            ..row()
        };
        assert_eq!(
            hex(&caused.link(&first)),
            "1c94c97f23ed4dca14b47106a4a7a06eb0582a88952b9aca7c3b92f2ad32a897"
        );
    }

    #[test]
    fn a_link_depends_on_all_that_happened_and_on_where_a_column_ends() {
        let text = |text: &str| text.to_owned();
        let others = [
            JournalRow {
                id: "evt_01e5cg0000000000000000v002".parse().unwrap(),
                ..row()
            },
            JournalRow {
                aggregate: text("death"),
                ..row()
            },
            JournalRow { sequence: 3, ..row() },
            JournalRow {
                ty: text("cn.civil.funeral-reform.death.annulled.v1"),
                ..row()
            },
            JournalRow {
                division: text("513335"),
                ..row()
            },
            JournalRow {
                recorded_at: "2020-04-08T02:00:00.500001Z".parse().unwrap(),
                ..row()
            },
            JournalRow {
                legal_date: Date::constant(2020, 4, 9),
                ..row()
            },
            JournalRow {
                actor: text("officer"),
                ..row()
            },
            JournalRow {
                correlation: text("stor"),
                ..row()
            },
            JournalRow {
                causation: Some(row().id),
                ..row()
            },
            JournalRow {
                data: text("{}"),
                ..row()
            },
            JournalRow {
                actor: text("systems"),
                correlation: text("tory"),
                ..row()
            },
        ];
        let traced = JournalRow {
            trace: Some(text("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")),
            ..row()
        };
        assert_eq!(traced.link(&GENESIS), row().link(&GENESIS));
        let mut links: Vec<Hash> = others.iter().map(|other| other.link(&GENESIS)).collect();
        links.push(row().link(&GENESIS));
        links.push(row().link(&[1; 32]));
        let count = links.len();
        links.sort_unstable();
        links.dedup();
        assert_eq!(links.len(), count);
    }
}
