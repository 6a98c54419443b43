//! Tasks other than text generation: files in and out, JSON for programs.

use crate::Exit;
use crate::cli::{ApiName, ClassifyArgs, FileArgs, PromptArgs, RerankArgs, TaskArgs, TaskOptions, TextsArgs};
use crate::connect::{Prepared, prepare};
use crate::failure::{Failure, Outcome};
use crate::output::{Console, columns, sanitized};
use crate::prompt::{PromptSource, read_stdin, read_text, utf8};
use crate::settings::{Origin, Settings, word};
use crate::task_table::{Shape, TASKS, run, shape};
use botticelli::Environment;
use botticelli::tasks::{HuggingFaceTasks, Media, MediaFile, TaskApi};
use serde_json::{Map, Value, json};
use std::path::Path;

const EMBEDDING_MODEL: &str = "BAAI/bge-small-en-v1.5";
const RERANK_MODEL: &str = "BAAI/bge-reranker-v2-m3";
const CLASSIFICATION_MODEL: &str = "distilbert/distilbert-base-uncased-finetuned-sst-2-english";
const ZERO_SHOT_MODEL: &str = "facebook/bart-large-mnli";
const TRANSCRIPTION_MODEL: &str = "openai/whisper-large-v3";
const SPEECH_MODEL: &str = "hexgrad/Kokoro-82M";
const IMAGE_MODEL: &str = "black-forest-labs/FLUX.1-dev";

/// The keys of `[llm]` that concern only chats.
const CHAT_ONLY: [&str; 12] = [
    "generation",
    "cassette",
    "cache",
    "fallback",
    "budget",
    "rate_limit",
    "layers",
    "huggingface.dialect",
    "huggingface.choose_provider",
    "huggingface.catalog_file",
    "huggingface.catalog_max_age",
    "huggingface.catalog_prices",
];

/// The settings and the outputs of a task.
pub(crate) struct TaskContext<'a> {
    pub(crate) settings: Settings,
    pub(crate) environment: &'a Environment,
    pub(crate) console: &'a mut Console,
}

/// Prints a JSON line with the vector of each text.
pub(crate) async fn embed(arguments: &TextsArgs, context: TaskContext<'_>) -> Outcome<Exit> {
    let texts = texts(&arguments.texts, context.console).await?;
    let fields = object(json!({"inputs": texts}));
    let (response, console) =
        call("feature-extraction", Some(EMBEDDING_MODEL), fields, &arguments.task, context).await?;
    let mut lines = String::new();
    for (text, vector) in texts.iter().zip(list(&response, "embeddings")) {
        // A vector is in an object with the name of its kind.
        let vector = vector.as_object().and_then(|kinds| kinds.values().next()).unwrap_or(vector);
        lines.push_str(&json!({"text": text, "embedding": vector}).to_string());
        lines.push('\n');
    }
    write(&lines, &arguments.task, console)
}

/// Prints the documents, the best first.
pub(crate) async fn rerank(arguments: &RerankArgs, context: TaskContext<'_>) -> Outcome<Exit> {
    let documents = texts(&arguments.documents, context.console).await?;
    let fields = object(json!({"query": arguments.query, "documents": documents}));
    let (response, console) =
        call("text-ranking", Some(RERANK_MODEL), fields, &arguments.task, context).await?;
    let mut lines = String::new();
    for ranked in list(&response, "documents") {
        let index = ranked.get("index").and_then(Value::as_u64).and_then(|index| usize::try_from(index).ok());
        let document = index.and_then(|index| documents.get(index)).map(String::as_str).unwrap_or_default();
        let score = ranked.get("score").and_then(Value::as_f64).unwrap_or_default();
        let line = if arguments.task.json {
            json!({"document": document, "index": index, "score": score}).to_string()
        } else {
            format!("{score:.4}\t{document}")
        };
        lines.push_str(&line);
        lines.push('\n');
    }
    write(&lines, &arguments.task, console)
}

/// Prints the best label of each text, or all labels as JSON.
pub(crate) async fn classify(arguments: &ClassifyArgs, context: TaskContext<'_>) -> Outcome<Exit> {
    let texts = texts(&arguments.texts, context.console).await?;
    let mut fields = object(json!({"inputs": texts}));
    let (name, model) = if arguments.labels.is_empty() {
        ("text-classification", CLASSIFICATION_MODEL)
    } else {
        fields.insert("labels".to_owned(), json!(arguments.labels));
        ("zero-shot-classification", ZERO_SHOT_MODEL)
    };
    let (response, console) = call(name, Some(model), fields, &arguments.task, context).await?;
    let mut lines = String::new();
    for (text, labels) in texts.iter().zip(list(&response, "results")) {
        let best = labels.get(0);
        let label = best.and_then(|best| best.get("label")).and_then(Value::as_str).unwrap_or_default();
        let score = best.and_then(|best| best.get("score")).and_then(Value::as_f64).unwrap_or_default();
        let line = if arguments.task.json {
            json!({"text": text, "labels": labels}).to_string()
        } else {
            format!("{label}\t{score:.4}\t{text}")
        };
        lines.push_str(&line);
        lines.push('\n');
    }
    write(&lines, &arguments.task, console)
}

