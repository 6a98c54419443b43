//! A model that is loaded.

use crate::config::GgufConfig;
use crate::file::ModelFile;
use crate::grammar::Grammars;
use crate::model::{Parameters, Transformer};
use crate::numbers::{to_u64, to_usize};
use crate::parallel;
use crate::serving::{Engine, EngineLimits};
use crate::simd::{InstructionSet, Level};
use crate::system::available_memory;
use crate::template::ChatTemplate;
use crate::tokenizer::Tokenizer;
use botticelli_error::{BotticelliError, BuilderError, ModelFileError, ModelFileErrorKind};
use std::path::Path;
use std::sync::Arc;

/// Context length if the caller sets none, in tokens.
const CONTEXT_LENGTH: usize = 4_096;

/// Maximum number of responses that are generated together if the caller sets none.
const MAX_CONCURRENT: u32 = 4;

/// A model that is loaded, with the thread that serves it.
#[derive(Debug)]
pub(crate) struct LocalModel {
    pub(crate) name: String,
    pub(crate) config: GgufConfig,
    pub(crate) tokenizer: Arc<Tokenizer>,
    pub(crate) template: Option<ChatTemplate>,
    pub(crate) engine: Engine,
    pub(crate) grammars: Grammars,
    pub(crate) context: usize,
    pub(crate) writes_reasoning: bool,
    /// Distinguishes model files in keys of caches.
    pub(crate) fingerprint: String,
    pub(crate) max_concurrent: u32,
    pub(crate) memory: u64,
    pub(crate) threads: usize,
    pub(crate) instruction_set: InstructionSet,
}

impl LocalModel {
    pub(crate) fn open(
        path: &Path,
        config: GgufConfig,
        provider: &'static str,
    ) -> Result<Self, BotticelliError> {
        check(&config)?;
        let level = Level::detect(config.instruction_set());
        let mut file = ModelFile::open(path, level)?;
        let parameters = Parameters::read(&file)?;
        let context = context_length(&config, parameters.context_length)?;
        let (max_concurrent, memory) = plan(&file, &parameters, context, &config)?;
        let tokenizer = Arc::new(Tokenizer::read(file.metadata())?);
        if parameters.vocabulary < tokenizer.len() {
            let (rows, tokens) = (parameters.vocabulary, tokenizer.len());
            return Err(file
                .metadata()
                .damaged(format!("{rows} embeddings are too few for {tokens} tokens")));
        }
        let template = ChatTemplate::read(file.metadata(), &tokenizer, config.clock())?;
        let writes_reasoning = tokenizer.has("<think>")
            || template.as_ref().is_some_and(|template| template.mentions("</think>"));
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let name = config.model_name().map(str::to_owned).or(stem).unwrap_or_default();
        let fingerprint = format!("{name} {} {}", file.size(), file.checksum());
        let model = Arc::new(Transformer::read(&mut file, parameters)?);
        let threads =
            config.threads().map_or_else(parallel::default_threads, to_usize).min(parallel::cores());
        tracing::debug!(model = %name, context, max_concurrent, memory, threads, "model loaded");
        let limits = EngineLimits {
            max_concurrent: to_usize(max_concurrent),
            queue_length: to_usize(config.queue_length()),
            context,
            cache_type: config.cache_type(),
            threads,
        };
        let clock = Arc::clone(config.clock());
        let engine = Engine::start(model, Arc::clone(&tokenizer), clock, limits, provider, name.clone())?;
        let grammars = Grammars::default();
        Ok(Self {
            name,
            config,
            tokenizer,
            template,
            engine,
            grammars,
            context,
            writes_reasoning,
            fingerprint,
            max_concurrent,
            memory,
            threads,
            instruction_set: level.instruction_set(),
        })
    }
}

fn check(config: &GgufConfig) -> Result<(), BotticelliError> {
    if let Some(responses) = config.max_concurrent().filter(|responses| !(1..=1_024).contains(responses)) {
        let (reason, remedy) = ("it is out of range", "give 1 to 1,024");
        let value = responses.to_string();
        return Err(BuilderError::refused("GgufConfig", "max_concurrent", value, reason, remedy).into());
    }
    if config.threads() == Some(0) {
        let (reason, remedy) = ("no thread would compute", "give at least 1, or leave it out");
        return Err(BuilderError::refused("GgufConfig", "threads", "0", reason, remedy).into());
    }
    config.defaults().validate()
}

fn context_length(config: &GgufConfig, trained: usize) -> Result<usize, BotticelliError> {
    let Some(context) = config.context_length() else { return Ok(trained.min(CONTEXT_LENGTH)) };
    let length = to_usize(context);
    if length < 2 || length > trained {
        let reason = format!("the model supports up to {trained} tokens");
        let remedy = format!("give 2 to {trained}");
        let value = context.to_string();
        return Err(BuilderError::refused("GgufConfig", "context_length", value, reason, remedy).into());
    }
    Ok(length)
}

/// Returns the number of concurrent responses, and the memory of the model with all of them, if it fits.
fn plan(
    file: &ModelFile,
    parameters: &Parameters,
    context: usize,
    config: &GgufConfig,
) -> Result<(u32, u64), BotticelliError> {
    let needed = |responses: u32| {
        let tokens = to_u64(context).saturating_mul(u64::from(responses));
        file.memory()
            .saturating_add(parameters.kv_bytes_per_token(config.cache_type()).saturating_mul(tokens))
    };
    let (least, most) = config.max_concurrent().map_or((1, MAX_CONCURRENT), |set| (set, set));
    let Some(available) = config.memory_limit().or_else(available_memory) else {
        return Ok((most, needed(most)));
    };
    let too_large = || {
        let kind = ModelFileErrorKind::TooLarge { needed: needed(least), available };
        ModelFileError::new(file.metadata().path(), kind).into()
    };
    let fitting = (least..=most).rev().find(|responses| needed(*responses) <= available);
    fitting.map(|responses| (responses, needed(responses))).ok_or_else(too_large)
}
