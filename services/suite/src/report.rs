//! `minzheng report`: figures of the running suite, their rows, and their release.

use crate::cli;
use crate::client::Client;
use crate::county::County;
use crate::say;
use crate::table::{grouped, table, yuan};
use mz_http::Role;
use mz_kernel::{DivisionCode, Fen};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::error::Error;
use std::path::Path;

/// Rows that are asked for at once.
const PAGE: u32 = 200;

/// A figure; in fen where it is money.
#[derive(Deserialize, Serialize)]
struct Figure {
    indicator: String,
    title: String,
    unit: String,
    kind: String,
    value: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    breakdowns: Vec<Breakdown>,
}

#[derive(Deserialize, Serialize)]
struct Breakdown {
    by: String,
    parts: Vec<Part>,
}

#[derive(Deserialize, Serialize)]
struct Part {
    of: String,
    value: i64,
}

#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct Row {
    id: String,
    person: Option<String>,
    division: DivisionCode,
    #[serde(default)]
    class: String,
    #[serde(default)]
    mode: String,
    month: String,
    amount: Fen,
    #[serde(default)]
    word: String,
}

#[derive(Deserialize)]
struct Released {
    report: String,
    figures: Vec<Figure>,
    flags: Vec<Flag>,
}

#[derive(Deserialize)]
struct Flag {
    check: String,
    indicator: String,
    text: String,
}

/// Prints what was asked for; true unless a check of a released report does not hold.
pub async fn report(data: &Path, order: cli::Report) -> Result<bool, Box<dyn Error>> {
    let division = match order.division {
        Some(division) => division,
        None => County::find(&order.county)?.code,
    };
    let client = Client::in_role(data, division, Role::BureauOfficer)?;
    let stretch = format!("from={}&to={}&division={division}", order.from, order.to);
    if order.release {
        return release(&client, &order, division).await;
    }
    if let Some(indicator) = &order.open {
        open(&client, &stretch, indicator, order.json).await?;
        return Ok(true);
    }
    let by = order.by.map_or_else(String::new, |by| format!("&by={by}"));
    let path = format!("/api/insight/figures?{stretch}{by}");
    let Page { items, .. } = client.get::<Page<Figure>>(&path).await?;
    if order.json {
        say::line(json!({ "figures": items }));
    } else {
        say::line(figures(&items).trim_end());
    }
    Ok(true)
}

async fn release(
    client: &Client,
    order: &cli::Report,
    division: DivisionCode,
) -> Result<bool, Box<dyn Error>> {
    let mut once = [0; 16];
    getrandom::fill(&mut once).map_err(|_| "the system gives no random bytes")?;
    let key = format!("report-{:032x}", u128::from_be_bytes(once));
    let body = json!({ "from": order.from, "to": order.to, "division": division });
    let answer: Value = client.post_once("/api/insight/reports", &key, &body).await?;
    let Released {
        report,
        figures: mut items,
        flags,
    } = Released::deserialize(&answer)?;
    if order.json {
        say::line(answer);
        return Ok(flags.is_empty());
    }
    // The report keeps every part; people ask for the ones that they want to see.
    for figure in &mut items {
        figure.breakdowns.clear();
    }
    say::line(figures(&items).trim_end());
    for Flag {
        check,
        indicator,
        text,
    } in &flags
    {
        say::line(format!("does not hold: {check} of {indicator}: {text}"));
    }
    say::line(format!(
        "released as {report}; {} checks do not hold",
        flags.len()
    ));
    Ok(flags.is_empty())
}

/// Prints the rows of a figure as they come, a page at a time.
async fn open(client: &Client, stretch: &str, indicator: &str, as_json: bool) -> Result<(), Box<dyn Error>> {
    let path = format!("/api/insight/figures/rows?indicator={indicator}&{stretch}&limit={PAGE}");
    let mut after = String::new();
    loop {
        let Page { items, next } = client.get::<Page<Row>>(&format!("{path}{after}")).await?;
        if as_json {
            for row in &items {
                say::line(serde_json::to_string(row)?);
            }
        } else if !items.is_empty() {
            let cells = |row: &Row| {
                let person = row.person.clone().unwrap_or_default();
                let of = [row.class.as_str(), &row.mode, &row.word].join(" ");
                [
                    row.month.clone(),
                    row.division.to_string(),
                    person,
                    yuan(row.amount),
                    of.trim().to_owned(),
                ]
            };
            let rows: Vec<_> = items.iter().map(cells).collect();
            say::line(table(&rows, &[3]).trim_end());
        }
        match next {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(()),
        }
    }
}

/// Figures as a table, each part of one below it.
fn figures(items: &[Figure]) -> String {
    let told = |unit: &str, value| match unit {
        "fen" => (yuan(Fen::new(value)), "yuan"),
        _ => (grouped(value), ""),
    };
    let mut rows = Vec::new();
    for figure in items {
        let (value, money) = figure
            .value
            .map_or_else(|| ("-".to_owned(), ""), |value| told(&figure.unit, value));
        let unit = if money.is_empty() {
            figure.unit.clone()
        } else {
            money.to_owned()
        };
        rows.push([figure.indicator.clone(), value, unit, figure.title.clone()]);
        for part in figure.breakdowns.iter().flat_map(|breakdown| &breakdown.parts) {
            let (value, _) = told(&figure.unit, part.value);
            rows.push([format!("  {}", part.of), value, String::new(), String::new()]);
        }
    }
    table(&rows, &[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_printed_in_yuan_and_parts_below_their_figure() {
        let part = Part {
            of: "513335100".to_owned(),
            value: 70_200,
        };
        let figure = Figure {
            indicator: "tekun_urban_paid".to_owned(),
            title: "城市特困".to_owned(),
            unit: "fen".to_owned(),
            kind: "flow".to_owned(),
            value: Some(140_400),
            breakdowns: vec![Breakdown {
                by: "township".to_owned(),
                parts: vec![part],
            }],
        };
        assert_eq!(
            figures(&[figure]),
            "tekun_urban_paid  1,404.00  yuan  城市特困\n  513335100         702.00\n"
        );
    }
}
