//! A lease: which of several instances does a duty. It saves work and noise; safety rests on the chain.

use crate::tx::{Tx, Work};
use crate::{Db, StoreError};
use mz_contracts::Owner;
use mz_kernel::Stamp;

struct Hold {
    name: String,
    holder: String,
    micros: i64,
}

const TAKE: &str = "INSERT INTO lease (name, holder, until) VALUES ($1, $2, $3) \
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until \
    WHERE lease.holder = excluded.holder OR lease.until < $4";

impl<S: Owner> Work<S> for Hold {
    type Output = bool;
    type Error = StoreError;
    async fn run(&self, tx: &mut Tx<S>) -> Result<bool, StoreError> {
        let now = tx.now();
        let until = Stamp::from_micros(now.as_micros().saturating_add(self.micros));
        let changed = tx
            .query(TAKE)
            .bind(&self.name)
            .bind(&self.holder)
            .bind(until)
            .bind(now)
            .execute()
            .await?;
        Ok(changed == 1)
    }
}

impl<S: Owner> Db<S> {
    /// Takes or prolongs the lease `name` for `holder`; false while another holder has it.
    pub async fn hold_lease(
        &self,
        name: &str,
        holder: &str,
        span: std::time::Duration,
    ) -> Result<bool, StoreError> {
        let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        self.keep(Hold {
            name: name.to_owned(),
            holder: holder.to_owned(),
            micros,
        })
        .await
    }
}
