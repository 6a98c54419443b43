//! The driver.

use crate::config::GgufConfig;
use crate::grammar::{Constraint, Grammars};
use crate::local_model::LocalModel;
use crate::numbers::{to_u64, to_usize};
use crate::output::{ReasoningTags, ToolDialect};
use crate::requests::{Call, ExtraSettings, Options, check_tokens};
use crate::serving::{ResponseMetadata, ResponseStream};
use crate::simd::InstructionSet;
use crate::template::{ChatTemplate, Conversation};
use async_trait::async_trait;
use botticelli_core::{
    CompletionRequest, CostEstimate, GenerateRequest, GenerateResponse, GenerationConfig, ModelInfo,
    ProviderListing, ResponseFormat, ToolChoice, ToolDefinition,
};
use botticelli_error::{BotticelliError, ErrorCategory, ErrorDetails, ModelsError, ModelsErrorKind};
use botticelli_interface::{BotticelliDriver, ChunkStream, CompletionDriver};
use futures::StreamExt;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

/// The name of the provider.
const PROVIDER: &str = "gguf";

/// A driver that runs a GGUF model in this process.
///
/// Clones share the weights and the thread that decodes. A response costs nothing.
///
/// ```no_run
/// use botticelli_gguf::GgufDriver;
/// use botticelli_interface::BotticelliDriver;
///
/// # async fn example() -> Result<(), botticelli_error::BotticelliError> {
/// let driver = GgufDriver::open("smollm2-135m-instruct-q4_1.gguf")?;
/// println!("{}", driver.generate("Name three colors".into()).await?.text());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct GgufDriver(Arc<LocalModel>);

