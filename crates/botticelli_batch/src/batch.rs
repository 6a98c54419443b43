//! The settings of a run.

use crate::concurrency::Concurrency;
use crate::output::{OutputKind, OutputPlan};
use crate::progress::{BatchProgress, Observer};
use crate::prompt::{PromptPlan, PromptTemplate};
use crate::{Extra, OutputOrder, QueueGauge, Shard, StopHandle, Table};
use botticelli_core::GenerateRequest;
use botticelli_error::{BotticelliError, BuilderError};
use botticelli_interface::{BotticelliDriver, Clock, RandomSource, SystemRandom};
use botticelli_layers::SystemClock;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// Attempts of a row after errors of the service.
const ATTEMPTS: NonZeroU32 = NonZeroU32::MIN.saturating_add(4);

/// A batch run: a request for every row of a table.
///
/// ```
/// use botticelli_batch::{Batch, Sink, Table};
/// # use botticelli_layers::mock::MockDriver;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # std::env::set_current_dir(&folder)?;
/// # std::fs::write("reviews.jsonl", "{\"id\": 1, \"text\": \"Great!\"}\n")?;
/// # let driver = MockDriver::answering(["positive"]);
/// let report = Batch::new(driver)
///     .with_prompt("Is this review positive or negative?\n{{ text }}")?
///     .run(Table::open("reviews.jsonl")?, Sink::create("labels.jsonl")?)
///     .await?;
/// assert!(report.is_complete());
/// assert_eq!(
///     std::fs::read_to_string("labels.jsonl")?,
///     "{\"id\": 1, \"text\": \"Great!\",\"answer\":\"positive\",\"error\":null}\n"
/// );
/// # Ok(())
/// # }
/// ```
///
/// The answers are in the file `labels.jsonl.journal` as soon as they arrive. A run that ends early continues from it: the next run with
/// the same settings asks only what is missing, and writes the same output as an undisturbed run. With
/// [`with_order`](Self::with_order), the output has each row as soon as its answer arrives.
#[derive(Clone, Debug)]
pub struct Batch {
    pub(crate) driver: Arc<dyn BotticelliDriver>,
    pub(crate) prompt: PromptPlan,
    pub(crate) output: OutputPlan,
    pub(crate) order: OutputOrder,
    pub(crate) concurrency: Concurrency,
    pub(crate) gauge: Option<Arc<dyn QueueGauge>>,
    pub(crate) limit: Option<u64>,
    pub(crate) shard: Option<Shard>,
    pub(crate) is_restart: bool,
    pub(crate) retries_failed: bool,
    pub(crate) attempts: NonZeroU32,
    pub(crate) max_pause: Duration,
    pub(crate) max_waiting: usize,
    pub(crate) stop: StopHandle,
    pub(crate) observer: Option<Observer>,
    pub(crate) interval: Duration,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn RandomSource>,
}

impl Batch {
    /// Returns a run with this driver, without a prompt.
    pub fn new(driver: impl BotticelliDriver + 'static) -> Self {
        Self {
            driver: Arc::new(driver),
            prompt: PromptPlan::default(),
            output: OutputPlan::default(),
            order: OutputOrder::default(),
            concurrency: Concurrency::default(),
            gauge: None,
            limit: None,
            shard: None,
            is_restart: false,
            retries_failed: false,
            attempts: ATTEMPTS,
            max_pause: Duration::from_secs(600),
            max_waiting: crate::run::MAX_WAITING,
            stop: StopHandle::new(),
            observer: None,
            interval: Duration::from_secs(1),
            clock: Arc::new(SystemClock::new()),
            random: Arc::new(SystemRandom::new()),
        }
    }

    /// Sets the template of the user message. It is a minijinja template over the columns of a row: `{{ text }}`.
    ///
    /// A column whose name is not a word is `{{ row["Review text"] }}`: the variable `row` has all columns. In a table
    /// with a column `row`, `{{ row }}` is that column.
    ///
    /// An undefined column is an error; `{{ name | default("") }}` allows it. Null prints as the empty string, lists and objects as JSON.
    ///
    /// # Errors
    ///
    /// A [`DataError`](botticelli_error::DataError) if the template is invalid.
    pub fn with_prompt(mut self, template: &str) -> Result<Self, BotticelliError> {
        self.prompt.prompt = Some(PromptTemplate::parse("prompt", template)?);
        Ok(self)
    }

