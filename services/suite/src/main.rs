//! The `minzheng` program.

use clap::Parser as _;
use minzheng::cli::{Cli, Command, Token};
use minzheng::client::Client;
use minzheng::county::County;
use minzheng::{backup, doctor, parked, report, restore, say, secrets, suite, up, verify};
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli).await {
        Ok(code) => code,
        Err(error) => {
            say::complain(format!("minzheng: {}", mz_kernel::chain(&*error)));
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<ExitCode, Box<dyn Error>> {
    let county = || County::find("batang").map(|county| county.code);
    match cli.command {
        Command::Up(order) => up::up(&cli.data, order).await?,
        Command::Token(order) => token(&cli.data, &order)?,
        Command::Secrets(order) => secrets::secrets(&order.folder)?,
        Command::Simulate(order) => return minzheng::simulation(order).await,
        Command::Report(order) => return Ok(code(report::report(&cli.data, order).await?)),
        Command::Doctor(order) => {
            return Ok(code(doctor::doctor(&cli.data, county()?, order).await?));
        }
        Command::Backup(order) => backup::backup(&cli.data, county()?, order).await?,
        Command::Restore(order) => restore::restore(&cli.data, order).await?,
        Command::VerifyJournal(order) => {
            return Ok(code(verify::verify_journal(&cli.data, order).await?));
        }
        Command::Parked(order) => parked::parked(&Client::of(&cli.data, county()?)?, order).await?,
    }
    Ok(ExitCode::SUCCESS)
}

fn code(well: bool) -> ExitCode {
    if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn token(data: &Path, order: &Token) -> Result<(), Box<dyn Error>> {
    let role = serde_json::from_value(serde_json::Value::String(order.role.clone()))
        .map_err(|_| "the role is none of: township-officer, bureau-officer, administrator, agency")?;
    let divisions = if order.divisions.is_empty() {
        vec![County::find(&order.county)?.code]
    } else {
        order.divisions.clone()
    };
    let folder = data.join("secrets");
    if !folder.is_dir() {
        // Keys that are made here would be believed by no suite.
        return Err(format!(
            "no suite has run on {}: it has no keys yet; see --data",
            data.display()
        )
        .into());
    }
    if order.name.trim().is_empty() {
        return Err("an officer has a name; give one with --name".into());
    }
    let secrets = mz_runtime::Secrets::open(&folder)?;
    say::line(suite::token(&secrets.signer(), &order.name, role, &divisions));
    Ok(())
}
