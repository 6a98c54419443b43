//! From a path to what is called there.

use crate::chat::{Site, Way};
use crate::dialects::Dialect;

const CHAT: &str = "/v1/chat/completions";
const TEXT: &str = "/v1/completions";
const MODELS: &str = "/v1/models";
const HUB: &str = "/api/models";
const DIRECT: &str = "/direct/";

/// What is called.
pub(crate) enum Route<'a> {
    Chat(Site),
    /// Text completion.
    Text(Site),
    /// Text generation in the manner of text-generation-inference, and in which form.
    Generate(Site, Native),
    Models,
    Model(&'a str),
    HubModels,
    HubModel(&'a str),
}

/// The three forms of the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Native {
    /// `/generate`: one object.
    Object,
    /// `/generate_stream`: always streamed.
    Stream,
    /// `/`: a list of one, or streamed, as the body says.
    AsAsked,
}

/// The providers with chat, and the path it has at each of them.
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

/// Only called directly.
const NEVER_ROUTED: &str = "openai";

impl<'a> Route<'a> {
    /// What the path calls in a sandbox of this dialect, if anything.
    pub(crate) fn of(path: &'a str, dialect: Dialect) -> Option<Self> {
        let here = || Site { dialect, way: Way::Chosen };
        match path {
            CHAT => return Some(Self::Chat(here())),
            TEXT => return Some(Self::Text(here())),
            MODELS => return Some(Self::Models),
            HUB => return Some(Self::HubModels),
            "/" if dialect.is_tgi() => return Some(Self::Generate(here(), Native::AsAsked)),
            "/generate" if dialect.is_tgi() => return Some(Self::Generate(here(), Native::Object)),
            "/generate_stream" if dialect.is_tgi() => return Some(Self::Generate(here(), Native::Stream)),
            _ => {}
        }
        let below = |folder: &str| path.strip_prefix(folder)?.strip_prefix('/');
        if let Some(id) = below(MODELS) {
            return Some(Self::Model(id));
        }
        if let Some(id) = below(HUB) {
            return Some(Self::HubModel(id));
        }
        if let Some(rest) = path.strip_prefix(DIRECT) {
            return of_provider(rest, true);
        }
        let rest = path.strip_prefix('/')?;
        match rest.strip_prefix("hf-inference/models/") {
            Some(model) => Some(hosted(model, dialect)),
            None => of_provider(rest, false),
        }
    }
}

/// `{provider}{its own path}`.
fn of_provider(rest: &str, is_direct: bool) -> Option<Route<'static>> {
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
    let site = Site { dialect, way: Way::By { provider, is_direct } };
    if path == *chat {
        return Some(Route::Chat(site));
    }
    (path == chat.replace("/chat/", "/")).then_some(Route::Text(site))
}

/// `{model}`, with or without one of the paths of text-generation-inference.
fn hosted<'a>(rest: &str, dialect: Dialect) -> Route<'a> {
    let dialect = if dialect.is_tgi() { dialect } else { Dialect::Tgi3 };
    let site = |model: &str| Site { dialect, way: Way::Hosted(model.to_owned()) };
    if let Some(model) = rest.strip_suffix(CHAT) {
        return Route::Chat(site(model));
    }
    match rest.strip_suffix(TEXT) {
        Some(model) => Route::Text(site(model)),
        None => Route::Generate(site(rest), Native::AsAsked),
    }
}

/// The base URL under which a provider is called directly, without the origin.
pub(crate) fn direct_base(provider: &str) -> String {
    format!("{DIRECT}{provider}")
}
