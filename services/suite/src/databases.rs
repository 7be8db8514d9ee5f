//! The services' databases as they lie there, looked at one after the other, whether the suite runs or not.

use mz_contracts::Owner;
use mz_kernel::IdSource;
use mz_runtime::{Service, WallCalendar, WallClock};
use mz_store::{Db, NoFaults, StoreError, Surroundings};
use std::path::Path;
use std::sync::Arc;

/// Where they are.
#[derive(Clone, Copy)]
pub(crate) struct Databases<'a> {
    /// The data folder.
    pub(crate) data: &'a Path,
    /// A URL with `{service}` in it; none where they are SQLite files in the data folder.
    pub(crate) template: Option<&'a str>,
}

/// What is done with each.
pub(crate) trait Look {
    /// What is seen.
    type Seen;
    /// Looks at one.
    async fn look<S: Owner>(&self, db: &Db<S>) -> Result<Self::Seen, StoreError>;
    /// What one that cannot be opened is taken for.
    fn closed(&self, _service: &'static str, error: StoreError) -> Result<Self::Seen, StoreError> {
        Err(error)
    }
}

impl Databases<'_> {
    /// The URL of a service's database.
    pub(crate) fn url(&self, service: &str) -> String {
        let file = || self.data.join("db").join(format!("{service}.db"));
        self.template.map_or_else(
            || format!("sqlite:{}", file().display()),
            |template| template.replace("{service}", &service.replace('-', "_")),
        )
    }

    /// Looks at every database that is there.
    pub(crate) async fn all<L: Look>(&self, look: &L) -> Result<Vec<L::Seen>, StoreError> {
        let seen = [
            self.one(registration::service(), look).await?,
            self.one(funeral_reform::service(), look).await?,
            self.one(social_assistance::service(), look).await?,
            self.one(disbursement::service(), look).await?,
            self.one(notification::service(), look).await?,
            self.one(insight::service(), look).await?,
            self.one(gateway::service(), look).await?,
        ];
        Ok(seen.into_iter().flatten().collect())
    }

    /// None where the service has no database yet: looking must not make one.
    async fn one<S: Owner, L: Look>(
        &self,
        service: Service<S>,
        look: &L,
    ) -> Result<Option<L::Seen>, StoreError> {
        let url = self.url(S::NAME);
        if url
            .strip_prefix("sqlite:")
            .is_some_and(|file| !Path::new(file).exists())
        {
            return Ok(None);
        }
        let surroundings = Surroundings::new(
            Arc::new(WallCalendar),
            Arc::new(WallClock),
            // Nothing is written here: no id is ever taken from it.
            Arc::new(IdSource::new([0; 32])),
            Arc::new(NoFaults),
        );
        let db = match Db::<S>::open(&url, service.migrations, surroundings).await {
            Ok(db) => db,
            Err(error) => return look.closed(S::NAME, error).map(Some),
        };
        let seen = look.look(&db).await;
        db.close().await;
        seen.map(Some)
    }
}
