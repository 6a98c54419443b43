//! The settings of a new endpoint.

use super::access::EndpointAccess;
use super::image::EndpointImage;
use super::values::{
    check_minutes, check_name, check_part, check_replicas, check_repository, check_word, invalid,
};
use botticelli_core::redact;
use botticelli_core::redact::Secret;
use botticelli_error::BotticelliError;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt;

/// The settings of a new endpoint. `Debug` shows no secret and no value of a variable.
///
/// ```
/// use botticelli_models::huggingface::EndpointSpec;
///
/// let spec = EndpointSpec::new("my-embeddings", "BAAI/bge-small-en-v1.5")
///     .with_task("feature-extraction")
///     .with_region("aws", "us-east-1")
///     .with_instance("intel-icl", "x1")
///     .with_replicas(0, 2);
/// assert!(spec.validate().is_ok());
/// assert!(spec.with_replicas(3, 2).validate().is_err());
/// ```
#[derive(Clone)]
pub struct EndpointSpec {
    pub(super) name: String,
    pub(super) repository: String,
    revision: Option<String>,
    task: Option<String>,
    framework: String,
    pub(super) vendor: String,
    pub(super) region: String,
    accelerator: Option<String>,
    pub(super) instance_type: String,
    pub(super) instance_size: String,
    pub(super) min_replicas: u32,
    pub(super) max_replicas: u32,
    scale_to_zero_minutes: Option<u32>,
    access: EndpointAccess,
    image: EndpointImage,
    variables: BTreeMap<String, String>,
    secrets: BTreeMap<String, SecretString>,
    tags: Vec<String>,
    extra: Map<String, Value>,
}

impl EndpointSpec {
    /// Returns the settings of an endpoint `name` that serves a repository of the Hub.
    ///
    /// The defaults are the smallest CPU instance (`intel-icl`, `x1`) of AWS in `us-east-1`, at most one replica, and none while the
    /// endpoint is idle.
    pub fn new(name: impl Into<String>, repository: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            repository: repository.into(),
            revision: None,
            task: None,
            framework: "pytorch".to_owned(),
            vendor: "aws".to_owned(),
            region: "us-east-1".to_owned(),
            accelerator: None,
            instance_type: "intel-icl".to_owned(),
            instance_size: "x1".to_owned(),
            min_replicas: 0,
            max_replicas: 1,
            scale_to_zero_minutes: Some(15),
            access: EndpointAccess::default(),
            image: EndpointImage::default(),
            variables: BTreeMap::new(),
            secrets: BTreeMap::new(),
            tags: Vec::new(),
            extra: Map::new(),
        }
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the repository.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// Returns the maximum number of replicas.
    pub const fn max_replicas(&self) -> u32 {
        self.max_replicas
    }

    /// Sets the branch, tag or commit of the repository. Default: `main`.
    pub fn with_revision(mut self, revision: impl Into<String>) -> Self {
        self.revision = Some(revision.into());
        self
    }

    /// Sets the task, such as `text-generation` or `feature-extraction`. Default: the task of the repository.
    pub fn with_task(mut self, task: impl Into<String>) -> Self {
        self.task = Some(task.into());
        self
    }

    /// Sets the framework: `pytorch`, `llamacpp` or `custom`. Default: `pytorch`.
    pub fn with_framework(mut self, framework: impl Into<String>) -> Self {
        self.framework = framework.into();
        self
    }

    /// Sets the cloud and its region. Default: `aws` and `us-east-1`.
    pub fn with_region(mut self, vendor: impl Into<String>, region: impl Into<String>) -> Self {
        (self.vendor, self.region) = (vendor.into(), region.into());
        self
    }

    /// Sets the type and the size of the instance, such as `nvidia-l4` and `x1`. Default: `intel-icl` and `x1`.
    pub fn with_instance(
        mut self,
        instance_type: impl Into<String>,
        instance_size: impl Into<String>,
    ) -> Self {
        (self.instance_type, self.instance_size) = (instance_type.into(), instance_size.into());
        self
    }

    /// Sets the accelerator: `cpu`, `gpu` or `neuron`. Default: the accelerator of the instance in the price list.
    pub fn with_accelerator(mut self, accelerator: impl Into<String>) -> Self {
        self.accelerator = Some(accelerator.into());
        self
    }

    /// Sets the minimum and the maximum number of replicas. Default: 0 and 1. With a minimum of 0, an idle endpoint costs nothing.
    pub const fn with_replicas(mut self, minimum: u32, maximum: u32) -> Self {
        (self.min_replicas, self.max_replicas) = (minimum, maximum);
        self
    }

    /// Sets the minutes without a request after which an endpoint with a minimum of 0 replicas stops. Default: 15. `None` never stops it.
    pub const fn with_scale_to_zero_minutes(mut self, minutes: Option<u32>) -> Self {
        self.scale_to_zero_minutes = minutes;
        self
    }

    /// Sets the clients that may call the endpoint. Default: [`EndpointAccess::Protected`].
    pub const fn with_access(mut self, access: EndpointAccess) -> Self {
        self.access = access;
        self
    }

    /// Sets the container image. Default: [`EndpointImage::huggingface`].
    pub fn with_image(mut self, image: EndpointImage) -> Self {
        self.image = image;
        self
    }

