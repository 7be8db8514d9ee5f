//! The command line.

use clap::{Args, Parser, Subcommand};
use mz_kernel::{Date, DivisionCode, Month};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Minzheng 民政: the platform that a civil affairs bureau runs its work on.
///
/// `minzheng up` runs the whole suite on this machine. Everything it needs is made at the first start: a private
/// nats-server, SQLite files, keys. Try it with `minzheng simulate batang-2020`.
#[derive(Debug, Parser)]
#[command(name = "minzheng", version, propagate_version = true)]
pub struct Cli {
    /// The data folder of the suite.
    #[arg(long, global = true, default_value = "data", env = "MINZHENG_DATA")]
    pub data: PathBuf,
    /// What is done.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the suite until Ctrl-C.
    Up(Up),
    /// Print a token for an officer, to be sent as `Authorization: Bearer <token>`.
    ///
    /// The same name is the same officer; who proposes and who decides must have different names.
    Token(Token),
    /// Make the passwords and keys that services in processes of their own start with; what is there stays.
    Secrets(Secrets),
    /// Replay a county's year through the public API, and compare with the published figures.
    ///
    /// A suite of its own is started in a new folder, and everything is done on it as officers would do it. Each
    /// published figure is then told with ours: `equal`, `differs`, `inconsistent` (no records can give it beside the
    /// others, and why), or `absent` (not held yet). Then comes the proof of the money, from what is owed to what is still
    /// to be recovered. The exit code is 0 when nothing differs that was not set otherwise, the proof holds, a second run
    /// of each month writes nothing, and nothing is parked.
    ///
    /// Examples:
    ///
    ///   minzheng simulate batang-2020
    ///
    ///   minzheng simulate batang-2020 --json
    ///
    ///   minzheng simulate batang-2020 --set tekun.urban@2020-07=768
    ///
    ///   minzheng simulate batang-2020 --keep data/2020    (then: minzheng --data data/2020 up, and look around)
    Simulate(Simulate),
    /// Print the figures of some months from the running suite, open one to its rows, or release them all as a report.
    ///
    /// Each figure is counted from records when it is asked for. A released report is frozen with its rows and with the
    /// checks that did not hold: parts that do not add up, money outside of person-times × standard.
    ///
    /// Examples:
    ///
    ///   minzheng report --from 2020-01 --to 2020-11
    ///
    ///   minzheng report --from 2020-01 --to 2020-11 --by township
    ///
    ///   minzheng report --from 2020-01 --to 2020-11 --open tekun_urban_paid
    ///
    ///   minzheng report --from 2020-01 --to 2020-11 --release
    Report(Report),
    /// Look at this machine and at the data folder, and say what to do about what is wrong.
    Doctor(Doctor),
    /// List the events that could not be applied, or try them again.
    Parked(Parked),
    /// Copy everything of the data folder into a new folder, also while the suite runs.
    ///
    /// All databases are copied in a state that fits together, with the heads of their journals; keys and logins are wrapped
    /// under a passphrase. The broker's store is not copied: it is filled again from the journals. On PostgreSQL
    /// `pg_dump` has to be on PATH.
    ///
    ///   minzheng backup /backups/2026-11-24 --passphrase-file /root/passphrase
    Backup(Backup),
    /// Put a backup into a new data folder, and verify every journal against the heads that were noted.
    ///
    ///   minzheng --data data restore /backups/2026-11-24 --passphrase-file /root/passphrase
    Restore(Backup),
    /// Recompute the hash chain of every service's journal, and name the first row that does not hold.
    ///
    /// It reads the databases themselves, whether the suite runs or not. The printed heads can be compared with
    /// heads that are kept elsewhere: a chain that was rewritten as a whole holds in itself.
    VerifyJournal(VerifyJournal),
}

/// `minzheng up`.
#[derive(Debug, Args)]
pub struct Up {
    /// Where the HTTP door listens; a free port is taken when this one is not free.
    #[arg(long, default_value = "127.0.0.1:8080", env = "MINZHENG_LISTEN")]
    pub listen: SocketAddr,
    /// A database URL for every service, with `{service}` where its name goes, such as
    /// `postgres://user@host/minzheng_{service}`. Without it SQLite files in the data folder are used.
    #[arg(long, env = "MINZHENG_DATABASE")]
    pub database: Option<String>,
    /// The county: `batang`, or a folder with `divisions.toml` and `policy.toml`.
    #[arg(long, default_value = "batang", env = "MINZHENG_COUNTY")]
    pub county: String,
    /// Start at this legal date and stay there until it is moved with `POST /suite/clock`: for training.
    #[arg(long)]
    pub legal_date: Option<Date>,
    /// What is logged, such as `info,mz_bus=debug`. The log is `<data>/log/minzheng.log`.
    #[arg(long, default_value = "info,async_nats=warn", env = "MINZHENG_LOG")]
    pub log: String,
    /// Send traces to an OpenTelemetry collector (OTLP over HTTP), such as `http://127.0.0.1:4318`.
    #[arg(long, value_name = "URL", env = "OTEL_EXPORTER_OTLP_ENDPOINT")]
    pub otlp: Option<String>,
    /// Kill this process at a step, such as `funeral-reform:published:1`: for tests of what survives.
    #[arg(long, hide = true)]
    pub crash_at: Option<String>,
}

