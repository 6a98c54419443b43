//! Everything that a run needs.

use crate::output::OutputPlan;
use crate::prompt::{Fingerprint, PromptPlan};
use crate::{Format, OutputOrder, Shard, Sink, Table};
use botticelli_interface::BotticelliDriver;
use std::sync::Arc;

/// Everything that a run needs to know about its rows, fixed at its start.
#[derive(Debug)]
pub(crate) struct RunPlan {
    pub(crate) table: Table,
    pub(crate) sink: Sink,
    pub(crate) prompt: PromptPlan,
    pub(crate) output: OutputPlan,
    pub(crate) order: OutputOrder,
    pub(crate) fingerprint: Fingerprint,
    /// The part of a key that all rows share.
    pub(crate) run_key: Vec<u8>,
    pub(crate) shard: Option<Shard>,
    pub(crate) limit: Option<u64>,
}

impl RunPlan {
    pub(crate) fn new(
        table: Table,
        sink: Sink,
        prompt: PromptPlan,
        output: OutputPlan,
        driver: &dyn BotticelliDriver,
    ) -> Self {
        let model = prompt.options.model().unwrap_or(driver.model_name());
        let options = prompt.options.clone().with_defaults(&driver.generation_defaults());
        // The model has its own place, unless it replaces that of each row.
        let options = if prompt.has_requests { options } else { options.without_model() };
        let options = serde_json::to_vec(&options).unwrap_or_default();
        let names = table.files().iter().filter_map(|path| path.file_name());
        let fingerprint = Fingerprint {
            prompt: prompt.prompt_hash(),
            model: format!("{} {model}", driver.provider_name()),
            schema: Fingerprint::hash([output.kind.identity().as_bytes()]),
            options: Fingerprint::hash([options.as_slice()]),
            inputs: names
                .take(Fingerprint::MAX_INPUTS)
                .map(|name| name.to_string_lossy().into_owned())
                .collect(),
        };
        let Fingerprint { model, schema, options, .. } = &fingerprint;
        let run_key =
            Fingerprint::hash([model.as_bytes(), schema.as_bytes(), options.as_bytes()]).into_bytes();
        Self {
            table,
            sink,
            prompt,
            output,
            order: OutputOrder::Input,
            fingerprint,
            run_key,
            shard: None,
            limit: None,
        }
    }

    /// Returns whether the rows of the first pass have all columns, because it writes them, or keeps them for the output.
    pub(crate) fn carries_rows(&self) -> bool {
        // A row of a Parquet file keeps its whole batch in memory, of which a shard needs few rows.
        let is_light = self.shard.is_none() || self.table.format() != Format::Parquet;
        self.order == OutputOrder::Completion || (self.sink.is_file() && is_light)
    }
}

/// The plan, as both passes and the blocking tasks share it.
pub(crate) type SharedPlan = Arc<RunPlan>;
