//! `batch`: an answer for every row of a table.

use crate::Exit;
use crate::cli::{BatchArgs, BatchCommand, MergeArgs, RunArgs};
use crate::connect::{Connected, connect};
use crate::failure::{Failure, Outcome};
use crate::output::{BatchProgressLine, Console};
use crate::prompt::text_or_file;
use crate::schema_words::schema;
use crate::settings::Settings;
use botticelli::batch::{Format, OutputOrder};
use botticelli::{
    Batch, BatchReport, BotticelliErrorKind, DataErrorKind, Environment, Extra, GenerateRequest, Shard, Sink,
    StopHandle, StopReason, Table,
};
use serde_json::{Value, json};
use std::num::NonZeroU32;

/// Runs a command about tables.
pub(crate) async fn batch(
    command: &BatchCommand,
    settings: Settings,
    environment: &Environment,
    console: &mut Console,
) -> Outcome<Exit> {
    let result = match command {
        BatchCommand::Run(arguments) => run(arguments, settings, environment, console).await,
        BatchCommand::Status(arguments) => status(arguments, settings, environment, console).await,
        BatchCommand::Merge(arguments) => merge(arguments, settings, environment, console).await,
    };
    result.map_err(with_option)
}

/// Adds the option that helps, because the library names its own functions.
fn with_option(failure: Failure) -> Failure {
    let line = match failure.error().map(botticelli::BotticelliError::kind) {
        Some(BotticelliErrorKind::Data(data)) => match data.kind() {
            DataErrorKind::NotFound if data.place() == "-" => {
                "A run continues after an interruption, so its table cannot be a pipe. Write it to a file."
            }
            DataErrorKind::OtherRun { .. } => {
                "The option is --restart. A run with --sandbox is another run than one with a model."
            }
            DataErrorKind::ColumnExists { .. } => "The options are --column-prefix and --answer-column.",
            _ => return failure,
        },
        Some(BotticelliErrorKind::Builder(builder)) if builder.field() == "prompt" => match builder.value() {
            None => "The options are -p TEMPLATE and --messages COLUMN.",
            Some(_) if builder.reason().contains("no column") => "The option is --repeats.",
            Some(_) => return failure,
        },
        _ => return failure,
    };
    failure.with_line(line)
}

async fn run(
    arguments: &RunArgs,
    settings: Settings,
    environment: &Environment,
    console: &mut Console,
) -> Outcome<Exit> {
    let common = &arguments.batch;
    let connected = connect(settings, &common.connection, &common.options, environment, console).await?;
    let table = table(common, environment).await?;
    let mut batch = sharded(prepared(common, &connected, &table)?, common, environment, console)?;
    if let Some(calls) = arguments.concurrency {
        batch = batch.with_concurrency(calls.get());
    }
    if let Some(calls) = arguments.max_concurrency {
        batch = batch.with_max_concurrency(calls.get());
    }
    if common.connection.retries.is_some() {
        // These are the retries of the driver. Further attempts of the run would multiply them.
        batch = batch.with_attempts(NonZeroU32::MIN);
    }
    batch = batch.with_repeats(arguments.repeats);
    if arguments.retry_failed {
        batch = batch.retry_failed();
    }
    if arguments.restart {
        batch = batch.restart();
    }
    if arguments.any_order {
        batch = batch.with_order(OutputOrder::Completion);
    }
    if let Some(rows) = arguments.sample {
        return sample(&batch, &table, rows.get(), console).await;
    }
    let sink = sink(common)?;
    if arguments.dry_run {
        let estimate = batch.estimate(&table, &sink).await?;
        console.print_line(&estimate.to_string())?;
        if common.schema.is_some() {
            console.note("Answers that do not match the schema cost more: each repair is another call.");
        }
        console.note("Nothing was sent.");
        return Ok(Exit::Complete);
    }
    let line = BatchProgressLine::new(console);
    let (interval, shown) = (line.interval(), line.clone());
    let batch = batch
        .with_stop(StopHandle::on_ctrl_c()?)
        .with_observer_interval(interval)
        .with_observer(move |progress| shown.show(progress));
    let result = batch.run(table, sink).await;
    line.end();
    report(&result?, arguments, console)
}

/// Prints the report, and returns the exit code.
fn report(report: &BatchReport, arguments: &RunArgs, console: &mut Console) -> Outcome<Exit> {
    if arguments.json {
        console.print_line(&report_json(report).to_string())?;
    }
    console.note(&report.to_string());
    if let Some(output) = report.output() {
        console.note(&format!("The rows are in {}", output.display()));
    }
    match &report.stop {
        None if report.failed == 0 && report.cut == 0 => Ok(Exit::Complete),
        None => Err(Failure::new(Exit::Incomplete, shortfall(report, &arguments.batch.columns))),
        Some(StopReason::Failed(error) | StopReason::SustainedFailures(error)) => {
            Err(Failure::from(error.clone()).with_line("The same command continues the run."))
        }
        Some(_) => Err(Failure::interrupted(
            "interrupted: every answer so far is kept, and the same command continues",
        )),
    }
}