/// Transcribes a recording.
pub(crate) async fn transcribe(arguments: &FileArgs, context: TaskContext<'_>) -> Outcome<Exit> {
    let media = media(&arguments.file, context.console).await?;
    let fields = object(json!({"audio": media.to_data_url()}));
    let name = "automatic-speech-recognition";
    let (response, console) = call(name, Some(TRANSCRIPTION_MODEL), fields, &arguments.task, context).await?;
    let text = if arguments.task.json {
        response.to_string()
    } else {
        response.get("text").and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    write(&format!("{text}\n"), &arguments.task, console)
}

/// Converts a text to speech.
pub(crate) async fn speak(arguments: &PromptArgs, context: TaskContext<'_>) -> Outcome<Exit> {
    generate("text-to-speech", "text", SPEECH_MODEL, arguments, context).await
}

/// Generates an image from a prompt.
pub(crate) async fn image(arguments: &PromptArgs, context: TaskContext<'_>) -> Outcome<Exit> {
    generate("text-to-image", "prompt", IMAGE_MODEL, arguments, context).await
}

async fn generate(
    name: &str,
    field: &str,
    model: &str,
    arguments: &PromptArgs,
    context: TaskContext<'_>,
) -> Outcome<Exit> {
    check_output(&arguments.task, context.console)?;
    let source = PromptSource {
        words: &arguments.words,
        files: &[],
        ignores_stdin: !arguments.words.is_empty(),
        check: None,
    };
    let text = source.read(context.console).await?;
    let fields = object(json!({field: text}));
    let (response, console) = call(name, Some(model), fields, &arguments.task, context).await?;
    write_response(&response, &arguments.task, console)
}

/// Runs any task by its name.
pub(crate) async fn task(arguments: &TaskArgs, context: TaskContext<'_>) -> Outcome<Exit> {
    let Some(name) = arguments.name.as_deref().filter(|_| !arguments.list) else {
        let rows: Vec<_> =
            TASKS.iter().map(|(name, shape)| vec![(*name).to_owned(), shape.usage()]).collect();
        context.console.print(&columns(&rows, None))?;
        return Ok(Exit::Complete);
    };
    let shape = shape(name)?;
    let mut fields = fields(name, shape, &arguments.inputs, context.console).await?;
    if !arguments.labels.is_empty() {
        fields.insert("labels".to_owned(), json!(arguments.labels));
    }
    let has_table = context.settings.has_table(name);
    if arguments.task.connection.model.is_none() && !has_table {
        return Err(Failure::usage(format!(
            "the task {name} has no default model. Name one with -m MODEL, or in the table [tasks.{name}]."
        )));
    }
    let (response, console) = call(name, None, fields, &arguments.task, context).await?;
    write_response(&response, &arguments.task, console)
}

/// Returns the fields of a request from the inputs of the command line.
async fn fields(
    name: &str,
    shape: Shape,
    inputs: &[String],
    console: &Console,
) -> Outcome<Map<String, Value>> {
    let wrong = || Failure::usage(format!("the inputs of {name} are {}", shape.usage()));
    Ok(object(match (shape, inputs) {
        (Shape::Texts, inputs) => json!({"inputs": texts(inputs, console).await?}),
        (Shape::Text(field), [text]) => json!({field: text}),
        (Shape::TextAndTexts(field, list), [text, rest @ ..]) => {
            json!({field: text, list: texts(rest, console).await?})
        }
        (Shape::TwoTexts(first, second), [one, two]) => json!({first: one, second: two}),
        (Shape::File(field) | Shape::FileAndText(field, _), [file]) => {
            json!({field: media(file, console).await?.to_data_url()})
        }
        (Shape::FileAndText(field, second), [file, text]) => {
            json!({field: media(file, console).await?.to_data_url(), second: text})
        }
        (Shape::Table, [file]) => json!({"table": table(file)?}),
        (Shape::TextAndTable(field), [text, file]) => json!({field: text, "table": table(file)?}),
        _ => return Err(wrong()),
    }))
}

/// Reads a table: a JSON object of columns.
fn table(file: &str) -> Outcome<Value> {
    serde_json::from_str(&read_text(Path::new(file))?).map_err(|error| {
        Failure::usage(format!("{file}: {error}. Write an object of columns: {{\"city\": [\"Rome\"]}}."))
    })
}

async fn media(file: &str, console: &Console) -> Outcome<Media> {
    if file == "-" {
        return Ok(Media::new(read_stdin(console, true).await?));
    }
    Media::open(file).map_err(|error| Failure::from(error).with_exit(Exit::Usage))
}

/// Returns the texts of the command line, or the lines of standard input.
async fn texts(words: &[String], console: &Console) -> Outcome<Vec<String>> {
    if !words.is_empty() {
        return Ok(words.to_vec());
    }
    let source = utf8(read_stdin(console, false).await?, "standard input")?;
    let lines: Vec<String> =
        source.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    if lines.is_empty() {
        return Err(Failure::usage("there is no text. Write one after the command, or pipe lines into it."));
    }
    Ok(lines)
}

/// Sends the request of a task.
async fn call<'a>(
    name: &str,
    model: Option<&str>,
    mut fields: Map<String, Value>,
    options: &TaskOptions,
    context: TaskContext<'a>,
) -> Outcome<(Value, &'a mut Console)> {
    let TaskContext { mut settings, environment, console } = context;
    let table = match name {
        "feature-extraction" => "embedding".to_owned(),
        "text-ranking" => "rerank".to_owned(),
        other => format!("tasks.{other}"),
    };
    let table = table.as_str();
    if options.connection.local {
        return Err(Failure::usage(
            "--local has no such tasks. Use the Hub's services, or a server with --endpoint.",
        ));
    }
    for pair in &options.options {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(Failure::usage(format!("--option {pair}: there is no '='. Write --option top_k=3.")));
        };
        let value =
            serde_json::to_value(word(value.trim())).map_err(|error| Failure::usage(error.to_string()))?;
        fields.insert(key.trim().to_owned(), value);
    }
    let refused = [
        ("--max-cost", options.connection.max_cost.is_some()),
        ("--cache", options.connection.cache.is_some()),
        ("--record", options.connection.record.is_some()),
    ];
    if let Some((option, _)) = refused.iter().find(|(_, is_set)| *is_set) {
        return Err(Failure::usage(format!("{option} has no effect on this task. Leave it out.")));
    }
    settings.set("provider", "huggingface", Origin::Default);
    if let Some(model) = model {
        // The model of the configuration is one for chats.
        settings.set("model", model, Origin::Default);
    }
    settings.add_table(table);
    let Prepared { mut settings, environment, sandbox } =
        prepare(settings, &options.connection, environment).await?;
    for key in CHAT_ONLY {
        settings.remove(key);
    }
    if settings.get("provider").and_then(toml::Value::as_str) != Some("huggingface") {
        return Err(Failure::usage(format!("[{table}]: only the provider huggingface has tasks")));
    }
    let mut driver = HuggingFaceTasks::from_config(&settings.config()?, environment)?;
    if let Some(api) = options.api {
        driver = driver.with_api(match api {
            ApiName::Router => TaskApi::Router,
            ApiName::Endpoint => TaskApi::Endpoint,
            ApiName::Tei => TaskApi::Tei,
            ApiName::Openai => TaskApi::OpenAi,
        });
    } else if sandbox.is_some() {
        driver = driver.with_api(TaskApi::Router);
    }
    let response = tokio::select! {
        response = run(&driver, name, fields) => response?,
        _ = tokio::signal::ctrl_c() => return Err(Failure::interrupted("interrupted before the result arrived")),
    };
    let metadata = response.get("metadata");
    if let Some(warnings) = metadata.and_then(|metadata| metadata.get("warnings")).and_then(Value::as_array) {
        for warning in warnings.iter().filter_map(Value::as_str) {
            console.note(&format!("Warning: {warning}"));
        }
    }
    Ok((response, console))
}

