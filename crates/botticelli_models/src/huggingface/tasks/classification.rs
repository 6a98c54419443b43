//! Text classification, zero-shot classification and token classification.

use super::batches::in_batches;
use super::body::{OneOrMany, Parameters};
use super::call::{Reply, TaskCall};
use super::driver::HuggingFaceTasks;
use super::lists::nested;
use super::route::TaskServer;
use super::task::Task;
use async_trait::async_trait;
use botticelli_core::tasks::{
    ClassificationRequest, ClassificationResponse, Entity, LabelScore, ScoreFunction,
    TokenClassificationRequest, TokenClassificationResponse, ZeroShotRequest,
};
use botticelli_error::BotticelliError;
use botticelli_interface::tasks::ClassificationDriver;
use serde::{Deserialize, Serialize};

pub(super) const TEXT: Task = Task { aliases: &["text-ranking"], ..Task::hosted("text-classification") };
pub(super) const ZERO_SHOT: Task = Task::hosted("zero-shot-classification");
pub(super) const TOKENS: Task = Task::hosted("token-classification");

/// The request of text-embeddings-inference. Each text is in a list, because two texts next to each other are a pair.
#[derive(Serialize)]
struct Predict<'a> {
    inputs: Vec<[&'a str; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_scores: Option<bool>,
}

/// A label with its score, as servers write it.
#[derive(Debug, Deserialize)]
struct LabelDto {
    label: String,
    score: f64,
}

impl From<LabelDto> for LabelScore {
    fn from(dto: LabelDto) -> Self {
        Self::new(dto.label, dto.score)
    }
}

/// The older form of zero-shot classification: the labels of one text, next to their scores.
#[derive(Debug, Deserialize)]
struct LabelsAndScores {
    labels: Vec<String>,
    scores: Vec<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ZeroShot {
    One(LabelsAndScores),
    Many(Vec<LabelsAndScores>),
}

#[derive(Debug, Deserialize)]
struct EntityDto {
    #[serde(alias = "entity")]
    entity_group: String,
    score: f64,
    #[serde(default)]
    word: String,
    #[serde(default)]
    start: Option<usize>,
    #[serde(default)]
    end: Option<usize>,
}

impl From<EntityDto> for Entity {
    fn from(dto: EntityDto) -> Self {
        Self::new(dto.entity_group, dto.word, dto.score).with_span(dto.start, dto.end)
    }
}

/// Converts the entries of each input.
pub(super) fn converted<T, U: From<T>>(lists: Vec<Vec<T>>) -> Vec<Vec<U>> {
    lists.into_iter().map(|list| list.into_iter().map(U::from).collect()).collect()
}

/// Returns the labels of each of `count` inputs. An input without labels is an error, because every input has one.
pub(super) fn labels(reply: &Reply<'_>, count: usize) -> Result<Vec<Vec<LabelScore>>, BotticelliError> {
    let lists = nested::<LabelDto>(reply, count)?;
    if lists.iter().any(Vec::is_empty) {
        return Err(reply.invalid("the list of labels is empty"));
    }
    Ok(converted(lists))
}

#[async_trait]
impl ClassificationDriver for HuggingFaceTasks {
    async fn classify(
        &self,
        request: ClassificationRequest,
    ) -> Result<ClassificationResponse, BotticelliError> {
        request.validate()?;
        let call = &TaskCall::start(self, &TEXT, "ClassificationRequest", request.options()).await?;
        let request = &request;
        let is_tei = call.route.server == TaskServer::Tei;
        // A list of two texts is a pair for text-embeddings-inference, which also runs behind Hugging Face's own servers. A list of
        // several texts is therefore not sent to them.
        let size = if is_tei { self.batch_size } else { 1 };
        let part = |range| async move {
            let texts = request.inputs().get::<std::ops::Range<usize>>(range).unwrap_or_default();
            let (url, body) = if is_tei {
                let inputs = texts.iter().map(|text| [text.as_str()]).collect();
                let raw_scores = request.function_to_apply().map(|function| function == ScoreFunction::None);
                (call.url("/predict")?, call.json(&Predict { inputs, raw_scores }, None)?)
            } else {
                let parameters = Parameters::default()
                    .with("top_k", request.top_k())
                    .with("function_to_apply", request.function_to_apply());
                (call.hosted_url()?, call.json(&parameters.body(OneOrMany::from(texts)), Some("parameters"))?)
            };
            let read = |reply: &Reply<'_>| labels(reply, texts.len());
            call.post(&url, &body, read).await
        };
        let parts = in_batches(call, size, request.inputs().len(), part).await?;
        let (results, facts) = call.join(parts);
        let most = request.top_k().and_then(|most| usize::try_from(most).ok()).filter(|_| is_tei);
        Ok(ClassificationResponse::new(results).truncated(most).with_metadata(facts))
    }

