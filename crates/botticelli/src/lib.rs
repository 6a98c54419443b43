//! Talk to large language models from Rust.
//!
//! ```no_run
//! use botticelli::{BotticelliDriver, HuggingFaceDriver, StreamExt};
//!
//! # async fn example() -> botticelli::Result<()> {
//! let driver = HuggingFaceDriver::from_env("openai/gpt-oss-20b:cheapest")?;
//! println!("{}", driver.generate("Name three painters".into()).await?.text());
//!
//! let mut stream = driver.generate_stream("Tell me a story".into()).await?;
//! while let Some(chunk) = stream.next().await {
//!     print!("{}", chunk?.text());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A driver can also be built from a file, so that the program does not depend on the provider:
//!
//! ```no_run
//! # async fn example() -> botticelli::Result<()> {
//! let driver = botticelli::driver_from_config("botticelli.toml")?;
//! println!("{}", driver.generate("Name three painters".into()).await?.text());
//! # Ok(())
//! # }
//! ```
//!
//! # Vocabulary
//!
//! A *provider* serves models. A [driver](BotticelliDriver) calls one provider. A [request](GenerateRequest) holds
//! [messages](Message). A [response](GenerateResponse) holds outputs, the [finish reason](FinishReason), the [usage](Usage) in
//! tokens and the [cost](Cost). A stream yields [chunks](StreamChunk), and the last chunk contains the whole response. [Tools]
//! are your functions that the model calls in a [run](DriverExt::run_tools). Every failure is a [`BotticelliError`], whose
//! message names the remedy. [Other tasks](tasks), such as embeddings, have a trait for each family.
//!
//! # Guides
//!
//! The module `guide` has one page per subject: streams, tools, typed output, other tasks, dedicated endpoints, local models, money,
//! batch runs, observability, timeouts, testing, the sandbox, blocking use, web handlers and WebAssembly.
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `huggingface` (default) | [`HuggingFaceDriver`]. Implies `models` |
//! | `tasks` | [`tasks`]: embeddings, reranking, classification, images, speech, and others. Implies `huggingface` |
//! | `endpoints` | [`endpoints`]: the management of dedicated endpoints. Implies `tasks` |
//! | `models` | [`driver_from_config`] and the transport, without a provider |
//! | `local` | `gguf` and `huggingface`: all providers that can be built and tested without a token |
//! | `gzip`, `brotli`, `zstd` | compressed responses. Each implies `models` |
//! | `schema` | typed output (`generate_as`, `generate_json`, `stream_as` of [`DriverExt`]) and tools from closures (`Tools::with`) |
//! | `budget`, `cache`, `fallback`, `rate-limit`, `cassette`, `trace`, `mock` | layers around a driver: see [`LayerExt`] |
//! | `sqlite` | ledgers and caches in a file that several processes share |
//! | `redis` | ledgers, caches and rate limits that several machines share |
//! | `batch` | batch runs over tables of JSON Lines: see `Batch` |
//! | `csv`, `parquet` | tables in these formats. Each implies `batch` |
//! | `gguf` | `GgufDriver`: GGUF models in this process |
//! | `grammar` | local responses that follow a JSON schema. Implies `gguf` |
//! | `hub` | `Hub`: models and data sets from the Hugging Face Hub. Implies `huggingface` |
//! | `sandbox` | the module `sandbox`: an offline Hugging Face router on loopback |
//! | `api` | live tests that spend real credits |
//!
//! With `default-features = false` and no features, only types and traits remain, and no HTTP crate is compiled.
//!
//! # What it is not
//!
//! Botticelli has no agent framework and no vector store. Prompt templates exist only for the rows of a batch run.

// Compiles the examples of README.md and HUGGINGFACE.md.
#[cfg(all(doctest, feature = "huggingface", feature = "sandbox", feature = "schema"))]
mod markdown {
    #[doc = include_str!("../../../README.md")]
    struct Readme;
    #[doc = include_str!("../../../HUGGINGFACE.md")]
    struct HuggingFace;
}

#[cfg(feature = "models")]
mod config_file;
#[cfg(feature = "models")]
mod config_tables;
#[cfg(feature = "models")]
mod factory;
#[cfg(all(feature = "gguf", feature = "hub"))]
mod from_hub;
#[cfg(all(feature = "gguf", feature = "hub"))]
mod hub_driver;
#[cfg(feature = "models")]
mod layers;
#[cfg(all(feature = "gguf", feature = "models"))]
mod local;
#[cfg(all(feature = "batch", feature = "hub"))]
mod open_table;
#[cfg(feature = "models")]
mod plain;
#[cfg(feature = "tasks")]
mod task_factory;
#[cfg(feature = "tasks")]
mod task_layers;

