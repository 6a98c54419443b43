//! A service with a model list, and a driver for it.
#![allow(dead_code, reason = "each test file uses a part of it")]

use super::service::Service;
use botticelli_core::RetryConfig;
use botticelli_models::Environment;
use botticelli_models::huggingface::{Catalog, HuggingFaceDriver, HuggingFaceDriverBuilder};
use serde_json::{Value, json};
use std::path::Path;

/// Number of models in the catalog.
pub(crate) const MODELS: usize = 3;

/// Models as in the documentation, with missing fields, and one invalid entry.
pub(crate) fn list() -> Value {
    json!({"object": "list", "data": [
        {"id": "deepseek-ai/DeepSeek-V4-Pro", "object": "model", "created": 1_776_837_885, "owned_by": "deepseek-ai",
         "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
         "providers": [
            {"provider": "novita", "status": "live", "context_length": 1_048_576, "pricing": {"input": 1.69, "output": 3.38},
             "supports_tools": true, "supports_structured_output": false, "first_token_latency_ms": 1490,
             "throughput": 24.691_240_884_379_34, "is_model_author": false},
            {"provider": "fireworks-ai", "status": "live", "context_length": 1_048_576, "supports_tools": true,
             "supports_structured_output": true, "first_token_latency_ms": 588.4, "throughput": 45.42, "is_model_author": false},
            {"provider": "featherless-ai", "status": "live", "is_model_author": true},
            {"provider": "deepinfra", "status": "error", "context_length": 65_536, "pricing": {"input": 0.1, "output": 0.2},
             "supports_tools": true, "supports_structured_output": true},
         ]},
        "nonsense",
        {"id": "Qwen/Qwen-VL", "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
         "providers": [
            {"provider": "together", "status": "live", "context_length": 32_768, "pricing": {"input": 0.2, "output": 0.2},
             "supports_tools": false, "throughput": 90},
            {"provider": "nscale", "status": "live", "is_free": true, "supports_tools": true, "context_length": "4096"},
         ]},
        {"object": "model", "providers": []},
        {"id": "llama3:8b"},
    ]})
}

pub(crate) async fn service() -> Service {
    let service = Service::start().await;
    service.on("GET /v1/models", 200, list());
    service
}

pub(crate) fn settings(service: &Service) -> HuggingFaceDriverBuilder {
    HuggingFaceDriver::builder("org/model")
        .base_url(service.origin())
        .token("hf_secret")
        .environment(Environment::empty())
        .retry(RetryConfig::never())
}

/// Returns a catalog that is stored at `path`, and the content of the file.
pub(crate) async fn stored_catalog(settings: HuggingFaceDriverBuilder, path: &Path) -> (Catalog, String) {
    let catalog = settings.catalog_file(path).build().unwrap().catalog();
    catalog.models().await.unwrap();
    (catalog, std::fs::read_to_string(path).unwrap())
}
