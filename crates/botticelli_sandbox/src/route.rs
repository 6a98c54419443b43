//! Paths of the sandbox.

use crate::chat::{Endpoint, ModelLookup};
use crate::dialects::Dialect;
use crate::tasks::TaskEndpoint;

const CHAT: &str = "/v1/chat/completions";
const TEXT: &str = "/v1/completions";
const MODELS: &str = "/v1/models";
const HUB: &str = "/api/models";
const DIRECT: &str = "/direct/";

/// Target of a request path.
pub(crate) enum Route<'a> {
    Chat(Endpoint),
    /// Text completion in the `OpenAI` format.
    Text(Endpoint),
    /// Text generation in the native format of text-generation-inference.
    Generate(Endpoint, NativeForm),
    /// A task other than text generation.
    Task(TaskEndpoint),
    Models,
    Model(&'a str),
    HubModels,
    HubModel(&'a str),
}

/// Response forms of the native text generation routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NativeForm {
    /// `/generate`: one object.
    Object,
    /// `/generate_stream`: always a stream.
    Stream,
    /// `/`: a list with one object, or a stream if the body requests it.
    AsRequested,
}

/// Chat providers and the path of chat at each of them.
const PROVIDERS: [(&str, &str); 15] = [
    ("baseten", CHAT),
    ("cerebras", CHAT),
    ("cohere", "/compatibility/v1/chat/completions"),
    ("deepinfra", "/v1/openai/chat/completions"),
    ("featherless-ai", CHAT),
    ("fireworks-ai", "/inference/v1/chat/completions"),
    ("groq", "/openai/v1/chat/completions"),
    ("novita", "/v3/openai/chat/completions"),
    ("nscale", CHAT),
    (NEVER_ROUTED, CHAT),
    ("ovhcloud", CHAT),
    ("publicai", CHAT),
    ("scaleway", CHAT),
    ("together", CHAT),
    ("zai-org", "/api/paas/v4/chat/completions"),
];

/// A provider that the router does not serve: only direct calls reach it.
const NEVER_ROUTED: &str = "openai";

impl<'a> Route<'a> {
    /// Returns the target of a path in a sandbox with this dialect, or `None` for an unknown path.
    pub(crate) fn parse(path: &'a str, dialect: Dialect) -> Option<Self> {
        if let Some(task) = TaskEndpoint::parse(path) {
            return Some(Self::Task(task));
        }
        let routed_endpoint = || Endpoint { dialect, lookup: ModelLookup::HubId };
        match path {
            CHAT => return Some(Self::Chat(routed_endpoint())),
            TEXT => return Some(Self::Text(routed_endpoint())),
            MODELS => return Some(Self::Models),
            HUB => return Some(Self::HubModels),
            "/" if dialect.is_tgi() => {
                return Some(Self::Generate(routed_endpoint(), NativeForm::AsRequested));
            }
            "/generate" if dialect.is_tgi() => {
                return Some(Self::Generate(routed_endpoint(), NativeForm::Object));
            }
            "/generate_stream" if dialect.is_tgi() => {
                return Some(Self::Generate(routed_endpoint(), NativeForm::Stream));
            }
            _ => {}
        }
        let strip_folder = |folder: &str| path.strip_prefix(folder)?.strip_prefix('/');
        if let Some(id) = strip_folder(MODELS) {
            return Some(Self::Model(id));
        }
        if let Some(id) = strip_folder(HUB) {
            return Some(Self::HubModel(id));
        }
        if let Some(rest) = path.strip_prefix(DIRECT) {
            return provider_route(rest, true);
        }
        let rest = path.strip_prefix('/')?;
        match rest.strip_prefix("hf-inference/models/") {
            Some(model) => Some(hf_inference_route(model, dialect)),
            None => provider_route(rest, false),
        }
    }
}

/// Parses `{provider}{path of the provider}`.
fn provider_route(rest: &str, is_direct: bool) -> Option<Route<'static>> {
    let (name, path) = rest.split_at_checked(rest.find('/')?)?;
    let (provider, chat) = PROVIDERS.iter().find(|(provider, _)| *provider == name)?;
    if *provider == NEVER_ROUTED && !is_direct {
        return None;
    }
    let dialect = match *provider {
        "together" => Dialect::Together,
        "cerebras" => Dialect::Cerebras,
        _ => Dialect::Router,
    };
    let endpoint = Endpoint { dialect, lookup: ModelLookup::ProviderId { provider, is_direct } };
    if path == *chat {
        return Some(Route::Chat(endpoint));
    }
    (path == chat.replace("/chat/", "/")).then_some(Route::Text(endpoint))
}

/// Parses `{model}`, optionally followed by a path of text-generation-inference.
fn hf_inference_route<'a>(rest: &str, dialect: Dialect) -> Route<'a> {
    let dialect = if dialect.is_tgi() { dialect } else { Dialect::Tgi3 };
    let endpoint = |model: &str| Endpoint { dialect, lookup: ModelLookup::Path(model.to_owned()) };
    if let Some(model) = rest.strip_suffix(CHAT) {
        return Route::Chat(endpoint(model));
    }
    match rest.strip_suffix(TEXT) {
        Some(model) => Route::Text(endpoint(model)),
        None => Route::Generate(endpoint(rest), NativeForm::AsRequested),
    }
}

/// Returns the base path for direct calls to a provider, without the origin.
pub(crate) fn direct_base(provider: &str) -> String {
    format!("{DIRECT}{provider}")
}