impl GgufDriver {
    /// Loads a model file with the default settings. The call blocks until the file is read.
    ///
    /// # Errors
    ///
    /// A [`ModelFileError`](botticelli_error::ModelFileError) if the file cannot be read, is damaged, has an unsupported
    /// architecture, tokenizer or quantization, or does not fit into the memory.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, BotticelliError> {
        Self::open_with(path, GgufConfig::default())
    }

    /// Loads a model file with these settings. The call blocks until the file is read.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and a [`BuilderError`](botticelli_error::BuilderError) for a setting that is out of range.
    pub fn open_with(path: impl AsRef<Path>, config: GgufConfig) -> Result<Self, BotticelliError> {
        LocalModel::open(path.as_ref(), config, PROVIDER).map(|model| Self(Arc::new(model)))
    }

    /// Returns the settings.
    pub fn config(&self) -> &GgufConfig {
        &self.0.config
    }

    /// Returns the maximum number of tokens of a conversation, prompt and response together.
    pub fn context_length(&self) -> usize {
        self.0.context
    }

    /// Returns the maximum number of responses that are generated together.
    pub fn max_concurrent(&self) -> u32 {
        self.0.max_concurrent
    }

    /// Returns the number of threads that compute.
    pub fn threads(&self) -> usize {
        self.0.threads
    }

    /// Returns the set of instructions that the model computes with.
    pub fn instruction_set(&self) -> InstructionSet {
        self.0.instruction_set
    }

    /// Returns the memory for the weights, and for the keys and values of all concurrent conversations at full length, in bytes.
    pub fn memory(&self) -> u64 {
        self.0.memory
    }

    /// Returns the number of responses that are generated now or wait for their turn.
    pub fn open_responses(&self) -> usize {
        self.0.engine.load()
    }

    /// Returns the tokens of a text. The texts of control tokens stay text. The begin token is included if the model requires it.
    pub fn tokenize(&self, text: &str) -> Vec<u32> {
        self.0.tokenizer.encode_text(text)
    }

    /// Returns the text that the model reads for a request: the chat template with the messages.
    ///
    /// # Errors
    ///
    /// As [`generate`](BotticelliDriver::generate), before anything is computed.
    pub fn render(&self, request: &GenerateRequest) -> Result<String, BotticelliError> {
        request.validate()?;
        self.rendered(request).map(|(text, _)| text.replace(crate::tokenizer::GUARD, ""))
    }

    fn rendered(&self, request: &GenerateRequest) -> Result<(String, ReasoningTags), BotticelliError> {
        let Some(template) = &self.0.template else {
            let what = format!("{} has no chat template", self.0.name);
            let remedy = "use an instruct model, or call `CompletionDriver::complete`";
            return Err(self.rejected(ErrorCategory::NotChatModel, what, remedy));
        };
        let conversation = Conversation::new(request, &self.0.tokenizer, PROVIDER)?;
        let rendering = template.render(&conversation)?;
        let tags = match self.0.writes_reasoning {
            _ if rendering.opens_reasoning => ReasoningTags::Opened,
            true => ReasoningTags::Possible,
            false => ReasoningTags::None,
        };
        Ok((rendering.text, tags))
    }

    fn rejected(
        &self,
        category: ErrorCategory,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> BotticelliError {
        let kind = ModelsErrorKind::Rejected { category, what: what.into(), remedy: remedy.into() };
        let mut details = ErrorDetails::new(PROVIDER);
        details.model = Some(self.0.name.clone());
        ModelsError::new(kind, details).into()
    }

    fn check_model(&self, model: Option<&str>) -> Result<(), BotticelliError> {
        match model.filter(|model| *model != self.0.name) {
            None => Ok(()),
            Some(model) => {
                let what = format!("the model {model:?} is not loaded");
                let remedy = format!("leave it out, or write {:?}", self.0.name);
                Err(self.rejected(ErrorCategory::NotFound, what, remedy))
            }
        }
    }

    /// Checks the length of a text before it is tokenized, because tokenizing a huge text takes long.
    fn check_size(&self, text: &str) -> Result<(), BotticelliError> {
        // No token of a supported vocabulary is longer.
        if text.len() / 256 < self.0.context {
            return Ok(());
        }
        Err(self.too_long(&format!("{} bytes", text.len())))
    }

    fn check_tokens(&self, tokens: &[u32]) -> Result<(), BotticelliError> {
        match tokens.len() {
            0 => {
                let remedy = "give at least one word";
                Err(botticelli_error::BuilderError::missing("CompletionRequest", "prompt", remedy).into())
            }
            count if count >= self.0.context => Err(self.too_long(&format!("{count} tokens"))),
            _ => Ok(()),
        }
    }

    fn too_long(&self, size: &str) -> BotticelliError {
        let what = format!("the prompt has {size}, and the context has {} tokens", self.0.context);
        let remedy = "shorten the conversation, or raise `context_length`";
        self.rejected(ErrorCategory::ContextExceeded, what, remedy)
    }

    fn chat(&self, request: &GenerateRequest, is_stream: bool) -> Result<Call, BotticelliError> {
        request.validate()?;
        self.check_model(request.model())?;
        let extra = ExtraSettings::read("GenerateRequest", request.extra())?;
        let tools = self.tools(request)?;
        let dialect = tools.as_ref().map(|(dialect, _)| *dialect);
        let (text, tags) = self.rendered(request)?;
        self.check_size(&text)?;
        let prompt = self.0.tokenizer.encode_template(&text);
        self.check_tokens(&prompt)?;
        check_tokens(request.logit_bias(), self.0.tokenizer.len())?;
        let is_reported = request.logprobs() == Some(true);
        let choices = request.n().unwrap_or(1);
        if choices > 128 {
            let (value, remedy) = (choices.to_string(), "give 1 to 128");
            let reason = "it is out of range";
            return Err(botticelli_error::BuilderError::refused(
                "GenerateRequest",
                "n",
                value,
                reason,
                remedy,
            )
            .into());
        }
        Ok(Call {
            prompt,
            tags,
            tools,
            constraint: self.constraint(request, dialect)?,
            generation: request.clone().with_defaults(self.0.config.defaults()).generation().clone(),
            options: Options {
                extra,
                choices,
                logprobs: is_reported.then(|| request.top_logprobs().map_or(0, to_usize)),
                logit_bias: request.logit_bias().clone(),
                timeouts: request.timeouts().unwrap_or(self.0.config.timeouts()),
                is_stream,
            },
        })
    }

    /// Returns the tools that the model may call, and the form of the calls.
    fn tools(
        &self,
        request: &GenerateRequest,
    ) -> Result<Option<(ToolDialect, Vec<String>)>, BotticelliError> {
        if request.tools().is_empty() || matches!(request.tool_choice(), Some(ToolChoice::None)) {
            return Ok(None);
        }
        let Some(dialect) = self.0.template.as_ref().and_then(ChatTemplate::tool_dialect) else {
            let remedy = "leave them out, or use a model whose chat template has tools";
            return Err(ModelsError::unsupported(PROVIDER, "`tools`", remedy).into());
        };
        Ok(Some((dialect, request.tools().iter().map(|tool| tool.name().to_owned()).collect())))
    }

    /// Returns the grammar of the response: of its format, and of the calls that it must contain.
    fn constraint(
        &self,
        request: &GenerateRequest,
        dialect: Option<ToolDialect>,
    ) -> Result<Option<Constraint>, BotticelliError> {
        let any_object = json!({"type": "object"});
        let schema = request.response_format().map(|format| match format {
            ResponseFormat::JsonSchema(format) => format.schema(),
            _ => &any_object,
        });
        let named = match request.tool_choice() {
            Some(ToolChoice::Function(name)) => Some(name),
            _ => None,
        };
        let is_required = named.is_some() || matches!(request.tool_choice(), Some(ToolChoice::Required));
        let (grammars, tokenizer) = (&self.0.grammars, &self.0.tokenizer);
        match (dialect, schema) {
            (Some(dialect), answer) if is_required || answer.is_some() => {
                let may_call = |tool: &&ToolDefinition| named.is_none_or(|name| tool.name() == name);
                let tools: Vec<_> = request.tools().iter().filter(may_call).collect();
                let allows_several = named.is_none() && request.parallel_tool_calls() != Some(false);
                let answer = answer.filter(|_| !is_required);
                grammars.compile_tools(tokenizer, dialect, &tools, allows_several, answer).map(Some)
            }
            (_, Some(schema)) => grammars.compile(tokenizer, schema).map(Some),
            (_, None) => Ok(None),
        }
    }

    fn completion(&self, request: &CompletionRequest, is_stream: bool) -> Result<Call, BotticelliError> {
        request.validate()?;
        self.check_model(request.model())?;
        let extra = ExtraSettings::read("CompletionRequest", request.extra())?;
        self.check_size(request.prompt())?;
        let prompt = self.0.tokenizer.encode_text(request.prompt());
        self.check_tokens(&prompt)?;
        Ok(Call {
            prompt,
            tags: ReasoningTags::None,
            tools: None,
            constraint: None,
            generation: request.clone().with_defaults(self.0.config.defaults()).generation().clone(),
            options: Options {
                extra,
                choices: 1,
                logprobs: request.logprobs().map(to_usize),
                logit_bias: std::collections::BTreeMap::new(),
                timeouts: request.timeouts().unwrap_or(self.0.config.timeouts()),
                is_stream,
            },
        })
    }

    fn start(&self, call: Call) -> Result<ResponseStream, BotticelliError> {
        let clock = Arc::clone(self.0.config.clock());
        let started = clock.now();
        let random = self.0.config.random();
        // Two fractions give 60 bits.
        let bits =
            |fraction: f64| format!("{:.0}", fraction * 1_073_741_824.0).parse::<u64>().unwrap_or_default();
        let seed = (bits(random.fraction()) << 30) | bits(random.fraction());
        let metadata = ResponseMetadata { model: self.0.name.clone(), clock, started, warnings: Vec::new() };
        ResponseStream::start(&self.0.engine, call.into_jobs(started, seed), metadata)
    }
}

