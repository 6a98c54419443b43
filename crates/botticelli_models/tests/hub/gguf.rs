//! The choice of a quantization.

use crate::common::{ID, Place, assert_file, bytes, kind};
use botticelli_error::{ErrorCategory, HubErrorKind};
use botticelli_sandbox::Repository;

/// A repository with the names of real ones, each with another size.
fn repository() -> Repository {
    let names = [
        ("Llama-3.2-3B-Instruct-Q4_K_M.gguf", 4_400),
        ("Llama-3.2-3B-Instruct-Q4_K_L.gguf", 4_600),
        ("Llama-3.2-3B-Instruct-IQ3_M.gguf", 3_000),
        ("Llama-3.2-3B-Instruct-Q8_0.gguf", 8_000),
        ("Llama-3.2-3B-Instruct-UD-Q2_K_XL.gguf", 2_000),
        ("Llama-3.2-3B-Instruct-f16.gguf", 16_000),
        ("Llama-3.2-3B-Instruct-F32.gguf", 32_000),
        ("mmproj-Llama-3.2-3B-Instruct-Q6_K.gguf", 500),
        ("Llama-3.2-3B-Instruct.imatrix.gguf", 400),
        ("README.md", 10),
    ];
    names.iter().fold(Repository::model(ID), |all, (name, size)| all.with_large_file(*name, bytes(*size)))
}

async fn chosen(place: &Place, model: &str) -> String {
    let model = place.hub().download_gguf(model).await.unwrap_or_else(|error| panic!("{model}: {error}"));
    assert_eq!(std::fs::metadata(model.path()).unwrap().len(), model.size());
    model.file().to_owned()
}

#[tokio::test]
async fn a_quantization_is_found_by_name_in_any_case() {
    let place = Place::with(repository()).await;
    for (wanted, expected) in [
        ("Q4_K_M", "Llama-3.2-3B-Instruct-Q4_K_M.gguf"),
        ("q4_k_m", "Llama-3.2-3B-Instruct-Q4_K_M.gguf"),
        ("Q4_K_L", "Llama-3.2-3B-Instruct-Q4_K_L.gguf"),
        ("iq3_m", "Llama-3.2-3B-Instruct-IQ3_M.gguf"),
        ("F16", "Llama-3.2-3B-Instruct-f16.gguf"),
        ("UD-Q2_K_XL", "Llama-3.2-3B-Instruct-UD-Q2_K_XL.gguf"),
        ("Q2_K_XL", "Llama-3.2-3B-Instruct-UD-Q2_K_XL.gguf"),
        ("Llama-3.2-3B-Instruct-Q8_0.gguf", "Llama-3.2-3B-Instruct-Q8_0.gguf"),
        ("Q8_0@main", "Llama-3.2-3B-Instruct-Q8_0.gguf"),
    ] {
        assert_eq!(chosen(&place, &format!("org/name:{wanted}")).await, expected, "{wanted}");
    }
    assert_eq!(chosen(&place, "hf://org/name@main:Q8_0").await, "Llama-3.2-3B-Instruct-Q8_0.gguf");
}

#[tokio::test]
async fn without_a_name_the_common_quantization_is_chosen() {
    let place = Place::with(repository()).await;
    assert_eq!(chosen(&place, ID).await, "Llama-3.2-3B-Instruct-Q4_K_M.gguf");
    let single = Place::with(Repository::model(ID).with_large_file("ggml-model-i2_s.gguf", "x")).await;
    assert_eq!(chosen(&single, ID).await, "ggml-model-i2_s.gguf");
}

#[tokio::test]
async fn a_memory_limit_chooses_the_largest_that_fits() {
    let place = Place::with(repository()).await;
    for (limit, expected) in [
        (2_000, "Llama-3.2-3B-Instruct-UD-Q2_K_XL.gguf"),
        (4_599, "Llama-3.2-3B-Instruct-Q4_K_M.gguf"),
        (4_600, "Llama-3.2-3B-Instruct-Q4_K_L.gguf"),
        (1 << 40, "Llama-3.2-3B-Instruct-f16.gguf"),
    ] {
        let hub = place.builder().with_memory_limit(limit).build().unwrap();
        assert_eq!(hub.download_gguf(ID).await.unwrap().file(), expected, "{limit}");
        // A name has precedence.
        assert_eq!(hub.download_gguf("org/name:Q8_0").await.unwrap().size(), 8_000);
    }
    let error = place.hub().with_memory_limit(1_999).download_gguf(ID).await.unwrap_err();
    let HubErrorKind::NothingFits { limit: 1_999, smallest, size: 2_000 } = kind(&error) else {
        panic!("{error}")
    };
    assert_eq!(smallest, "Q2_K_XL");
    assert_eq!(error.category(), ErrorCategory::TooLarge);
}