/// Returns what a complete run lacks, and the remedies.
fn shortfall(report: &BatchReport, columns: &[String]) -> String {
    let has = |name: &str| columns.iter().any(|column| column.trim() == name);
    let mut parts = Vec::new();
    if report.failed > 0 {
        let reasons = if columns.is_empty() || has("error") {
            "The column `error` has the reasons"
        } else {
            "--columns error adds the reasons"
        };
        let remedy = match report.failed.saturating_sub(report.invalid) {
            0 => "these rows cannot be read, or lack a column".to_owned(),
            _ if report.invalid == 0 => "--retry-failed sends them again".to_owned(),
            sent => format!("--retry-failed sends {sent} of them again"),
        };
        parts.push(format!("rows without an answer: {}. {reasons}; {remedy}.", report.failed));
    }
    if report.cut > 0 {
        parts.push(format!(
            "answers cut at the token limit: {}. --columns finish_reason marks them with `length`; a run with a higher \
             --option max_tokens=N into another output completes them.",
            report.cut
        ));
    }
    parts.join(" ")
}

fn report_json(report: &BatchReport) -> Value {
    json!({
        "complete": report.is_complete(),
        "rows": report.rows,
        "answered": report.answered,
        "failed": report.failed,
        "invalid": report.invalid,
        "cut": report.cut,
        "unanswered": report.unanswered,
        "cached": report.cached,
        "requests": report.requests,
        "prompt_tokens": report.prompt_tokens,
        "completion_tokens": report.completion_tokens,
        "nano_dollars": report.nano_dollars,
        "total_nano_dollars": report.total_nano_dollars,
        "unknown_costs": report.unknown_costs,
        "output": report.output(),
        "journal": report.journal,
        "seconds": report.elapsed.as_secs_f64(),
    })
}

async fn status(
    arguments: &BatchArgs,
    settings: Settings,
    environment: &Environment,
    console: &mut Console,
) -> Outcome<Exit> {
    let connected =
        connect(settings, &arguments.connection, &arguments.options, environment, console).await?;
    let table = table(arguments, environment).await?;
    let batch = sharded(prepared(arguments, &connected, &table)?, arguments, environment, console)?;
    let estimate = batch.estimate(&table, &sink(arguments)?).await?;
    console.print_line(&estimate.to_string())?;
    Ok(Exit::Complete)
}

async fn merge(
    arguments: &MergeArgs,
    settings: Settings,
    environment: &Environment,
    console: &mut Console,
) -> Outcome<Exit> {
    let common = &arguments.batch;
    let connected = connect(settings, &common.connection, &common.options, environment, console).await?;
    let table = table(common, environment).await?;
    let batch = prepared(common, &connected, &table)?;
    let report = batch.merge(table, sink(common)?, arguments.shards).await?;
    console.note(&format!(
        "{} rows in {}, {} answered, {} failed",
        report.rows,
        report.output.display(),
        report.answered,
        report.failed
    ));
    Ok(if report.failed == 0 { Exit::Complete } else { Exit::Incomplete })
}

async fn sample(batch: &Batch, table: &Table, rows: usize, console: &mut Console) -> Outcome<Exit> {
    let mut exit = Exit::Complete;
    for row in batch.sample(table, rows).await? {
        let cost = row.cost.nano_dollars();
        let line = json!({
            "prompt": row.prompt, "answer": row.answer, "cost_nano_dollars": cost, "error": row.error,
        });
        console.print_line(&line.to_string())?;
        if row.error.is_some() {
            exit = Exit::Incomplete;
        }
    }
    console.note("Nothing was written.");
    Ok(exit)
}

