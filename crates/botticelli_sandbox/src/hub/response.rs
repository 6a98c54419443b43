//! Model responses of the Hub API.

use serde::Serialize;

use super::mapping::{Entry, KeyedEntries, entries, is_served_by, listed_entries};
use super::query::fields;
use crate::catalog::{HubModel, HubModelKind, hub_models};
use crate::error_response;
use crate::fingerprint::Fingerprint;
use crate::http::Request;
use crate::json::encode;
use crate::script::Script;
use crate::tasks::{Task, TaskModel};

const MAPPING: &str = "inferenceProviderMapping";

#[derive(Serialize)]
struct Model<M> {
    #[serde(rename = "_id")]
    object_id: String,
    id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    inference: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline_tag: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<&'static str>>,
    #[serde(rename = "inferenceProviderMapping", skip_serializing_if = "Mapping::is_omitted")]
    mapping: Mapping<M>,
}

/// Returns the response for one model. Its mapping is an object.
pub(crate) fn model(id: &str, request: &Request) -> Script {
    match hub_models().find(|model| model.id == id) {
        Some(model) => {
            Script::json(200, encode(&describe_model(model, &expanded_fields(request), keyed_mapping)))
        }
        // Without a token, the Hub does not reveal whether a model is missing or private.
        None if request.header("authorization").is_none() => error_response::repository_not_found(401),
        None => error_response::repository_not_found(404),
    }
}

/// Returns a page of models. The mapping of each is a list.
pub(crate) fn models(request: &Request) -> Script {
    let fields = fields(&request.target);
    let value = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let number = |name: &str| value(name).and_then(|value| value.parse::<usize>().ok());
    let is_match = |model: &HubModel| {
        value("inference_provider").is_none_or(|provider| is_served_by(*model, provider))
            && value("search").is_none_or(|text| model.id.to_lowercase().contains(&text.to_lowercase()))
            && value("pipeline_tag").is_none_or(|tag| pipeline_tag(*model) == tag)
    };
    let (start, limit) = (number("cursor").unwrap_or(0), number("limit").unwrap_or(1_000));
    let expanded_fields = expanded_fields(request);
    let mut rest = hub_models().filter(is_match).skip(start);
    let page: Vec<_> = rest
        .by_ref()
        .take(limit)
        .map(|model| describe_model(model, &expanded_fields, listed_mapping))
        .collect();
    let script = Script::json(200, encode(&page));
    if rest.next().is_none() {
        return script;
    }
    let host = request.header("host").unwrap_or("localhost");
    let escaped = |name: &str| name.replace('[', "%5B").replace(']', "%5D");
    let others: Vec<String> = fields
        .iter()
        .filter(|(name, _)| name != "cursor")
        .map(|(name, value)| format!("{}={value}&", escaped(name)))
        .collect();
    let others = others.concat();
    let next =
        format!("<http://{host}/api/models?{others}cursor={}>; rel=\"next\"", start.saturating_add(limit));
    script.header("link", next)
}

/// Returns the fields requested with `expand`.
fn expanded_fields(request: &Request) -> Vec<String> {
    let fields = fields(&request.target);
    let expand = |(name, _): &(String, String)| name == "expand[]" || name == "expand";
    fields.into_iter().filter(expand).map(|(_, value)| value).collect()
}

/// Mapping field: null for a model that lost its providers, omitted for a model without any.
#[derive(Serialize)]
#[serde(untagged)]
enum Mapping<M> {
    Omitted,
    Null,
    Present(M),
}

impl<M> Mapping<M> {
    fn of(model: HubModel, present: impl Fn(HubModel) -> M) -> Self {
        match model.kind {
            HubModelKind::Unmapped => Self::Omitted,
            HubModelKind::Unserved => Self::Null,
            HubModelKind::Chat | HubModelKind::Base | HubModelKind::Task(_) => Self::Present(present(model)),
        }
    }

    fn is_omitted(&self) -> bool {
        matches!(self, Self::Omitted)
    }
}

fn keyed_mapping(model: HubModel) -> Mapping<KeyedEntries> {
    Mapping::of(model, |model| KeyedEntries(entries(model)))
}

fn listed_mapping(model: HubModel) -> Mapping<Vec<Entry>> {
    Mapping::of(model, listed_entries)
}

fn describe_model<M>(
    model: HubModel,
    expanded_fields: &[String],
    mapping: impl Fn(HubModel) -> Mapping<M>,
) -> Model<M> {
    let is_requested = |field: &str| expanded_fields.iter().any(|name| name == field);
    // Without `expand`, the default fields are sent. They do not include the mapping.
    let is_shown = |field: &str| expanded_fields.is_empty() || is_requested(field);
    let hex = Fingerprint::of(model.id.as_bytes()).hex();
    let is_warm = !model.providers().is_empty() && is_requested("inference");
    Model {
        object_id: format!("65000000{hex}"),
        id: model.id,
        inference: is_warm.then_some("warm"),
        pipeline_tag: is_shown("pipeline_tag").then(|| pipeline_tag(model)),
        tags: is_shown("tags").then(|| tags(model)),
        mapping: if is_requested(MAPPING) { mapping(model) } else { Mapping::Omitted },
    }
}

fn pipeline_tag(model: HubModel) -> &'static str {
    match model.kind {
        HubModelKind::Chat if model.takes("image") => "image-text-to-text",
        HubModelKind::Task(model) => model.task.name(),
        _ => "text-generation",
    }
}

fn tags(model: HubModel) -> Vec<&'static str> {
    match model.kind {
        HubModelKind::Chat => vec!["transformers", "conversational", pipeline_tag(model)],
        HubModelKind::Task(TaskModel { task: Task::SentenceSimilarity, .. }) => {
            vec!["sentence-transformers", "feature-extraction", pipeline_tag(model)]
        }
        _ => vec!["transformers", pipeline_tag(model)],
    }
}