#[tokio::test]
async fn an_unknown_quantization_lists_those_of_the_repository() {
    let place = Place::with(repository()).await;
    for wanted in ["Q5_K_M", "K_M", "Q4_K", "Q6_K", "mmproj", ""] {
        let error = place.hub().download_gguf(&format!("org/name:{wanted}")).await.unwrap_err();
        let HubErrorKind::NoQuantization { wanted: Some(found), available } = kind(&error) else {
            panic!("{error}")
        };
        assert_eq!(found, wanted);
        assert_eq!(available, &["Q2_K_XL", "IQ3_M", "Q4_K_M", "Q4_K_L", "Q8_0", "F16", "F32"]);
        assert!(error.to_string().contains("Choose one of Q2_K_XL, IQ3_M"), "{error}");
    }
    assert!(place.contents().iter().all(|request| !request.path().contains("storage")));
}

#[tokio::test]
async fn a_split_model_is_downloaded_whole() {
    let mut all = Repository::model(ID).with_large_file("big-Q8_0.gguf", bytes(10));
    for part in 1..=3 {
        all = all.with_large_file(format!("Q4_K_M/big-Q4_K_M-0000{part}-of-00003.gguf"), bytes(1_000 * part));
    }
    let place = Place::with(all).await;
    let model = place.hub().download_gguf("org/name:Q4_K_M").await.unwrap();
    assert_eq!((model.parts().len(), model.size()), (3, 6_000));
    assert_eq!(model.file(), "Q4_K_M/big-Q4_K_M-00001-of-00003.gguf");
    assert_eq!(model.quantization(), Some("Q4_K_M"));
    for (number, path) in (1..).zip(model.parts()) {
        assert_file(path, &bytes(1_000 * number));
        assert_eq!(path.parent(), model.path().parent(), "the parts are next to each other");
    }
    std::fs::remove_file(&model.parts()[1]).unwrap();
    let error = place.offline().download_gguf("org/name:big-Q4_K_M-00001-of-00003.gguf").await.unwrap_err();
    assert!(
        matches!(kind(&error), HubErrorKind::MissingPart { .. } | HubErrorKind::Offline { .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_split_model_without_a_part_is_not_begun() {
    let name = |part: usize| format!("big-Q4_K_M-0000{part}-of-00003.gguf");
    let all = Repository::model(ID).with_large_file(name(1), bytes(10)).with_large_file(name(3), bytes(30));
    let place = Place::with(all).await;
    let error = place.hub().download_gguf("org/name:Q4_K_M").await.unwrap_err();
    let HubErrorKind::MissingPart { name: missing } = kind(&error) else { panic!("{error}") };
    assert_eq!(*missing, name(2));
}

#[tokio::test]
async fn two_models_of_one_quantization_need_a_name() {
    let all = Repository::model(ID)
        .with_large_file("small-Q4_K_M.gguf", bytes(10))
        .with_large_file("large-Q4_K_M.gguf", bytes(20));
    let place = Place::with(all).await;
    let error = place.hub().download_gguf("org/name:Q4_K_M").await.unwrap_err();
    let HubErrorKind::AmbiguousQuantization { files, .. } = kind(&error) else { panic!("{error}") };
    assert_eq!(files.len(), 2);
    assert_eq!(chosen(&place, "org/name:small-q4_k_m.gguf").await, "small-Q4_K_M.gguf");
}

#[tokio::test]
async fn a_repository_without_gguf_says_so() {
    let all = Repository::model(ID)
        .with_large_file("model.safetensors", "x")
        .with_large_file("mmproj-F16.gguf", "x");
    let place = Place::with(all).await;
    let error = place.hub().download_gguf(ID).await.unwrap_err();
    assert!(matches!(kind(&error), HubErrorKind::NoGguf), "{error}");
}