/// Refuses to send a request whose result has no place.
fn check_output(options: &TaskOptions, console: &Console) -> Outcome<()> {
    if options.output.is_none() && !options.json && console.is_terminal() {
        return Err(Failure::usage(
            "the result is a file. Name one with -o FILE, or redirect standard output.",
        ));
    }
    Ok(())
}

/// Writes an image, a sound or a video as bytes, and any other response as JSON.
fn write_response(response: &Value, options: &TaskOptions, console: &mut Console) -> Outcome<Exit> {
    let media = response.get("media").and_then(Value::as_str).filter(|_| !options.json);
    let Some(url) = media else {
        let text =
            if console.is_terminal() { sanitized(&format!("{response:#}")) } else { response.to_string() };
        return write(&format!("{text}\n"), options, console);
    };
    let media = Media::from_base64(url)?;
    match &options.output {
        Some(path) => {
            media.save(path)?;
            console.note(&format!(
                "Wrote {} ({}, {} bytes)",
                path.display(),
                media.media_type(),
                media.data().len()
            ));
        }
        None => console.print_bytes(media.data())?,
    }
    Ok(Exit::Complete)
}

fn write(text: &str, options: &TaskOptions, console: &mut Console) -> Outcome<Exit> {
    match &options.output {
        Some(path) => {
            std::fs::write(path, text).map_err(|error| Failure::io(&path.display().to_string(), &error))?;
            console.note(&format!("Wrote {}", path.display()));
        }
        None => console.print(text)?,
    }
    Ok(Exit::Complete)
}

fn list<'a>(response: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    response.get(field).and_then(Value::as_array).into_iter().flatten()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