    /// Sets the template of the system message.
    ///
    /// # Errors
    ///
    /// A [`DataError`](botticelli_error::DataError) if the template is invalid.
    pub fn with_system(mut self, template: &str) -> Result<Self, BotticelliError> {
        self.prompt.system = Some(PromptTemplate::parse("system", template)?);
        Ok(self)
    }

    /// Sets the column with the images of the user message.
    ///
    /// A cell is an address, a path relative to the file of the row, an object with `url`, `path` or `bytes` (base64), or a list of these.
    /// Null means that the row has none. The journal identifies an image by its cell, not by the content of its file.
    pub fn with_images(mut self, column: impl Into<String>) -> Self {
        self.prompt.images = Some(column.into());
        self
    }

    /// Sets the column with a chat: a list of messages, or its JSON text. The system message comes before it, the prompt after it.
    pub fn with_messages(mut self, column: impl Into<String>) -> Self {
        self.prompt.messages = Some(column.into());
        self
    }

    /// Sets the model and the options of all requests. Its messages are ignored. In a file for OpenAI's batch endpoint, they replace those of
    /// each row.
    pub fn with_request(mut self, request: GenerateRequest) -> Self {
        self.prompt.options = request.with_messages(Vec::new());
        self
    }

    /// Sets the name of the column with the text of the answer. Default: `answer`.
    pub fn with_answer_column(mut self, name: impl Into<String>) -> Self {
        self.output.kind = OutputKind::Text(name.into());
        self
    }

    /// Requests answers as values of type `T`, with one column for each field. Every value is validated, and repaired by the model
    /// if it is invalid.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] if the type has no strict schema.
    #[cfg(feature = "schema")]
    pub fn with_output<T>(self) -> Result<Self, BotticelliError>
    where
        T: serde::de::DeserializeOwned + botticelli_interface::schemars::JsonSchema,
    {
        let options = botticelli_interface::TypedOptions::default();
        Ok(self.with_typed_schema(botticelli_interface::TypedSchema::of_type::<T>(options)?))
    }

    /// Requests answers that match a schema, with one column for each property.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] if the schema is invalid.
    #[cfg(feature = "schema")]
    pub fn with_schema(self, schema: &botticelli_core::OutputSchema) -> Result<Self, BotticelliError> {
        let options = botticelli_interface::TypedOptions::default();
        Ok(self.with_typed_schema(botticelli_interface::TypedSchema::of_schema(schema, options)?))
    }

    /// Requests answers that match a compiled schema, with its options.
    #[cfg(feature = "schema")]
    pub fn with_typed_schema(mut self, schema: botticelli_interface::TypedSchema) -> Self {
        let columns = crate::output::schema_columns(&schema);
        self.output.kind = OutputKind::Typed(Arc::new(schema), columns);
        self
    }

    /// Sets the columns about the answer, which follow it. Default: [`Extra::Error`], so that a failure never looks like an answer.
    pub fn with_columns(mut self, columns: impl IntoIterator<Item = Extra>) -> Self {
        self.output.extras = columns.into_iter().collect();
        self
    }

