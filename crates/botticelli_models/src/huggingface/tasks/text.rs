//! Tasks that write text: fill mask, summarization, translation.

use super::batches::in_batches;
use super::body::{OneOrMany, Parameters};
use super::call::{Reply, TaskCall};
use super::driver::HuggingFaceTasks;
use super::lists::{flat, nested};
use super::task::Task;
use async_trait::async_trait;
use botticelli_core::tasks::{
    FillMaskRequest, FillMaskResponse, MaskFill, SummarizationRequest, SummarizationResponse,
    TranslationRequest, TranslationResponse,
};
use botticelli_error::BotticelliError;
use botticelli_interface::tasks::TextTaskDriver;
use serde::Deserialize;

pub(super) const FILL_MASK: Task = Task::hosted("fill-mask");
pub(super) const SUMMARIZATION: Task = Task::hosted("summarization");
pub(super) const TRANSLATION: Task = Task::hosted("translation");

#[derive(Debug, Deserialize)]
struct MaskDto {
    score: f64,
    #[serde(default)]
    token: Option<u64>,
    token_str: String,
    #[serde(default)]
    sequence: String,
}

#[derive(Debug, Deserialize)]
struct TextDto {
    #[serde(alias = "summary_text", alias = "translation_text")]
    generated_text: String,
}

#[async_trait]
impl TextTaskDriver for HuggingFaceTasks {
    async fn fill_mask(&self, request: FillMaskRequest) -> Result<FillMaskResponse, BotticelliError> {
        request.validate()?;
        let call = TaskCall::start(self, &FILL_MASK, "FillMaskRequest", request.options()).await?;
        let parameters = Parameters::default().with("top_k", request.top_k()).with_all(
            "targets",
            request.targets().is_empty(),
            request.targets(),
        );
        let body = call.json(&parameters.body(request.input()), Some("parameters"))?;
        // Several masks have a list each, so the number of lists is not known.
        let read = |reply: &Reply<'_>| {
            let has_lists = reply.text.trim_start_matches('[').len().saturating_add(1) < reply.text.len();
            if has_lists { reply.parse::<Vec<Vec<MaskDto>>>() } else { nested(reply, 1) }
        };
        let (masks, facts) = call.post(&call.hosted_url()?, &body, read).await?;
        let fill =
            |dto: MaskDto| MaskFill::new(dto.token_str, dto.score, dto.sequence).with_token_id(dto.token);
        let masks = masks.into_iter().map(|mask| mask.into_iter().map(fill).collect()).collect();
        Ok(FillMaskResponse::new(masks).with_metadata(call.with_usage(facts, None, None)))
    }

    async fn summarize(
        &self,
        request: SummarizationRequest,
    ) -> Result<SummarizationResponse, BotticelliError> {
        request.validate()?;
        let call = &TaskCall::start(self, &SUMMARIZATION, "SummarizationRequest", request.options()).await?;
        let (request, url) = (&request, &call.hosted_url()?);
        // The specification allows one text in a request.
        let part = |range| async move {
            let texts = request.inputs().get::<std::ops::Range<usize>>(range).unwrap_or_default();
            let generate = request.generate_parameters();
            let parameters = Parameters::default()
                .with("clean_up_tokenization_spaces", request.clean_up_tokenization_spaces())
                .with("truncation", request.truncation())
                .with_all("generate_parameters", generate.is_empty(), generate);
            let body = call.json(&parameters.body(OneOrMany::from(texts)), Some("parameters"))?;
            call.post(url, &body, |reply| read_texts(reply, texts.len())).await
        };
        let parts = in_batches(call, 1, request.inputs().len(), part).await?;
        let (summaries, facts) = call.join(parts);
        Ok(SummarizationResponse::new(summaries).with_metadata(facts))
    }

    async fn translate(&self, request: TranslationRequest) -> Result<TranslationResponse, BotticelliError> {
        request.validate()?;
        let call = &TaskCall::start(self, &TRANSLATION, "TranslationRequest", request.options()).await?;
        let (request, url) = (&request, &call.hosted_url()?);
        let part = |range| async move {
            let texts = request.inputs().get::<std::ops::Range<usize>>(range).unwrap_or_default();
            let generate = request.generate_parameters();
            let parameters = Parameters::default()
                .with("src_lang", request.source_language())
                .with("tgt_lang", request.target_language())
                .with("clean_up_tokenization_spaces", request.clean_up_tokenization_spaces())
                .with("truncation", request.truncation())
                .with_all("generate_parameters", generate.is_empty(), generate);
            let body = call.json(&parameters.body(OneOrMany::from(texts)), Some("parameters"))?;
            call.post(url, &body, |reply| read_texts(reply, texts.len())).await
        };
        let parts = in_batches(call, self.batch_size, request.inputs().len(), part).await?;
        let (translations, facts) = call.join(parts);
        Ok(TranslationResponse::new(translations).with_metadata(facts))
    }
}

/// Reads one text for each input.
fn read_texts(reply: &Reply<'_>, count: usize) -> Result<Vec<String>, BotticelliError> {
    let texts: Vec<TextDto> = flat(reply)?;
    if texts.len() == count {
        return Ok(texts.into_iter().map(|text| text.generated_text).collect());
    }
    Err(reply.invalid(&format!("{} texts for {count} inputs", texts.len())))
}
