//! Catalog data. All figures are made up. Missing values follow the pattern of the real list.

use super::behavior::{Behavior, ReasoningFormat};
use super::entry::Latency::{Exact, Whole};
use super::entry::{Architecture, Model, Provider};

/// Chat models in list order. Providers are in the user's order of preference.
pub(crate) static MODELS: &[Model] = &[
    Model {
        id: "openai/gpt-oss-20b",
        object: "model",
        created: 1_754_352_000,
        owned_by: "openai",
        architecture: Architecture::TEXT,
        behavior: Behavior::Normal,
        providers: &[
            Provider::new("together", "openai/gpt-oss-20b")
                .context(131_072)
                .priced(0.05, 0.2)
                .supports(true, true)
                .speed(Exact(412.6), 148.371_902),
            Provider::new("groq", "openai/gpt-oss-20b")
                .context(131_072)
                .priced(0.075, 0.3)
                .supports(true, true)
                .speed(Whole(191), 942.080_133),
            Provider::new("fireworks-ai", "accounts/fireworks/models/gpt-oss-20b")
                .context(65_536)
                .priced(0.05, 0.18)
                .supports(true, true)
                .speed(Exact(388.4), 204.554_021),
            // Billed per second of hardware, so the price per token is unknown.
            Provider::new("hf-inference", "openai/gpt-oss-20b").context(8_192),
        ],
    },
    Model {
        id: "openai/gpt-oss-120b",
        object: "model",
        created: 1_754_352_001,
        owned_by: "openai",
        architecture: Architecture::TEXT,
        behavior: Behavior::Normal,
        providers: &[
            Provider::new("groq", "openai/gpt-oss-120b")
                .context(131_072)
                .priced(0.15, 0.6)
                .supports(true, true)
                .speed(Whole(236), 488.217_335),
            Provider::new("cerebras", "gpt-oss-120b")
                .context(65_536)
                .priced(0.25, 0.69)
                .supports(true, false)
                .speed(Whole(174), 2_611.402_87),
            Provider::new("fireworks-ai", "accounts/fireworks/models/gpt-oss-120b")
                .context(131_072)
                .supports(true, true)
                .speed(Exact(551.9), 121.730_45),
            Provider::new("novita", "openai/gpt-oss-120b").context(131_072).priced(0.05, 0.25).failing(),
        ],
    },
    Model {
        id: "meta-llama/Llama-3.1-8B-Instruct",
        object: "model",
        created: 1_721_692_800,
        owned_by: "meta-llama",
        architecture: Architecture::TEXT,
        behavior: Behavior::Normal,
        providers: &[
            Provider::new("novita", "meta-llama/llama-3.1-8b-instruct")
                .context(16_384)
                .priced(0.02, 0.05)
                .supports(false, false)
                .speed(Exact(693.2), 61.038_441),
            Provider::new("cerebras", "llama3.1-8b")
                .context(32_768)
                .priced(0.1, 0.1)
                .supports(true, true)
                .speed(Whole(158), 2_140.6),
            Provider::new("featherless-ai", "meta-llama/Meta-Llama-3.1-8B-Instruct"),
        ],
    },
    Model {
        id: "Qwen/Qwen3-32B",
        object: "model",
        created: 1_745_798_400,
        owned_by: "Qwen",
        architecture: Architecture::TEXT,
        behavior: Behavior::Normal,
        providers: &[
            Provider::new("groq", "qwen/qwen3-32b")
                .context(131_072)
                .priced(0.29, 0.59)
                .supports(true, false)
                .speed(Whole(204), 411.95),
            Provider::new("nscale", "Qwen/Qwen3-32B")
                .context(32_768)
                .priced(0.08, 0.25)
                .speed(Exact(870.1), 38.220_917),
        ],
    },
    Model {
        id: "microsoft/DialoGPT-small",
        object: "model",
        created: 1_646_263_744,
        owned_by: "microsoft",
        architecture: Architecture::TEXT,
        behavior: Behavior::Normal,
        providers: &[Provider::new("hf-inference", "microsoft/DialoGPT-small").context(1_024).free()],
    },
    Model {
        id: "Qwen/Qwen2.5-VL-7B-Instruct",
        object: "model",
        created: 1_737_936_000,
        owned_by: "Qwen",
        architecture: Architecture::VISION,
        behavior: Behavior::Normal,
        providers: &[
            Provider::new("ovhcloud", "Qwen2.5-VL-7B-Instruct")
                .context(32_768)
                .priced(0.2, 0.2)
                .supports(false, true)
                .speed(Exact(640.75), 74.112_603),
            Provider::new("hf-inference", "Qwen/Qwen2.5-VL-7B-Instruct"),
        ],
    },
    Model {
        id: "sandbox/forgetful",
        object: "model",
        created: 1_760_000_000,
        owned_by: "sandbox",
        architecture: Architecture::TEXT,
        behavior: Behavior::Forgetful,
        providers: &[Provider::new("together", "sandbox/Forgetful-Turbo")
            .context(32_768)
            .priced(0.1, 0.2)
            .supports(true, true)
            .speed(Whole(120), 90.5)],
    },
    Model {
        id: "sandbox/stubborn",
        object: "model",
        created: 1_760_000_001,
        owned_by: "sandbox",
        architecture: Architecture::TEXT,
        behavior: Behavior::Stubborn,
        providers: &[Provider::new("groq", "sandbox-stubborn")
            .context(32_768)
            .priced(0.1, 0.2)
            .supports(true, true)],
    },
    Model {
        id: "sandbox/refusing",
        object: "model",
        created: 1_760_000_002,
        owned_by: "sandbox",
        architecture: Architecture::TEXT,
        behavior: Behavior::Refusing,
        providers: &[Provider::new("groq", "sandbox-refusing").context(32_768).supports(true, true)],
    },
    Model {
        id: "sandbox/filtered",
        object: "model",
        created: 1_760_000_003,
        owned_by: "sandbox",
        architecture: Architecture::TEXT,
        behavior: Behavior::Filtered,
        providers: &[Provider::new("novita", "sandbox/filtered-model").context(32_768).supports(true, true)],
    },
    Model {
        id: "sandbox/thinks-in-reasoning-content",
        object: "model",
        created: 1_760_000_004,
        owned_by: "sandbox",
        architecture: Architecture::TEXT,
        behavior: Behavior::Reasoning(ReasoningFormat::ReasoningContent),
        providers: &[
            Provider::new("novita", "sandbox/thinker-rc")
                .context(65_536)
                .priced(0.4, 1.6)
                .supports(true, true)
                .speed(Exact(910.3), 55.25),
            Provider::new("cerebras", "thinker-rc").context(65_536).priced(0.5, 1.9).supports(true, true),
        ],
    },
    Model {
        id: "sandbox/thinks-in-reasoning",
        object: "model",
        created: 1_760_000_005,
        owned_by: "sandbox",
        architecture: Architecture::TEXT,
        behavior: Behavior::Reasoning(ReasoningFormat::Reasoning),
        providers: &[Provider::new("groq", "thinker-r")
            .context(65_536)
            .priced(0.4, 1.6)
            .supports(true, true)],
    },
    Model {
        id: "sandbox/thinks-in-tags",
        object: "model",
        created: 1_760_000_006,
        owned_by: "sandbox",
        architecture: Architecture::TEXT,
        behavior: Behavior::Reasoning(ReasoningFormat::Tags),
        providers: &[Provider::new("fireworks-ai", "accounts/fireworks/models/thinker-tags")
            .context(65_536)
            .supports(true, true)],
    },
    Model {
        id: "sandbox/omni",
        object: "model",
        created: 1_760_000_007,
        owned_by: "sandbox",
        architecture: Architecture::OMNI,
        behavior: Behavior::Normal,
        providers: &[Provider::new("nscale", "Sandbox-Omni")
            .context(131_072)
            .priced(0.9, 2.7)
            .supports(true, true)
            .speed(Whole(333), 60.0)],
    },
    // Served by every chat provider, with a different model id at each.
    Model {
        id: "sandbox/everywhere",
        object: "model",
        created: 1_760_000_008,
        owned_by: "sandbox",
        architecture: Architecture::VISION,
        behavior: Behavior::Normal,
        providers: &[
            Provider::new("novita", "sandbox/everywhere-novita")
                .context(1_048_576)
                .priced(1.69, 3.38)
                .supports(true, false)
                .speed(Whole(1_490), 24.691_24),
            Provider::new("together", "sandbox/Everywhere-Turbo")
                .context(524_288)
                .priced(2.1, 4.4)
                .supports(true, true)
                .speed(Whole(611), 40.131_135),
            Provider::new("fireworks-ai", "accounts/fireworks/models/everywhere")
                .context(1_048_576)
                .supports(true, true)
                .speed(Exact(588.4), 45.429_487),
            Provider::new("featherless-ai", "Sandbox/Everywhere-FP8"),
            Provider::new("deepinfra", "sandbox/Everywhere-Deep")
                .context(65_536)
                .priced(1.74, 3.48)
                .supports(true, true)
                .speed(Exact(525.8), 34.615_908),
            Provider::new("baseten", "everywhere").priced(2.0, 4.0).supports(true, true),
            Provider::new("cerebras", "everywhere-4k").context(65_536).priced(2.5, 5.0).supports(true, true),
            Provider::new("cohere", "command-everywhere").context(131_072).supports(true, true),
            Provider::new("groq", "everywhere-versatile").context(131_072).supports(true, true),
            Provider::new("hf-inference", "sandbox/everywhere").context(65_536),
            Provider::new("nscale", "sandbox/Everywhere-Nscale").supports(false, false),
            Provider::new("openai", "everywhere-2025-01-01").staging(),
            Provider::new("ovhcloud", "Everywhere").context(131_072).supports(false, true),
            Provider::new("publicai", "everywhere-public").free(),
            Provider::new("scaleway", "everywhere-scw").supports(true, true).failing(),
            Provider::new("zai-org", "everywhere-z").authored().supports(true, true),
        ],
    },
];