/// Reads a stream to its end.
async fn collected(mut stream: ResponseStream) -> Result<GenerateResponse, BotticelliError> {
    let mut response = None;
    while let Some(chunk) = stream.next().await {
        response = chunk?.into_response();
    }
    // The stream ends with a response or an error.
    Ok(response.unwrap_or_default())
}

#[async_trait]
impl BotticelliDriver for GgufDriver {
    async fn generate(&self, request: GenerateRequest) -> Result<GenerateResponse, BotticelliError> {
        collected(self.start(self.chat(&request, false)?)?).await
    }

    async fn generate_stream(&self, request: GenerateRequest) -> Result<ChunkStream, BotticelliError> {
        Ok(self.start(self.chat(&request, true)?)?.boxed())
    }

    fn provider_name(&self) -> &'static str {
        PROVIDER
    }

    fn model_name(&self) -> &str {
        &self.0.name
    }

    async fn model_info(&self, model: &str) -> Result<Option<ModelInfo>, BotticelliError> {
        if model != self.0.name {
            return Ok(None);
        }
        let mut listing = ProviderListing::new(PROVIDER);
        listing.context_length = Some(to_u64(self.0.context));
        let dialect = self.0.template.as_ref().and_then(ChatTemplate::tool_dialect);
        listing.supports_tools = Some(dialect.is_some());
        listing.supports_structured_output = Some(Grammars::AVAILABLE);
        let mut info = ModelInfo::new(model);
        info.providers.push(listing);
        Ok(Some(info))
    }

    async fn estimate(&self, request: &GenerateRequest) -> Result<CostEstimate, BotticelliError> {
        let completion = request.max_tokens().or(self.0.config.defaults().max_tokens());
        Ok(self.estimated(completion, request.n().unwrap_or(1)))
    }

    fn generation_defaults(&self) -> GenerationConfig {
        self.0.config.defaults().clone()
    }

    fn canonical_request(&self, request: &GenerateRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
        let request = request.clone().without_model().with_defaults(self.0.config.defaults());
        Ok(Some(json!({"model": self.0.fingerprint, "chat": request}).to_string().into_bytes()))
    }
}