/// Returns the batch with everything that identifies a run.
fn prepared(arguments: &BatchArgs, connected: &Connected, table: &Table) -> Outcome<Batch> {
    let mut request = connected.apply(GenerateRequest::default());
    let names_model = arguments.connection.model.is_some() || arguments.connection.local;
    if names_model && table.format() == Format::OpenAiBatch {
        // Each row names the model of the service for which the file was written.
        request = request.with_model(connected.driver.model_name());
    }
    if connected.is_sandbox() {
        // The examples of the sandbox must not become answers of a later run with a model. The request is part of the identity of a run.
        let mut extra = request.extra().clone();
        extra.insert("sandbox".to_owned(), true.into());
        request = request.with_extra(extra);
    }
    let mut batch = Batch::new(connected.driver.clone()).with_request(request);
    match (&arguments.prompt, &arguments.messages) {
        (Some(prompt), _) => batch = batch.with_prompt(&text_or_file(prompt)?)?,
        (None, Some(column)) => batch = batch.with_messages(column),
        (None, None) => {}
    }
    if let Some(system) = &arguments.system {
        batch = batch.with_system(&text_or_file(system)?)?;
    }
    if let Some(text) = &arguments.schema {
        batch = batch.with_schema(&schema(text)?)?;
    }
    if let Some(column) = &arguments.images {
        batch = batch.with_images(column);
    }
    if !arguments.columns.is_empty() {
        let extras: Result<Vec<Extra>, Failure> = arguments.columns.iter().map(|name| extra(name)).collect();
        batch = batch.with_columns(extras?);
    }
    if let Some(name) = &arguments.answer_column {
        batch = batch.with_answer_column(name);
    }
    if let Some(prefix) = &arguments.column_prefix {
        batch = batch.with_column_prefix(prefix);
    }
    if let Some(rows) = arguments.limit {
        batch = batch.with_limit(rows.get());
    }
    Ok(batch)
}

/// Returns the batch with the shard that the option or the job of this process names.
fn sharded(
    batch: Batch,
    arguments: &BatchArgs,
    environment: &Environment,
    console: &Console,
) -> Outcome<Batch> {
    let shard = match arguments.shard.as_deref() {
        Some("none") => None,
        Some(text) => Some(shard(text)?),
        None => {
            let shard = Shard::from_variables(|name| environment.variable(name))?;
            if let Some(shard) = shard {
                console.note(&format!(
                    "This job answers shard {} of {}, as its variables say. --shard none answers all rows.",
                    shard.index(),
                    shard.count()
                ));
            }
            shard
        }
    };
    Ok(match shard {
        Some(shard) => batch.with_shard(shard),
        None => batch,
    })
}

fn extra(name: &str) -> Outcome<Extra> {
    Extra::ALL.into_iter().find(|extra| extra.as_str() == name.trim()).ok_or_else(|| {
        let known: Vec<_> = Extra::ALL.iter().map(|extra| extra.as_str()).collect();
        Failure::usage(format!("--columns: '{name}' is not a column. Choose from {}.", known.join(", ")))
    })
}

fn shard(text: &str) -> Outcome<Shard> {
    let parts =
        text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
    let Some((index, count)) = parts else {
        return Err(Failure::usage(format!(
            "--shard: '{text}' is not a part. Write 0/4 for the first of four, or none for all rows."
        )));
    };
    Shard::new(index, count).map_err(|error| Failure::usage(format!("--shard: {error}")))
}

#[cfg(feature = "hub")]
async fn table(arguments: &BatchArgs, environment: &Environment) -> Outcome<Table> {
    if let [name] = arguments.input.as_slice()
        && name.starts_with("hf://")
    {
        let hub = botticelli::Hub::builder().with_environment(environment.clone()).build()?;
        return delimited(botticelli::open_table_with(&hub, name).await?, arguments);
    }
    local_table(arguments)
}

#[cfg(not(feature = "hub"))]
#[allow(clippy::unused_async, reason = "as with the feature `hub`")]
async fn table(arguments: &BatchArgs, _environment: &Environment) -> Outcome<Table> {
    local_table(arguments)
}

fn local_table(arguments: &BatchArgs) -> Outcome<Table> {
    let table = match arguments.input.as_slice() {
        [path] => Table::open(path)?,
        paths => Table::open_all(paths)?,
    };
    delimited(table, arguments)
}

fn delimited(table: Table, arguments: &BatchArgs) -> Outcome<Table> {
    Ok(match delimiter(arguments)? {
        Some(delimiter) => table.with_delimiter(delimiter)?,
        None => table,
    })
}

fn sink(arguments: &BatchArgs) -> Outcome<Sink> {
    let Some(path) = &arguments.output else {
        return Err(Failure::usage("there is no output. Name a table with -o OUT."));
    };
    Ok(Sink::create(path)?)
}

fn delimiter(arguments: &BatchArgs) -> Outcome<Option<u8>> {
    match arguments.delimiter.as_deref() {
        None => Ok(None),
        Some("tab" | "\\t") => Ok(Some(b'\t')),
        Some(text) => match text.as_bytes() {
            [byte] => Ok(Some(*byte)),
            _ => Err(Failure::usage(format!("--delimiter: '{text}' is not one character. Write ; or tab."))),
        },
    }
}