/// Guides: one page per task.
///
/// The pages exist in the documentation only. Their examples are compiled by `cargo test --doc --all-features`.
#[cfg(all(
    any(doc, doctest),
    feature = "batch",
    feature = "budget",
    feature = "cache",
    feature = "endpoints",
    feature = "fallback",
    feature = "mock",
    feature = "sandbox",
    feature = "schema",
    feature = "trace"
))]
pub mod guide {
    #[doc = include_str!("guide/batch.md")]
    pub mod batch {}
    #[doc = include_str!("guide/blocking.md")]
    pub mod blocking {}
    #[doc = include_str!("guide/endpoints.md")]
    pub mod endpoints {}
    #[doc = include_str!("guide/local.md")]
    pub mod local {}
    #[doc = include_str!("guide/money.md")]
    pub mod money {}
    #[doc = include_str!("guide/observability.md")]
    pub mod observability {}
    #[doc = include_str!("guide/sandbox.md")]
    pub mod sandbox {}
    #[doc = include_str!("guide/streams.md")]
    pub mod streams {}
    #[doc = include_str!("guide/tasks.md")]
    pub mod tasks {}
    #[doc = include_str!("guide/testing.md")]
    pub mod testing {}
    #[doc = include_str!("guide/timeouts.md")]
    pub mod timeouts {}
    #[doc = include_str!("guide/tools.md")]
    pub mod tools {}
    #[doc = include_str!("guide/typed_output.md")]
    pub mod typed_output {}
    #[doc = include_str!("guide/wasm.md")]
    pub mod wasm {}
    #[doc = include_str!("guide/web.md")]
    pub mod web {}
}

/// Tasks other than text generation: embeddings, classification, images, speech, and others.
///
/// A driver implements one trait for each family of tasks. `HuggingFaceDriver::builder(model).build_tasks()` builds a
/// `HuggingFaceTasks`, which implements all of them.
///
/// ```no_run
/// # async fn example() -> botticelli::Result<()> {
/// use botticelli::HuggingFaceDriver;
/// use botticelli::tasks::EmbeddingDriver;
///
/// let driver = HuggingFaceDriver::builder("sentence-transformers/all-MiniLM-L6-v2").build_tasks()?;
/// let response = driver.embed(["A painter in Florence", "An artist in Italy"].into()).await?;
/// if let [first, second] = response.embeddings() {
///     println!("{:?}", first.cosine_similarity(second));
/// }
/// # Ok(())
/// # }
/// ```
#[cfg(feature = "tasks")]
pub mod tasks {
    pub use botticelli_core::tasks::{
        AggregationStrategy, Answer, AudioClassificationRequest, AudioClassificationRequestBuilder,
        AudioToAudioRequest, AudioToAudioRequestBuilder, AudioToAudioResponse, AudioTrack, BoundingBox,
        ClassificationRequest, ClassificationRequestBuilder, ClassificationResponse, DetectedObject,
        DocumentQuestionRequest, DocumentQuestionRequestBuilder, Embedding, EmbeddingEncoding,
        EmbeddingRequest, EmbeddingRequestBuilder, EmbeddingResponse, Entity, FillMaskRequest,
        FillMaskRequestBuilder, FillMaskResponse, ImageClassificationRequest,
        ImageClassificationRequestBuilder, ImageSegment, ImageSegmentationRequest,
        ImageSegmentationRequestBuilder, ImageSegmentationResponse, ImageToImageRequest,
        ImageToImageRequestBuilder, ImageToTextRequest, ImageToTextRequestBuilder, ImageToTextResponse,
        LabelScore, MaskFill, Media, MediaResponse, ObjectDetectionRequest, ObjectDetectionRequestBuilder,
        ObjectDetectionResponse, QuestionAnsweringRequest, QuestionAnsweringRequestBuilder,
        QuestionAnsweringResponse, RankedDocument, RerankRequest, RerankRequestBuilder, RerankResponse,
        ScoreFunction, SegmentationSubtask, SimilarityRequest, SimilarityRequestBuilder, SimilarityResponse,
        SparseEmbedding, SparseEmbeddingRequest, SparseEmbeddingRequestBuilder, SparseEmbeddingResponse,
        SummarizationRequest, SummarizationRequestBuilder, SummarizationResponse, Table, TableAnswer,
        TableQuestionRequest, TableQuestionRequestBuilder, TableQuestionResponse,
        TabularClassificationResponse, TabularRegressionResponse, TabularRequest, TabularRequestBuilder,
        TaskMetadata, TaskMetadataBuilder, TaskOptions, TextToAudioRequest, TextToAudioRequestBuilder,
        TextToImageRequest, TextToImageRequestBuilder, TextToSpeechRequest, TextToSpeechRequestBuilder,
        TextTruncation, TokenClassificationRequest, TokenClassificationRequestBuilder,
        TokenClassificationResponse, TranscriptChunk, TranscriptionRequest, TranscriptionRequestBuilder,
        TranscriptionResponse, TranslationRequest, TranslationRequestBuilder, TranslationResponse,
        TruncationDirection, VideoRequest, VideoRequestBuilder, VisualQuestionRequest,
        VisualQuestionRequestBuilder, WordBox, ZeroShotImageRequest, ZeroShotImageRequestBuilder,
        ZeroShotRequest, ZeroShotRequestBuilder,
    };
    pub use botticelli_interface::tasks::{
        AudioTaskDriver, ClassificationDriver, EmbeddingDriver, EveryTaskDriver, ImageTaskDriver,
        MediaGenerationDriver, QuestionAnsweringDriver, RerankDriver, SimilarityDriver,
        SparseEmbeddingDriver, TabularDriver, TaskDriver, TextTaskDriver,
    };
    pub use botticelli_models::MediaFile;
    pub use botticelli_models::huggingface::{
        HuggingFaceTasks, JobObserver, JobProgress, SupportedTask, TaskApi,
    };
}