    /// Adds an environment variable of the container. The service shows its value to members of the namespace.
    pub fn with_variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// Adds a secret environment variable of the container, which the service never shows.
    pub fn with_secret(mut self, name: impl Into<String>, value: impl Into<SecretString>) -> Self {
        self.secrets.insert(name.into(), value.into());
        self
    }

    /// Adds a tag.
    pub fn with_tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// Adds a field of the request that has no setting here, such as `cacheHttpResponses`.
    pub fn with_extra(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.extra.insert(name.into(), value.into());
        self
    }

    /// Checks the settings, as far as this is possible without the service.
    ///
    /// # Errors
    ///
    /// An [`EndpointError`](botticelli_error::EndpointError) for an invalid name or repository, for impossible numbers of replicas, and
    /// for an empty word.
    pub fn validate(&self) -> Result<(), BotticelliError> {
        let name = &self.name;
        check_name(name)?;
        check_repository(name, &self.repository)?;
        check_replicas(name, Some(self.min_replicas), Some(self.max_replicas))?;
        check_minutes(name, self.scale_to_zero_minutes)?;
        check_part("region", &self.vendor)?;
        for (setting, word) in [
            ("revision", self.revision.as_ref()),
            ("task", self.task.as_ref()),
            ("framework", Some(&self.framework)),
            ("region", Some(&self.region)),
            ("accelerator", self.accelerator.as_ref()),
            ("instance_type", Some(&self.instance_type)),
            ("instance_size", Some(&self.instance_size)),
        ] {
            word.map_or(Ok(()), |word| check_word(name, setting, word))?;
        }
        for variable in self.variables.keys().chain(self.secrets.keys()) {
            check_word(name, "variable", variable)?;
        }
        if let Some(both) = self.variables.keys().find(|variable| self.secrets.contains_key(*variable)) {
            return Err(invalid(name, "variable", both, "is a secret too"));
        }
        self.image.check(name)?;
        let body = self.body("cpu");
        let set = self.extra.keys().find(|field| body.get(*field) != self.extra.get(*field));
        match set {
            Some(field) => Err(invalid(name, "extra", field, "has its own setting")),
            None => Ok(()),
        }
    }

    /// Returns the instance for messages.
    pub(super) fn instance(&self) -> String {
        format!("{} {} ({} {})", self.instance_type, self.instance_size, self.vendor, self.region)
    }

    /// Returns the accelerator that the caller set.
    pub(super) fn accelerator(&self) -> Option<&str> {
        self.accelerator.as_deref()
    }

    /// Returns the values that no message may repeat.
    pub(super) fn hidden(&self) -> Vec<Secret> {
        let secrets = self.secrets.values().map(|secret| Secret::new(secret.clone()));
        secrets.chain(self.image.password()).collect()
    }

    /// Returns the body of the request. `accelerator` is used if the caller set none.
    pub(super) fn body(&self, accelerator: &str) -> Map<String, Value> {
        let mut model = Map::new();
        model.insert("repository".to_owned(), json!(self.repository));
        model.insert("framework".to_owned(), json!(self.framework));
        model.insert("image".to_owned(), self.image.to_json());
        let words = [("revision", &self.revision), ("task", &self.task)];
        for (field, word) in words.into_iter().filter_map(|(field, word)| Some((field, word.as_ref()?))) {
            model.insert(field.to_owned(), json!(word));
        }
        if !self.variables.is_empty() {
            model.insert("env".to_owned(), json!(self.variables));
        }
        if !self.secrets.is_empty() {
            let secrets: BTreeMap<_, _> =
                self.secrets.iter().map(|(name, secret)| (name, secret.expose_secret())).collect();
            model.insert("secrets".to_owned(), json!(secrets));
        }
        let mut body = self.extra.clone();
        for (field, value) in [
            ("name", json!(self.name)),
            ("type", json!(self.access.as_str())),
            ("provider", json!({ "vendor": self.vendor, "region": self.region })),
            (
                "compute",
                json!({
                    "accelerator": self.accelerator.as_deref().unwrap_or(accelerator),
                    "instanceType": self.instance_type,
                    "instanceSize": self.instance_size,
                    "scaling": {
                        "minReplica": self.min_replicas,
                        "maxReplica": self.max_replicas,
                        "scaleToZeroTimeout": self.scale_to_zero_minutes,
                    },
                }),
            ),
            ("model", Value::Object(model)),
        ] {
            body.insert(field.to_owned(), value);
        }
        if !self.tags.is_empty() {
            body.insert("tags".to_owned(), json!(self.tags));
        }
        body
    }
}

// A variable may contain a secret by mistake, so only the names are shown.
impl fmt::Debug for EndpointSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointSpec")
            .field("name", &redact::tokens(&self.name))
            .field("repository", &redact::tokens(&self.repository))
            .field("revision", &self.revision.as_deref().map(redact::tokens))
            .field("task", &self.task)
            .field("framework", &self.framework)
            .field("instance", &redact::tokens(&self.instance()))
            .field("replicas", &(self.min_replicas, self.max_replicas))
            .field("scale_to_zero_minutes", &self.scale_to_zero_minutes)
            .field("access", &self.access)
            .field("image", &self.image)
            .field("variables", &self.variables.keys().collect::<Vec<_>>())
            .field("secrets", &self.secrets.keys().collect::<Vec<_>>())
            .field("extra", &self.extra.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
