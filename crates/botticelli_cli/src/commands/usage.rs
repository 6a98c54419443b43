//! `usage`: the ledger.

use crate::Exit;
use crate::cli::UsageArgs;
use crate::failure::{Failure, Outcome};
use crate::output::{Console, bar_chart, columns, svg_chart};
use crate::settings::Settings;
use botticelli::{Environment, Ledger, LedgerLine, LedgerReport, Usd};
use serde_json::{Value, json};
use time::{Date, OffsetDateTime};

/// The account of a budget that names none.
const ACCOUNT: &str = "default";

/// Prints the costs so far.
pub(crate) async fn usage(
    arguments: &UsageArgs,
    settings: &Settings,
    environment: &Environment,
    console: &mut Console,
) -> Outcome<Exit> {
    let place = settings.get("budget.ledger").and_then(toml::Value::as_str).unwrap_or("user");
    let variable = |name: &str| environment.variable(name).map(std::ffi::OsString::from);
    let ledger = Ledger::open_in(place, variable)?;
    if let Some(account) = &arguments.clear_exhausted {
        ledger.clear_exhausted(account).await?;
        console.note(&format!("If calls of the account `{account}` were refused, they are sent again."));
        return Ok(Exit::Complete);
    }
    let report = ledger.report().await?;
    let today = OffsetDateTime::now_utc().date();
    if let Some(file) = &arguments.svg {
        let svg = svg_chart("Botticelli: cost by day (USD)", &bars(&report, arguments.days));
        std::fs::write(file, svg).map_err(|error| Failure::io(&file.display().to_string(), &error))?;
        console.note(&format!("Wrote {}", file.display()));
        return Ok(Exit::Complete);
    }
    if arguments.json {
        let object = json!({
            "total": line_json(&report.total()),
            "days": lines_json(&report.by_day()),
            "models": lines_json(&report.by_model()),
            "providers": lines_json(&report.by_provider()),
            "budget": budgets(settings, &report, today)
                .into_iter()
                .map(|(period, limit, left)| json!({"period": period, "limit_usd": usd(limit), "left_usd": usd(left)}))
                .collect::<Vec<_>>(),
        });
        console.print_line(&object.to_string())?;
        return Ok(Exit::Complete);
    }
    if report.lines().is_empty() {
        console.print_line("Nothing is recorded yet.")?;
        return Ok(Exit::Complete);
    }
    print_report(arguments, settings, &report, today, console)?;
    Ok(Exit::Complete)
}

fn print_report(
    arguments: &UsageArgs,
    settings: &Settings,
    report: &LedgerReport,
    today: Date,
    console: &mut Console,
) -> Outcome<()> {
    let width = console.width();
    console.print(&bar_chart(&bars(report, arguments.days), width))?;
    console.print("\n")?;
    let has_unpriced = report.total().unpriced > 0;
    let mut titles = ["model", "calls", "tokens", "cost", "may be billed"].map(str::to_owned).to_vec();
    titles.extend(has_unpriced.then(|| "calls of unknown cost".to_owned()));
    let mut rows = vec![titles];
    let line = |name: &str, line: &LedgerLine| {
        let shown = |text: String, is_shown: bool| if is_shown { text } else { String::new() };
        let is_unknown = line.unpriced == line.calls && line.spent == Usd::ZERO && line.unpriced > 0;
        let mut cells = vec![
            name.to_owned(),
            line.calls.to_string(),
            line.tokens.to_string(),
            shown(line.spent.to_string(), !is_unknown),
            shown(line.held.to_string(), line.held != Usd::ZERO),
        ];
        cells.extend(has_unpriced.then(|| shown(line.unpriced.to_string(), line.unpriced > 0)));
        cells
    };
    rows.extend(report.by_model().iter().map(|sum| line(&sum.model, sum)));
    rows.push(["provider", "", "", "", ""].map(str::to_owned).to_vec());
    rows.extend(report.by_provider().iter().map(|sum| {
        let name = if sum.provider.is_empty() { "unknown" } else { &sum.provider };
        line(name, sum)
    }));
    rows.push(line("total", &report.total()));
    let width = console.is_terminal().then_some(width);
    console.print(&columns(&rows, width))?;
    for (period, limit, left) in budgets(settings, report, today) {
        console.print_line(&format!("{left} is left of {limit} per {period}"))?;
    }
    Ok(())
}

/// Returns a bar for each of the last days with calls.
fn bars(report: &LedgerReport, days: usize) -> Vec<(String, u64, String)> {
    let lines = report.by_day();
    let skipped = lines.len().saturating_sub(days);
    lines
        .iter()
        .skip(skipped)
        .map(|line| (line.day.clone(), line.spent.nano_dollars(), line.spent.to_string()))
        .collect()
}

/// Returns each limit of the budget with what is left of it now. Reserved amounts count as spent.
fn budgets(settings: &Settings, report: &LedgerReport, today: Date) -> Vec<(&'static str, Usd, Usd)> {
    let account = settings.get("budget.account").and_then(toml::Value::as_str).unwrap_or(ACCOUNT);
    let month = format!("{:04}-{:02}", today.year(), u8::from(today.month()));
    let day = format!("{month}-{:02}", today.day());
    let periods = [("day", "budget.per_day", day), ("month", "budget.per_month", month)];
    // A text or a number.
    let limit = |key: &str| settings.get(key)?.clone().try_into::<Usd>().ok();
    periods
        .into_iter()
        .filter_map(|(name, key, prefix)| {
            let limit = limit(key)?;
            let lines = report.lines().iter().filter(|line| line.day.starts_with(&prefix));
            let ours = lines.filter(|line| line.account == account);
            let used: u64 = ours
                .map(|line| line.spent.nano_dollars().saturating_add(line.held.nano_dollars()))
                .fold(0, u64::saturating_add);
            let left = Usd::from_nano_dollars(limit.nano_dollars().saturating_sub(used));
            Some((name, limit, left))
        })
        .collect()
}

fn lines_json(lines: &[LedgerLine]) -> Vec<Value> {
    lines.iter().map(line_json).collect()
}

fn line_json(line: &LedgerLine) -> Value {
    let mut object = json!({
        "calls": line.calls,
        "tokens": line.tokens,
        "spent_usd": usd(line.spent),
        "may_be_billed_usd": usd(line.held),
        "calls_of_unknown_cost": line.unpriced,
    });
    for (key, value) in [("day", &line.day), ("model", &line.model), ("provider", &line.provider)] {
        if let (Some(object), false) = (object.as_object_mut(), value.is_empty()) {
            object.insert(key.to_owned(), value.as_str().into());
        }
    }
    object
}

fn usd(amount: Usd) -> String {
    amount.to_string().trim_start_matches('$').to_owned()
}