impl GgufDriver {
    /// Returns an estimate: no cost, and the tokens of the whole context if the response has no limit.
    fn estimated(&self, completion: Option<u32>, choices: u32) -> CostEstimate {
        // The prompt is at most the context.
        let context = to_u64(self.0.context);
        let response = completion.map_or(context, |tokens| u64::from(tokens).min(context));
        let tokens = context.saturating_add(response.saturating_mul(u64::from(choices)));
        CostEstimate::at_most(0).with_tokens(Some(tokens))
    }
}

#[async_trait]
impl CompletionDriver for GgufDriver {
    async fn complete(&self, request: CompletionRequest) -> Result<GenerateResponse, BotticelliError> {
        collected(self.start(self.completion(&request, false)?)?).await
    }

    async fn complete_stream(&self, request: CompletionRequest) -> Result<ChunkStream, BotticelliError> {
        Ok(self.start(self.completion(&request, true)?)?.boxed())
    }

    async fn estimate_completion(
        &self,
        request: &CompletionRequest,
    ) -> Result<CostEstimate, BotticelliError> {
        let completion = request.max_tokens().or(self.0.config.defaults().max_tokens());
        Ok(self.estimated(completion, 1))
    }

    fn canonical_completion(&self, request: &CompletionRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
        let request = request.clone().without_model().with_defaults(self.0.config.defaults());
        Ok(Some(json!({"model": self.0.fingerprint, "completion": request}).to_string().into_bytes()))
    }
}

impl std::fmt::Debug for GgufDriver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GgufDriver")
            .field("model", &self.0.name)
            .field("context_length", &self.0.context)
            .field("config", &self.0.config)
            .finish_non_exhaustive()
    }
}
