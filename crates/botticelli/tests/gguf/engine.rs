//! The same model here and in a server. Run it with `just test-engine`; see CONTRIBUTING.md.

use botticelli::{CacheType, CompletionDriver, CompletionRequest, GgufConfig, GgufDriver, HuggingFaceDriver};

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("set {name}: see CONTRIBUTING.md"))
}

/// With weights and caches of 32 bits, both compute the same up to the rounding of sums. The file must have such weights.
#[tokio::test]
#[ignore = "asks the server at BOTTICELLI_ENGINE_URL about the model of BOTTICELLI_ENGINE_FILE: just test-engine"]
async fn greedy_texts_are_byte_for_byte_those_of_the_server() {
    let (url, model) = (variable("BOTTICELLI_ENGINE_URL"), variable("BOTTICELLI_ENGINE_MODEL"));
    let server = HuggingFaceDriver::builder(model).base_url(url).build().unwrap();
    for cache_type in [CacheType::F32, CacheType::F16] {
        let config = GgufConfig::default().with_cache_type(cache_type);
        let here = GgufDriver::open_with(variable("BOTTICELLI_ENGINE_FILE"), config).unwrap();
        for prompt in [
            "Once upon a time",
            "a",
            "The number 42, and the word \"naïve\".",
            "  Two\n\nlines",
            "漢字 🙂",
            "1 2 3",
        ] {
            let request = CompletionRequest::from(prompt).with_temperature(0.0).with_max_tokens(48);
            let ours = here.complete(request.clone()).await.unwrap();
            let theirs = server.complete(request).await.unwrap();
            assert_eq!(ours.text(), theirs.text(), "{prompt:?}, {cache_type:?}");
            assert!(!ours.text().is_empty(), "{prompt:?}");
        }
    }
}
