//! What the Hub says of one model, or of many.

use serde::Serialize;

use super::mapping::{Entry, Keyed, entries, is_served_by, listed};
use super::query::fields;
use crate::catalog::{Kind, Known, known};
use crate::error_response;
use crate::fingerprint::Fingerprint;
use crate::http::Request;
use crate::json::encode;
use crate::script::Script;

const MAPPING: &str = "inferenceProviderMapping";

#[derive(Serialize)]
struct Model<M> {
    #[serde(rename = "_id")]
    number: String,
    id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    inference: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline_tag: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<&'static str>>,
    #[serde(rename = "inferenceProviderMapping", skip_serializing_if = "Mapping::is_left_out")]
    mapping: Mapping<M>,
}

/// One model; the mapping is an object.
pub(crate) fn model(id: &str, request: &Request) -> Script {
    match known().find(|known| known.id == id) {
        Some(known) => Script::json(200, encode(&described(known, &expanded(request), one))),
        // Nobody without a token is told whether a model is missing or only private.
        None if request.header("authorization").is_none() => error_response::repository(401),
        None => error_response::repository(404),
    }
}

/// Many models; the mapping of each is a list.
pub(crate) fn models(request: &Request) -> Script {
    let fields = fields(&request.target);
    let value = |name: &str| fields.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
    let number = |name: &str| value(name).and_then(|value| value.parse::<usize>().ok());
    let is_wanted = |known: &Known| {
        value("inference_provider").is_none_or(|wanted| is_served_by(*known, wanted))
            && value("search").is_none_or(|text| known.id.to_lowercase().contains(&text.to_lowercase()))
            && value("pipeline_tag").is_none_or(|tag| pipeline_tag(*known) == tag)
    };
    let (start, limit) = (number("cursor").unwrap_or(0), number("limit").unwrap_or(1_000));
    let expanded = expanded(request);
    let mut rest = known().filter(is_wanted).skip(start);
    let page: Vec<_> = rest.by_ref().take(limit).map(|known| described(known, &expanded, many)).collect();
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

/// The fields that were asked for.
fn expanded(request: &Request) -> Vec<String> {
    let fields = fields(&request.target);
    let expand = |(name, _): &(String, String)| name == "expand[]" || name == "expand";
    fields.into_iter().filter(expand).map(|(_, value)| value).collect()
}

/// Null where the model is not served any more, missing where it never was.
#[derive(Serialize)]
#[serde(untagged)]
enum Mapping<M> {
    LeftOut,
    Null,
    Here(M),
}

impl<M> Mapping<M> {
    fn of(known: Known, here: impl Fn(Known) -> M) -> Self {
        match known.kind {
            Kind::Unmapped => Self::LeftOut,
            Kind::Unserved => Self::Null,
            Kind::Chat | Kind::Base | Kind::Embedding => Self::Here(here(known)),
        }
    }

    fn is_left_out(&self) -> bool {
        matches!(self, Self::LeftOut)
    }
}

fn one(known: Known) -> Mapping<Keyed> {
    Mapping::of(known, |known| Keyed(entries(known)))
}

fn many(known: Known) -> Mapping<Vec<Entry>> {
    Mapping::of(known, listed)
}

fn described<M>(known: Known, expanded: &[String], mapping: impl Fn(Known) -> Mapping<M>) -> Model<M> {
    let is_asked = |field: &str| expanded.iter().any(|name| name == field);
    // Without a wish the usual fields come, and the mapping is not one of them.
    let is_shown = |field: &str| expanded.is_empty() || is_asked(field);
    let hex = Fingerprint::of(known.id.as_bytes()).hex();
    let is_warm = !known.providers().is_empty() && is_asked("inference");
    Model {
        number: format!("65000000{hex}"),
        id: known.id,
        inference: is_warm.then_some("warm"),
        pipeline_tag: is_shown("pipeline_tag").then(|| pipeline_tag(known)),
        tags: is_shown("tags").then(|| tags(known)),
        mapping: if is_asked(MAPPING) { mapping(known) } else { Mapping::LeftOut },
    }
}

fn pipeline_tag(known: Known) -> &'static str {
    match known.kind {
        Kind::Chat if known.takes("image") => "image-text-to-text",
        Kind::Embedding => "sentence-similarity",
        _ => "text-generation",
    }
}

fn tags(known: Known) -> Vec<&'static str> {
    match known.kind {
        Kind::Chat => vec!["transformers", "conversational", pipeline_tag(known)],
        Kind::Embedding => vec!["sentence-transformers", "feature-extraction", pipeline_tag(known)],
        _ => vec!["transformers", pipeline_tag(known)],
    }
}
