//! The known providers behind the router: their addresses, and their paths of chat completions.
//!
//! The list of providers changes often, so other names are also valid. The official clients had this list in August 2026.

/// The known facts about a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::huggingface) struct KnownProvider {
    pub(in crate::huggingface) name: &'static str,
    /// The address for calls with the provider's own key; `None` if only Hugging Face can call the provider.
    pub(in crate::huggingface) base: Option<&'static str>,
    /// The path of chat completions; `None` if the provider has none.
    pub(in crate::huggingface) chat: Option<&'static str>,
}

/// The path of chat completions at most providers, and the default for unknown providers.
pub(in crate::huggingface) const CHAT: &str = "/v1/chat/completions";

/// Hugging Face's own servers.
pub(in crate::huggingface) const HF_INFERENCE: &str = "hf-inference";

/// A provider that cannot be called through Hugging Face.
pub(in crate::huggingface) const OPENAI: &str = "openai";

/// A provider that requires two additional headers.
pub(in crate::huggingface) const ZAI: &str = "zai-org";

const KNOWN: [KnownProvider; 19] = [
    known("baseten", "https://inference.baseten.co", CHAT),
    known("cerebras", "https://api.cerebras.ai", CHAT),
    known("cohere", "https://api.cohere.com", "/compatibility/v1/chat/completions"),
    known("deepinfra", "https://api.deepinfra.com", "/v1/openai/chat/completions"),
    without_chat("fal-ai", "https://fal.run"),
    known("featherless-ai", "https://api.featherless.ai", CHAT),
    known("fireworks-ai", "https://api.fireworks.ai", "/inference/v1/chat/completions"),
    known("groq", "https://api.groq.com", "/openai/v1/chat/completions"),
    KnownProvider { name: HF_INFERENCE, base: None, chat: Some(CHAT) },
    known("novita", "https://api.novita.ai", "/v3/openai/chat/completions"),
    known("nscale", "https://inference.api.nscale.com", CHAT),
    known(OPENAI, "https://api.openai.com", CHAT),
    known("ovhcloud", "https://oai.endpoints.kepler.ai.cloud.ovh.net", CHAT),
    known("publicai", "https://api.publicai.co", CHAT),
    without_chat("replicate", "https://api.replicate.com"),
    known("scaleway", "https://api.scaleway.ai", CHAT),
    known("together", "https://api.together.xyz", CHAT),
    without_chat("wavespeed", "https://api.wavespeed.ai"),
    known(ZAI, "https://api.z.ai", "/api/paas/v4/chat/completions"),
];

const fn known(name: &'static str, base: &'static str, chat: &'static str) -> KnownProvider {
    KnownProvider { name, base: Some(base), chat: Some(chat) }
}

const fn without_chat(name: &'static str, base: &'static str) -> KnownProvider {
    KnownProvider { name, base: Some(base), chat: None }
}

impl KnownProvider {
    /// Returns all known providers.
    pub(in crate::huggingface) fn all() -> impl Iterator<Item = Self> {
        KNOWN.into_iter()
    }

    /// Returns the provider with this name.
    pub(in crate::huggingface) fn find(name: &str) -> Option<Self> {
        Self::all().find(|provider| provider.name == name)
    }

    /// Returns the provider that owns `host`.
    pub(in crate::huggingface) fn at(host: &str) -> Option<Self> {
        Self::all().find(|provider| {
            let known_host = provider.base.and_then(|base| base.strip_prefix("https://"));
            known_host.is_some_and(|known_host| known_host.eq_ignore_ascii_case(host))
        })
    }

    /// Returns the names of the providers with chat completions, for messages.
    pub(in crate::huggingface) fn names_with_chat() -> String {
        let names: Vec<_> = Self::all().filter(|provider| provider.chat.is_some()).map(|p| p.name).collect();
        names.join(", ")
    }
}