/// Dedicated endpoints of Hugging Face: create, change, pause, resume and delete them, and call them.
///
/// ```no_run
/// # async fn example() -> botticelli::Result<()> {
/// use botticelli::endpoints::Endpoints;
///
/// for endpoint in Endpoints::from_env()?.list().await? {
///     println!("{} ({})", endpoint.name(), endpoint.state());
/// }
/// # Ok(())
/// # }
/// ```
#[cfg(feature = "endpoints")]
pub mod endpoints {
    pub use botticelli_models::huggingface::{
        EndpointAccess, EndpointImage, EndpointInstance, EndpointObserver, EndpointPrice, EndpointProgress,
        EndpointSpec, EndpointState, EndpointUpdate, Endpoints, EndpointsBuilder, InferenceEndpoint,
        TokenOwner,
    };
}

/// Result with a [`BotticelliError`]. [`ModelsResult`] is the same type.
pub type Result<T, E = BotticelliError> = std::result::Result<T, E>;

// For `impl BotticelliDriver for YourDriver`.
pub use async_trait::async_trait;
#[cfg(feature = "batch")]
pub use botticelli_batch::{
    self as batch, Batch, BatchEstimate, BatchProgress, BatchReport, Extra, MergeReport, Row, Shard, Sink,
    StopHandle, StopReason, Table,
};
pub use botticelli_core::{
    AuthConfig, Choice, ChunkCollector, Compatibility, CompletionRequest, CompletionRequestBuilder, Cost,
    CostEstimate, CostSource, Delta, DriverKind, FinishReason, GenerateRequest, GenerateRequestBuilder,
    GenerateResponse, GenerateResponseBuilder, GenerationConfig, Input, LayerKind, LlmConfig,
    LlmConfigBuilder, Logprobs, MediaSource, Message, MessageBuilder, ModelFilter, ModelInfo, ModelMatch,
    Output, OutputSchema, Price, PricedRoute, ProviderListing, RateLimitStatus, ReasoningEffort, RequestMemo,
    ResponseFormat, Retry, RetryConfig, RetryGate, Role, RoutingDecision, SearchOrder, SentFlag,
    SkippedRoute, StreamChunk, StreamChunkBuilder, Throughput, Timeouts, Timings, TokenLogprob, ToolCall,
    ToolCallDelta, ToolChoice, ToolDefinition, Usage, UsageBuilder, Usd,
};
#[cfg(feature = "huggingface")]
pub use botticelli_error::HuggingFaceErrorKind;
pub use botticelli_error::{
    BotticelliError, BotticelliErrorKind, BudgetError, BudgetErrorKind, BudgetPeriod, BudgetUnit,
    BuilderError, CertificateProblem, ConfigError, DataError, DataErrorKind, EndpointError,
    EndpointErrorKind, ErrorCategory, ErrorDetails, HttpError, HttpErrorKind, HubError, HubErrorKind,
    InterruptedError, JsonError, JsonErrorKind, LimitError, LimitErrorKind, ModelFileError,
    ModelFileErrorKind, ModelsError, ModelsErrorKind, ModelsResult, PartialResponse, PartialToolCall,
    StoreError, StoreErrorKind, TimeoutKind,
};
// Traits for every driver, and the tools that a model may call.
#[cfg(feature = "gguf")]
pub use botticelli_gguf::{self as gguf, CacheType, GgufConfig, GgufDriver, InstructionSet};
pub use botticelli_interface::{
    Approval, BotticelliDriver, ChunkStream, Clock, CompletionDriver, DriverExt, FixedRandom, JsonOutput,
    ManualClock, RandomSource, SystemRandom, Tool, ToolEvent, ToolLimits, ToolOutcome, ToolOutput,
    ToolResult, ToolRun, ToolRunError, ToolStep, ToolStream, Tools, response_stream,
};
#[cfg(feature = "schema")]
pub use botticelli_interface::{
    Fallback, Partial, PartialJson, PartialStream, Repair, TypedMode, TypedOptions, TypedResponse, Violation,
    schemars, tool_definition,
};
#[cfg(any(
    feature = "budget",
    feature = "cache",
    feature = "cassette",
    feature = "fallback",
    feature = "mock",
    feature = "rate-limit",
    feature = "trace"
))]
pub use botticelli_layers::LayerExt;
#[cfg(feature = "budget")]
pub use botticelli_layers::budget::{
    self, Budget, BudgetConfig, Budgeted, Ledger, LedgerLine, LedgerReport, OnCreditsExhausted,
    OnUnknownPrice,
};
#[cfg(feature = "cache")]
pub use botticelli_layers::cache::{self, Cache, CacheConfig, CacheEntry, CacheMode, Cached};
#[cfg(feature = "cassette")]
pub use botticelli_layers::cassette::{self, CassetteConfig, CassetteMode, Match, Player, Recorded};
#[cfg(feature = "fallback")]
pub use botticelli_layers::fallback::{self, FallbackConfig, FallbackDriver, FallbackRoute};
#[cfg(feature = "mock")]
pub use botticelli_layers::mock::{self, MockCall, MockDriver, MockReply};
#[cfg(feature = "rate-limit")]
pub use botticelli_layers::rate_limit::{self, RateLimit, RateLimitConfig, RateLimited};
#[cfg(feature = "trace")]
pub use botticelli_layers::trace::{self, CallOutcome, CallRecord, Trace, TraceConfig, Traced};
#[cfg(feature = "models")]
pub use botticelli_models::Environment;
#[cfg(feature = "hub")]
pub use botticelli_models::hub::{self, FileFilter, GgufModel, Hub, HubBuilder};
#[cfg(feature = "huggingface")]
pub use botticelli_models::huggingface::{
    self, Catalog, HuggingFaceConfig, HuggingFaceDriver, HuggingFaceDriverBuilder, ModelRoute, ProviderPolicy,
};
#[cfg(feature = "models")]
pub use botticelli_models::transport::{Limits, Observer, Wait};
#[cfg(feature = "sandbox")]
pub use botticelli_sandbox as sandbox;
#[cfg(feature = "models")]
pub use config_file::{config_from_file, config_from_toml};
#[cfg(feature = "models")]
pub use factory::{driver_from, driver_from_config};
#[cfg(all(feature = "gguf", feature = "hub"))]
pub use from_hub::FromHub;
#[cfg(all(feature = "batch", feature = "hub"))]
pub use open_table::{open_table, open_table_with};
#[cfg(feature = "tasks")]
pub use task_factory::{
    embedder_from_config, embedder_from_toml, reranker_from_config, tasks_from_config, tasks_from_toml,
};
// For `stream.next()`.
pub use futures::StreamExt;
/// The trait of types with a JSON Schema, and its derive macro.
///
/// The derive macro must find `schemars`, which this crate re-exports. Set its path on the type:
///
/// ```
/// # #[cfg(feature = "schema")] {
/// #[derive(serde::Deserialize, botticelli::JsonSchema)]
/// #[schemars(crate = "botticelli::schemars")]
/// struct Painter {
///     name: String,
/// }
/// # }
/// ```
///
/// Alternatively, import it once in the module:
///
/// ```
/// # #[cfg(feature = "schema")] {
/// use botticelli::{JsonSchema, schemars};
///
/// #[derive(serde::Deserialize, JsonSchema)]
/// struct Painter {
///     name: String,
/// }
/// # }
/// ```
///
/// A schema that is built at runtime is an [`OutputSchema`].
#[cfg(feature = "schema")]
#[doc(inline)]
pub use schemars::JsonSchema;
