//! The container image of an endpoint.

use super::values::{check_word, invalid};
use botticelli_core::redact::Secret;
use botticelli_error::BotticelliError;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use std::fmt;

/// The container image of an endpoint: the inference server, and its settings. `Debug` shows no password.
///
/// ```
/// use botticelli_models::huggingface::EndpointImage;
///
/// // The image that the service selects for the model.
/// let default = EndpointImage::huggingface();
/// // text-embeddings-inference.
/// let embeddings = EndpointImage::new("tei").with_url("ghcr.io/huggingface/text-embeddings-inference:cpu-1.8");
/// // An image of your own.
/// let own = EndpointImage::new("custom").with_url("registry.example.org/server:1").with_port(8000);
/// assert_eq!(own.engine(), "custom");
/// ```
#[derive(Clone)]
pub struct EndpointImage {
    engine: String,
    url: Option<String>,
    port: Option<u16>,
    health_route: Option<String>,
    credentials: Option<(String, SecretString)>,
    options: Map<String, Value>,
}

impl EndpointImage {
    /// Returns an image of an engine: `huggingface`, `tgi`, `tei`, `vLLM`, `sGLang`, `llamacpp` or `custom`.
    pub fn new(engine: impl Into<String>) -> Self {
        Self {
            engine: engine.into(),
            url: None,
            port: None,
            health_route: None,
            credentials: None,
            options: Map::new(),
        }
    }

    /// Returns the image that the service selects for the model and its task.
    pub fn huggingface() -> Self {
        Self::new("huggingface")
    }

    /// Sets the address of the image in its registry.
    pub fn with_url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Sets the port of the server in the container. Default: the engine's port.
    pub fn with_port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Sets the path that responds with 200 when the server is ready. Default: `/health`.
    pub fn with_health_route(mut self, route: impl Into<String>) -> Self {
        self.health_route = Some(route.into());
        self
    }

    /// Sets the user name and the password for a private registry.
    pub fn with_credentials(
        mut self,
        username: impl Into<String>,
        password: impl Into<SecretString>,
    ) -> Self {
        self.credentials = Some((username.into(), password.into()));
        self
    }

    /// Sets an option of the engine, such as `modelPath` of `llamacpp`.
    pub fn with_option(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.options.insert(name.into(), value.into());
        self
    }

    /// Returns the engine.
    pub fn engine(&self) -> &str {
        &self.engine
    }

    /// Returns the password, for the redaction of messages.
    pub(super) fn password(&self) -> Option<Secret> {
        self.credentials.as_ref().map(|(_, password)| Secret::new(password.clone()))
    }

    pub(super) fn check(&self, endpoint: &str) -> Result<(), BotticelliError> {
        check_word(endpoint, "image", &self.engine)?;
        if let Some(url) = &self.url {
            check_word(endpoint, "image.url", url)?;
        } else if self.engine == "custom" {
            return Err(invalid(endpoint, "image.url", "", "is missing: a custom image has no default"));
        }
        match &self.health_route {
            Some(route) if !route.starts_with('/') => {
                Err(invalid(endpoint, "image.health_route", route, "does not begin with a slash"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn to_json(&self) -> Value {
        let mut settings = self.options.clone();
        if let Some(url) = &self.url {
            settings.insert("url".to_owned(), json!(url));
        }
        if let Some(port) = self.port {
            settings.insert("port".to_owned(), json!(port));
        }
        if let Some(route) = &self.health_route {
            settings.insert("healthRoute".to_owned(), json!(route));
        }
        if let Some((username, password)) = &self.credentials {
            let credentials = json!({ "username": username, "password": password.expose_secret() });
            settings.insert("credentials".to_owned(), credentials);
        }
        let mut image = Map::new();
        image.insert(self.engine.clone(), Value::Object(settings));
        Value::Object(image)
    }
}

impl Default for EndpointImage {
    fn default() -> Self {
        Self::huggingface()
    }
}

// An option may contain a secret by mistake, so only the names are shown.
impl fmt::Debug for EndpointImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointImage")
            .field("engine", &self.engine)
            .field("url", &self.url.as_deref().map(botticelli_core::redact::address))
            .field("port", &self.port)
            .field("health_route", &self.health_route)
            .field("has_credentials", &self.credentials.is_some())
            .field("options", &self.options.keys().collect::<Vec<_>>())
            .finish()
    }
}
