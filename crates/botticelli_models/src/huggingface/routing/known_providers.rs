//! The providers behind the router, as far as they are known: where each is, and where it chats.
//!
//! They come and go: a provider that does not stand here is not wrong, there is only less known of it. The list is that
//! of the official clients, August 2026.

/// What is known of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::huggingface) struct KnownProvider {
    pub(in crate::huggingface) name: &'static str,
    /// Where it is called with a key of its own; `None` where only Hugging Face calls it.
    pub(in crate::huggingface) base: Option<&'static str>,
    /// Where it chats; `None` where it does not.
    pub(in crate::huggingface) chat: Option<&'static str>,
}

/// Where most providers chat, and where one that is not known is asked to.
pub(in crate::huggingface) const CHAT: &str = "/v1/chat/completions";

/// Hugging Face's own servers.
pub(in crate::huggingface) const HF_INFERENCE: &str = "hf-inference";

/// Never called through Hugging Face.
pub(in crate::huggingface) const OPENAI: &str = "openai";

/// It wants two headers of its own.
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
    /// All of them.
    pub(in crate::huggingface) fn all() -> impl Iterator<Item = Self> {
        KNOWN.into_iter()
    }

    /// The one of that name.
    pub(in crate::huggingface) fn find(name: &str) -> Option<Self> {
        Self::all().find(|provider| provider.name == name)
    }

    /// The one that `host` belongs to.
    pub(in crate::huggingface) fn at(host: &str) -> Option<Self> {
        Self::all().find(|provider| {
            let own = provider.base.and_then(|base| base.strip_prefix("https://"));
            own.is_some_and(|own| own.eq_ignore_ascii_case(host))
        })
    }

    /// The names of those who chat, for messages.
    pub(in crate::huggingface) fn with_chat() -> String {
        let names: Vec<_> = Self::all().filter(|provider| provider.chat.is_some()).map(|p| p.name).collect();
        names.join(", ")
    }
}