/// `minzheng token`.
#[derive(Debug, Args)]
pub struct Token {
    /// The officer's name.
    #[arg(long)]
    pub name: String,
    /// `township-officer`, `bureau-officer`, `administrator` or `agency`.
    #[arg(long)]
    pub role: String,
    /// A division that the officer works for, with everything below it. Default: the whole county.
    #[arg(long = "division")]
    pub divisions: Vec<DivisionCode>,
    /// The county whose divisions are meant by default.
    #[arg(long, default_value = "batang", env = "MINZHENG_COUNTY")]
    pub county: String,
}

/// `minzheng secrets`.
#[derive(Debug, Args)]
pub struct Secrets {
    /// Where they are kept: a folder for each service, which is its `MINZHENG_DATA`, and one for the broker and the
    /// database server each.
    pub folder: PathBuf,
}

/// `minzheng simulate`.
#[derive(Debug, Args)]
pub struct Simulate {
    /// The scenario, such as `batang-2020`.
    pub scenario: String,
    /// Replace a value of the policy, such as `tekun.urban@2020-07=768` (yuan).
    #[arg(long = "set", value_name = "KEY@MONTH=YUAN")]
    pub set: Vec<String>,
    /// Print one JSON object for programs instead of tables.
    #[arg(long)]
    pub json: bool,
    /// A database URL with `{service}` in it. Without it SQLite files are used.
    #[arg(long, env = "MINZHENG_DATABASE")]
    pub database: Option<String>,
    /// Keep what the simulation writes in this folder. One that was cut off there goes on where it stood. Default: a
    /// folder that is removed.
    #[arg(long, value_name = "FOLDER")]
    pub keep: Option<PathBuf>,
}

/// `minzheng report`.
#[derive(Debug, Args)]
pub struct Report {
    /// The first month.
    #[arg(long)]
    pub from: Month,
    /// The last month.
    #[arg(long)]
    pub to: Month,
    /// The division that it is about, with everything below it. Default: the whole county.
    #[arg(long)]
    pub division: Option<DivisionCode>,
    /// The county that is meant by default.
    #[arg(long, default_value = "batang", env = "MINZHENG_COUNTY")]
    pub county: String,
    /// Break each figure down: `township`, `class`, `mode` or `month`, where it has these parts.
    #[arg(long, value_name = "PARTS")]
    pub by: Option<String>,
    /// Print the rows of this figure instead.
    #[arg(long, value_name = "INDICATOR", conflicts_with_all = ["by", "release"])]
    pub open: Option<String>,
    /// Release the report: it does not change any more. Exit code 1 when a check does not hold.
    #[arg(long, conflicts_with = "by")]
    pub release: bool,
    /// Print JSON for programs; rows one a line.
    #[arg(long)]
    pub json: bool,
}

/// `minzheng backup` and `minzheng restore`.
#[derive(Debug, Args)]
pub struct Backup {
    /// The folder of the backup.
    pub folder: PathBuf,
    /// A file whose first line is the passphrase, of at least 12 characters. Without it a backup is lost.
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: PathBuf,
    /// A database URL with `{service}` in it. Without it SQLite files in the data folder are used.
    #[arg(long, env = "MINZHENG_DATABASE")]
    pub database: Option<String>,
}

/// `minzheng doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Remove the stream of this service; the running suite makes it anew from the journal.
    #[arg(long, value_name = "SERVICE")]
    pub rebuild_stream: Option<String>,
    /// Print one JSON object for programs.
    #[arg(long)]
    pub json: bool,
}

/// `minzheng verify-journal`.
#[derive(Debug, Args)]
pub struct VerifyJournal {
    /// A database URL with `{service}` in it. Without it the SQLite files in the data folder are read.
    #[arg(long, env = "MINZHENG_DATABASE")]
    pub database: Option<String>,
    /// Print one JSON object for programs.
    #[arg(long)]
    pub json: bool,
}

/// `minzheng parked`.
#[derive(Debug, Args)]
pub struct Parked {
    /// What is done with them.
    #[command(subcommand)]
    pub action: Option<ParkedAction>,
    /// Print JSON for programs.
    #[arg(long)]
    pub json: bool,
}

/// `minzheng parked …`.
#[derive(Debug, Subcommand)]
pub enum ParkedAction {
    /// Try one aggregate's parked events again, in order.
    Retry {
        /// The service that could not apply them.
        #[arg(long)]
        service: String,
        /// The service whose events they are.
        #[arg(long)]
        source: String,
        /// The aggregate, as the list shows it.
        #[arg(long)]
        aggregate: String,
    },
}