    /// Sets a prefix for the names of all columns of the answer. Default: none.
    pub fn with_column_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.output.prefix = prefix.into();
        self
    }

    /// Sets the order of the rows of the output. Default: [`OutputOrder::Input`]. A later run may use another order.
    pub fn with_order(mut self, order: OutputOrder) -> Self {
        self.order = order;
        self
    }

    /// Fixes the number of calls in flight. Default: as many as the server takes.
    pub fn with_concurrency(mut self, calls: usize) -> Self {
        self.concurrency = Concurrency::Fixed(calls.max(1));
        self
    }

    /// Sets the maximum number of calls in flight. The number adapts to the server. Default: 512.
    pub fn with_max_concurrency(mut self, calls: usize) -> Self {
        self.concurrency = Concurrency::Adaptive(calls.max(1));
        self
    }

    /// Asks equal rows each. Default: equal rows share one request.
    pub fn with_repeats(mut self, repeats: bool) -> Self {
        self.prompt.has_repeats = repeats;
        self
    }

    /// Sets a source of the server's queue, which is read every second. The number of calls in flight then stops to grow while
    /// requests wait in the server, and falls if many do.
    pub fn with_queue_gauge(mut self, gauge: impl QueueGauge + 'static) -> Self {
        self.gauge = Some(Arc::new(gauge));
        self
    }

    /// Limits the run to the first rows of the table.
    pub fn with_limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// Limits the run to the rows of a shard. The output gets the name of the shard: `labels.shard-1-of-4.jsonl`.
    /// [`merge`](Self::merge) makes one output of all shards.
    pub fn with_shard(mut self, shard: Shard) -> Self {
        self.shard = Some(shard);
        self
    }

    /// Retries the rows that failed in earlier runs. Default: their failures are kept.
    pub fn retry_failed(mut self) -> Self {
        self.retries_failed = true;
        self
    }

    /// Discards the answers of earlier runs, and replaces an existing output. The journal with the discarded answers stays under another name,
    /// `labels.jsonl.journal.old`.
    pub fn restart(mut self) -> Self {
        self.is_restart = true;
        self
    }

    /// Sets the longest pause. If the service fails for longer, the run stops. A row that the service asks to send later waits for at most
    /// this time. Default: 10 minutes.
    pub fn with_max_pause(mut self, pause: Duration) -> Self {
        self.max_pause = pause;
        self
    }

    /// Sets the number of attempts of a row after errors of the service, such as a status 500 or a timeout. Each may be billed, and the driver
    /// retries too. Default: 5. Rejections, which cost nothing, are repeated up to 20 times.
    pub fn with_attempts(mut self, attempts: NonZeroU32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets the maximum number of rows of the output that wait for the answer to an earlier row, for tests. If more do, the output is
    /// written at the end.
    #[doc(hidden)]
    pub fn with_max_waiting(mut self, rows: usize) -> Self {
        self.max_waiting = rows;
        self
    }

    /// Sets the handle that stops the run.
    pub fn with_stop(mut self, stop: StopHandle) -> Self {
        self.stop = stop;
        self
    }

    /// Sets a function that sees the progress, about once a second and at the end.
    ///
    /// With an observer, another thread counts the rows of the table.
    pub fn with_observer(mut self, observe: impl Fn(&BatchProgress) + Send + Sync + 'static) -> Self {
        self.observer = Some(Observer::new(observe));
        self
    }

    /// Sets the minimum time between two reports to the observer. Default: 1 s.
    pub fn with_observer_interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Sets the clock. Default: the system's.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the random source, which spreads retries over time.
    pub fn with_random(mut self, random: Arc<dyn RandomSource>) -> Self {
        self.random = random;
        self
    }

    /// Returns the way from a row to its request and to its answer.
    pub(crate) fn plans_for(&self, table: &Table) -> Result<(PromptPlan, OutputPlan), BotticelliError> {
        let (mut prompt, mut output) = (self.prompt.clone(), self.output.clone());
        let has_prompt = prompt.prompt.is_some() || prompt.messages.is_some();
        if table.has_requests() {
            let has_other = has_prompt || prompt.system.is_some() || prompt.images.is_some();
            if has_other || !matches!(output.kind, OutputKind::Text(_)) {
                let reason = "each row of an OpenAI batch file is a whole request";
                let remedy =
                    "leave the prompt and the schema out, or use `Table::open_as` with `Format::JsonLines`";
                return Err(BuilderError::refused(
                    "Batch",
                    "prompt",
                    "a template or a schema",
                    reason,
                    remedy,
                )
                .into());
            }
            prompt.has_requests = true;
            output.kind = OutputKind::OpenAi;
        } else if !has_prompt {
            let remedy = "call `with_prompt` or `with_messages`";
            return Err(BuilderError::missing("Batch", "prompt", remedy).into());
        } else if let Some(template) = prompt.prompt.as_ref().filter(|_| prompt.is_constant()) {
            let start: String = template.source().chars().take(80).collect();
            let reason = "it names no column, so all rows would share one answer";
            let remedy =
                "write a column as `{{ text }}`, or use `with_repeats` to send the prompt for each row";
            return Err(BuilderError::refused("Batch", "prompt", start, reason, remedy).into());
        }
        output.validate()?;
        Ok((prompt, output))
    }
}
