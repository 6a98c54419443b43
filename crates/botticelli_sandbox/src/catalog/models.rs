//! The entries. All figures are made up; the gaps in them are as in the real list.

use super::entry::Latency::{Exact, Whole};
use super::entry::{Architecture, Model, Provider};

/// In the order of the list. Providers stand in the user's order of preference.
pub(crate) static MODELS: &[Model] = &[
    Model {
        id: "openai/gpt-oss-20b",
        object: "model",
        created: 1_754_352_000,
        owned_by: "openai",
        architecture: Architecture::TEXT,
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
            // Billed by the second of its hardware: no price per token.
            Provider::new("hf-inference", "openai/gpt-oss-20b").context(8_192),
        ],
    },
    Model {
        id: "openai/gpt-oss-120b",
        object: "model",
        created: 1_754_352_001,
        owned_by: "openai",
        architecture: Architecture::TEXT,
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
        providers: &[Provider::new("hf-inference", "microsoft/DialoGPT-small").context(1_024).free()],
    },
    Model {
        id: "Qwen/Qwen2.5-VL-7B-Instruct",
        object: "model",
        created: 1_737_936_000,
        owned_by: "Qwen",
        architecture: Architecture::VISION,
        providers: &[
            Provider::new("ovhcloud", "Qwen2.5-VL-7B-Instruct")
                .context(32_768)
                .priced(0.2, 0.2)
                .supports(false, true)
                .speed(Exact(640.75), 74.112_603),
            Provider::new("hf-inference", "Qwen/Qwen2.5-VL-7B-Instruct"),
        ],
    },
];

/// Models that exist and do not chat.
pub(crate) static NOT_CHAT: &[&str] =
    &["gpt2", "openai-community/gpt2", "google/gemma-2b", "sentence-transformers/all-MiniLM-L6-v2"];

/// Models that exist and that no enabled provider serves.
pub(crate) static UNSERVED: &[&str] = &["nobody/unserved-model"];