/// Base models: they complete text and do not chat.
pub(crate) static BASE: &[Model] = &[
    base("gpt2", "openai-community", Behavior::Transformers, &BY_TRANSFORMERS),
    base("openai-community/gpt2", "openai-community", Behavior::Transformers, &BY_TRANSFORMERS),
    base(
        "google/gemma-2b",
        "google",
        Behavior::Normal,
        &[
            Provider::new("hf-inference", "google/gemma-2b").context(8_192),
            Provider::new("featherless-ai", "google/gemma-2b-fp8").context(8_192),
            Provider::new("together", "google/gemma-2b-base").context(8_192),
        ],
    ),
];

/// Existing models without chat.
pub(crate) static NOT_CHAT: &[&str] = &["gpt2", "openai-community/gpt2", "google/gemma-2b"];

/// Existing models without an enabled provider.
pub(crate) static UNSERVED: &[&str] = &["example/unserved-model", "example/unmapped-model"];

/// Models without a provider mapping on the Hub.
pub(crate) static UNMAPPED: &[&str] = &["example/unmapped-model"];

static BY_TRANSFORMERS: [Provider; 1] =
    [Provider::new("hf-inference", "openai-community/gpt2").context(1_024)];

/// Returns a base model. Base models are not in the list of chat models.
const fn base(
    id: &'static str,
    owned_by: &'static str,
    behavior: Behavior,
    providers: &'static [Provider],
) -> Model {
    let (created, architecture) = (1_646_263_744, Architecture::TEXT);
    Model { id, object: "model", created, owned_by, architecture, behavior, providers }
}