    async fn classify_zero_shot(
        &self,
        request: ZeroShotRequest,
    ) -> Result<ClassificationResponse, BotticelliError> {
        request.validate()?;
        let call = &TaskCall::start(self, &ZERO_SHOT, "ZeroShotRequest", request.options()).await?;
        let (request, url) = (&request, &call.hosted_url()?);
        let part = |range| async move {
            let texts = request.inputs().get::<std::ops::Range<usize>>(range).unwrap_or_default();
            let parameters = Parameters::default()
                .with("candidate_labels", Some(request.labels()))
                .with("multi_label", request.multi_label())
                .with("hypothesis_template", request.hypothesis_template());
            let body = call.json(&parameters.body(OneOrMany::from(texts)), Some("parameters"))?;
            call.post(url, &body, |reply| read_zero_shot(reply, texts.len())).await
        };
        let parts = in_batches(call, self.batch_size, request.inputs().len(), part).await?;
        let (results, facts) = call.join(parts);
        Ok(ClassificationResponse::new(results).with_metadata(facts))
    }

    async fn classify_tokens(
        &self,
        request: TokenClassificationRequest,
    ) -> Result<TokenClassificationResponse, BotticelliError> {
        request.validate()?;
        let call = &TaskCall::start(self, &TOKENS, "TokenClassificationRequest", request.options()).await?;
        let (request, url) = (&request, &call.hosted_url()?);
        let part = |range| async move {
            let texts = request.inputs().get::<std::ops::Range<usize>>(range).unwrap_or_default();
            let parameters = Parameters::default()
                .with("aggregation_strategy", request.aggregation_strategy())
                .with_all("ignore_labels", request.ignore_labels().is_empty(), request.ignore_labels())
                .with("stride", request.stride());
            let body = call.json(&parameters.body(OneOrMany::from(texts)), Some("parameters"))?;
            let read = |reply: &Reply<'_>| nested::<EntityDto>(reply, texts.len()).map(converted);
            call.post(url, &body, read).await
        };
        let parts = in_batches(call, self.batch_size, request.inputs().len(), part).await?;
        let (results, facts) = call.join(parts);
        Ok(TokenClassificationResponse::new(results).with_metadata(facts))
    }
}

/// Reads both forms of zero-shot classification, for one text or several.
fn read_zero_shot(reply: &Reply<'_>, count: usize) -> Result<Vec<Vec<LabelScore>>, BotticelliError> {
    if !reply.text.contains("\"labels\"") {
        return labels(reply, count);
    }
    let entries = match reply.parse()? {
        ZeroShot::One(entry) => vec![entry],
        ZeroShot::Many(entries) => entries,
    };
    if entries.len() != count {
        return Err(reply.invalid(&format!("the labels of {} texts for {count} texts", entries.len())));
    }
    let scored = |entry: LabelsAndScores| {
        if entry.labels.len() != entry.scores.len() {
            return Err(reply.invalid("the labels and the scores differ in number"));
        }
        let pairs = entry.labels.into_iter().zip(entry.scores);
        Ok(pairs.map(|(label, score)| LabelScore::new(label, score)).collect())
    };
    entries.into_iter().map(scored).collect()
}
