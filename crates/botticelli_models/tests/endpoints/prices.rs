//! Prices before an endpoint is created, and the limit of the caller.

use crate::support::{EMBEDDINGS, NAME, builder, client, inject, kind, lines, spec};
use botticelli_core::Usd;
use botticelli_error::{EndpointErrorKind, ErrorCategory};
use botticelli_models::huggingface::EndpointUpdate;
use botticelli_sandbox::Sandbox;

fn usd(text: &str) -> Usd {
    Usd::parse(text).unwrap()
}

#[tokio::test]
async fn the_price_is_known_before_the_creation() {
    let sandbox = Sandbox::start().await.unwrap();
    let spec = spec(EMBEDDINGS).with_instance("nvidia-l4", "x1").with_replicas(1, 4);
    let price = client(&sandbox).price(&spec).await.unwrap();
    assert_eq!(price.replica_per_hour(), usd("0.80"));
    assert_eq!((price.min_per_hour(), price.max_per_hour()), (usd("0.80"), usd("3.20")));
    assert_eq!(lines(&sandbox), ["GET /v2/provider/sandbox"]);
}

#[tokio::test]
async fn the_instances_have_all_their_fields() {
    let sandbox = Sandbox::start().await.unwrap();
    let all = client(&sandbox).instances().await.unwrap();
    let h100 = all.iter().find(|instance| instance.instance_type() == "nvidia-h100").unwrap();
    assert_eq!((h100.vendor(), h100.region(), h100.instance_size()), ("gcp", "us-east4", "x1"));
    assert_eq!((h100.accelerator(), h100.accelerators()), ("gpu", Some(1)));
    assert_eq!((h100.status(), h100.price_per_hour()), (Some("available"), Some(usd("10"))));
    let neuron = all.iter().find(|instance| instance.accelerator() == "neuron").unwrap();
    assert_eq!(neuron.price_per_hour(), None);
}

#[tokio::test]
async fn a_price_above_the_limit_is_refused_with_the_figures_and_nothing_is_created() {
    let sandbox = Sandbox::start().await.unwrap();
    let endpoints = builder(&sandbox).with_max_price_per_hour(usd("1.50")).build().unwrap();
    let spec = spec(EMBEDDINGS).with_instance("nvidia-l4", "x1").with_replicas(0, 2);
    let error = endpoints.create(&spec).await.unwrap_err();
    let expected = EndpointErrorKind::TooExpensive {
        limit: 1_500_000_000,
        price: 1_600_000_000,
        replica_price: 800_000_000,
        replicas: 2,
    };
    assert_eq!(kind(&error), &expected);
    assert_eq!(error.category(), ErrorCategory::LimitReached);
    let text = error.to_string();
    for figure in ["$1.50", "$1.60", "$0.80", "2 replicas"] {
        assert!(text.contains(figure), "{figure}: {text}");
    }
    assert_eq!(lines(&sandbox), ["GET /v2/provider/sandbox"]);
    // A price of exactly the limit is allowed.
    let endpoints = builder(&sandbox).with_max_price_per_hour(usd("1.60")).build().unwrap();
    endpoints.create(&spec).await.unwrap();
}

#[tokio::test]
async fn an_unknown_price_is_refused_only_if_there_is_a_limit() {
    let sandbox = Sandbox::start().await.unwrap();
    inject(&sandbox, "no-prices");
    let limited = builder(&sandbox).with_max_price_per_hour(usd("100")).build().unwrap();
    let error = limited.create(&spec(EMBEDDINGS)).await.unwrap_err();
    assert_eq!(kind(&error), &EndpointErrorKind::UnknownPrice { limit: 100_000_000_000 });
    inject(&sandbox, "no-prices");
    let error = client(&sandbox).price(&spec(EMBEDDINGS)).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::InvalidResponse);
    inject(&sandbox, "no-prices");
    client(&sandbox).create(&spec(EMBEDDINGS)).await.unwrap();
}

#[tokio::test]
async fn a_change_above_the_limit_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let endpoints = builder(&sandbox).with_max_price_per_hour(usd("0.10")).build().unwrap();
    endpoints.create(&spec(EMBEDDINGS)).await.unwrap();
    for update in [
        EndpointUpdate::new().with_max_replicas(4),
        EndpointUpdate::new().with_instance("nvidia-t4", "x1").with_accelerator("gpu"),
    ] {
        let error = endpoints.update(NAME, &update).await.unwrap_err();
        assert!(matches!(kind(&error), EndpointErrorKind::TooExpensive { .. }), "{error}");
    }
    assert!(!lines(&sandbox).iter().any(|line| line.starts_with("PUT")));
    endpoints.update(NAME, &EndpointUpdate::new().with_max_replicas(3)).await.unwrap();
}

#[tokio::test]
async fn an_unknown_instance_names_the_nearest_ones_before_anything_is_created() {
    let sandbox = Sandbox::start().await.unwrap();
    let spec = spec(EMBEDDINGS).with_instance("nvidia-a10", "x1");
    let error = client(&sandbox).create(&spec).await.unwrap_err();
    let EndpointErrorKind::UnknownInstance { instance, nearest } = kind(&error) else { panic!("{error}") };
    assert_eq!(instance, "nvidia-a10 x1 (aws us-east-1)");
    assert_eq!(nearest[0], "nvidia-a10g x1 (aws us-east-1, $1.00 per hour)");
    assert_eq!(lines(&sandbox), ["GET /v2/provider/sandbox"]);
    // The accelerator of the caller does not make an unknown instance known.
    let error = client(&sandbox).create(&spec.with_accelerator("gpu")).await.unwrap_err();
    assert!(matches!(kind(&error), EndpointErrorKind::UnknownInstance { .. }), "{error}");
}

#[tokio::test]
async fn without_a_limit_a_price_list_that_fails_prevents_nothing_that_needs_it_not() {
    let sandbox = Sandbox::start().await.unwrap();
    inject(&sandbox, "status=500");
    let error = client(&sandbox).create(&spec(EMBEDDINGS)).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Server);
    inject(&sandbox, "status=500");
    client(&sandbox).create(&spec(EMBEDDINGS).with_accelerator("cpu")).await.unwrap();
    inject(&sandbox, "status=500");
    let limited = builder(&sandbox).with_max_price_per_hour(usd("100")).build().unwrap();
    let error = limited.create(&spec(EMBEDDINGS).with_accelerator("cpu")).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Server);
}
