//! Rows for the types of dedicated endpoints.

use crate::common::service::always;
use crate::search::calls::own_client;
use crate::search::printed::printed;
use crate::search::{PLAIN, SECRET, echoes};
use crate::table::{Table, holds_none, shown};
use botticelli_core::RetryConfig;
use botticelli_error::{BotticelliError, BotticelliErrorKind, EndpointError, EndpointErrorKind};
use botticelli_models::Environment;
use botticelli_models::huggingface::{
    EndpointAccess, EndpointImage, EndpointInstance, EndpointObserver, EndpointPrice, EndpointProgress,
    EndpointSpec, EndpointState, EndpointUpdate, Endpoints, EndpointsBuilder, InferenceEndpoint, TokenOwner,
};

pub(crate) async fn show_endpoints(table: &mut Table) {
    for token in [SECRET, PLAIN] {
        shown!(table, EndpointsBuilder => Endpoints::builder().with_http_client(own_client(token)));
        for echo in echoes(token) {
            let builder = Endpoints::builder()
                .with_environment(Environment::empty())
                .with_namespace("me")
                .with_retry(RetryConfig::never())
                .with_token(token.to_owned());
            shown!(table, EndpointsBuilder => builder.clone().with_base_url(format!("https://u:{token}@example.org/?t={token}")));
            let refusing =
                always(response("403 Forbidden", &echo, &format!("{{\"error\":\"{echo}\"}}"))).await;
            let endpoints = builder.clone().with_base_url(refusing).build().unwrap();
            let error = endpoints.list().await.unwrap_err();
            show(table, &error);
            let body = serde_json::json!({
                "name": "name", "model": { "repository": "org/name" },
                "status": { "state": echo, "message": echo, "url": format!("https://{echo}/") },
            });
            let echoing = always(response("200 OK", &echo, &body.to_string())).await;
            let owner = serde_json::json!({
                "name": echo, "orgs": [{ "name": echo }],
                "auth": { "accessToken": { "displayName": echo, "role": echo, "fineGrained": { "global": [echo] } } },
            });
            let hub = always(response("200 OK", &echo, &owner.to_string())).await;
            let environment = Environment::empty().with("HF_ENDPOINT", hub);
            let owner = builder.clone().with_environment(environment).build().unwrap().owner().await.unwrap();
            shown!(table, TokenOwner => owner);
            let endpoints = builder.with_base_url(echoing).build().unwrap();
            let endpoint = endpoints.get("name").await.unwrap();
            show(table, &endpoint.driver().unwrap_err());
            shown!(table, Endpoints => endpoints, InferenceEndpoint => endpoint, EndpointState => *endpoint.state());
        }
        let image = EndpointImage::new("custom").with_credentials("me", token).with_option("key", token);
        let spec = EndpointSpec::new(SECRET, SECRET).with_image(image.clone());
        let spec = spec.with_secret("A", token).with_variable("B", token).with_extra("x", token);
        show(table, &spec.validate().unwrap_err());
        let update = EndpointUpdate::new().with_image(image.clone());
        let update = update.with_secret("A", token).with_variable("B", token);
        shown!(table, EndpointImage => image, EndpointSpec => spec, EndpointUpdate => update);
    }
    holds_none!(table, "a word of ours": EndpointAccess);
    holds_none!(table, "names and prices of the price list, from which the token is removed": EndpointInstance, EndpointPrice);
    holds_none!(table, "an endpoint, which has a row, and a function of the caller": EndpointProgress, EndpointObserver);
}

fn response(status: &str, echo: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nx-request-id: {echo}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

fn show(table: &mut Table, error: &BotticelliError) {
    shown!(table, BotticelliError => *error, BotticelliErrorKind => *error.kind());
    if let BotticelliErrorKind::Endpoint(error) = error.kind() {
        shown!(table, EndpointError => *error, EndpointErrorKind => *error.kind());
    }
}
