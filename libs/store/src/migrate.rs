//! Migrations: one folder of portable SQL, applied once each, in order, on both engines.

use crate::StoreError;
use mz_kernel::Stamp;
use sha2::{Digest as _, Sha256};
use sqlx::{PgPool, Row as _};
use std::fmt::Write as _;
use std::path::Path;

/// One migration; its text is frozen once it has been applied anywhere.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its file name without the extension, for example `0001_register`.
    pub name: &'static str,
    /// Its SQL, usually by `include_str!`.
    pub sql: &'static str,
}

const OWN: Migration = Migration {
    name: "0001_store",
    sql: include_str!("../migrations/0001_store.sql"),
};

const TABLE: &str = "CREATE TABLE IF NOT EXISTS migration \
    (name TEXT NOT NULL PRIMARY KEY, digest TEXT NOT NULL, applied_at TEXT NOT NULL)";

fn steps(migrations: &[Migration]) -> impl Iterator<Item = Migration> {
    std::iter::once(OWN).chain(migrations.iter().copied())
}

fn digest(sql: &str) -> String {
    Sha256::digest(sql.as_bytes())
        .iter()
        .fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

fn check(migration: &Migration, known: Option<&str>) -> Result<bool, StoreError> {
    match known {
        None => Ok(true),
        Some(known) if known == digest(migration.sql) => Ok(false),
        Some(_) => Err(StoreError::MigrationChanged {
            name: migration.name.to_owned(),
        }),
    }
}

pub(crate) fn sqlite(path: &Path, migrations: &[Migration], now: Stamp) -> Result<(), StoreError> {
    let mut connection = rusqlite::Connection::open(path)?;
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;")?;
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    transaction.execute_batch(TABLE)?;
    for migration in steps(migrations) {
        use rusqlite::OptionalExtension as _;
        let known: Option<String> = transaction
            .query_row(
                "SELECT digest FROM migration WHERE name = ?1",
                [migration.name],
                |row| row.get(0),
            )
            .optional()?;
        if check(&migration, known.as_deref())? {
            transaction.execute_batch(&migration.sql.replace("{serial}", "INTEGER PRIMARY KEY"))?;
            transaction.execute(
                "INSERT INTO migration (name, digest, applied_at) VALUES (?1, ?2, ?3)",
                [migration.name, &digest(migration.sql), &now.to_string()],
            )?;
        }
    }
    transaction.commit()?;
    Ok(())
}

pub(crate) async fn postgres(pool: &PgPool, migrations: &[Migration], now: Stamp) -> Result<(), StoreError> {
    let mut transaction = pool.begin().await?;
    // Of instances that start at once one goes first and the others wait here. To lock the table would be too late:
    // only one of two transactions can create it, whatever IF NOT EXISTS says.
    sqlx::raw_sql("SELECT pg_advisory_xact_lock(hashtext('mz-store migration'))")
        .execute(&mut *transaction)
        .await?;
    sqlx::raw_sql("SET LOCAL client_min_messages = warning")
        .execute(&mut *transaction)
        .await?;
    sqlx::raw_sql(TABLE).execute(&mut *transaction).await?;
    for migration in steps(migrations) {
        let known: Option<String> = sqlx::query("SELECT digest FROM migration WHERE name = $1")
            .bind(migration.name)
            .fetch_optional(&mut *transaction)
            .await?
            .map(|row| row.try_get(0))
            .transpose()?;
        if check(&migration, known.as_deref())? {
            let sql = migration
                .sql
                .replace("{serial}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY");
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
                .execute(&mut *transaction)
                .await?;
            sqlx::query("INSERT INTO migration (name, digest, applied_at) VALUES ($1, $2, $3)")
                .bind(migration.name)
                .bind(digest(migration.sql))
                .bind(now.to_string())
                .execute(&mut *transaction)
                .await?;
        }
    }
    transaction.commit().await?;
    Ok(())
}
