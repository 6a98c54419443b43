//! A change of an endpoint.

use super::access::EndpointAccess;
use super::image::EndpointImage;
use super::values::{check_minutes, check_replicas, check_repository, check_word, invalid};
use botticelli_core::redact::Secret;
use botticelli_error::BotticelliError;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt;

/// A change to an endpoint. Settings that are not set stay as they are. `Debug` shows no secret.
///
/// ```
/// use botticelli_models::huggingface::EndpointUpdate;
///
/// let update = EndpointUpdate::new().with_max_replicas(2).with_revision("v2");
/// ```
#[derive(Clone, Default)]
pub struct EndpointUpdate {
    repository: Option<String>,
    revision: Option<String>,
    task: Option<String>,
    framework: Option<String>,
    accelerator: Option<String>,
    pub(super) instance: Option<(String, String)>,
    pub(super) min_replicas: Option<u32>,
    pub(super) max_replicas: Option<u32>,
    scale_to_zero: Option<ScaleToZero>,
    access: Option<EndpointAccess>,
    image: Option<EndpointImage>,
    variables: Option<BTreeMap<String, String>>,
    secrets: Option<BTreeMap<String, SecretString>>,
}

/// The time without a request after which an endpoint stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ScaleToZero {
    /// In minutes.
    After(u32),
    Never,
}

impl ScaleToZero {
    const fn minutes(self) -> Option<u32> {
        match self {
            Self::After(minutes) => Some(minutes),
            Self::Never => None,
        }
    }
}

impl EndpointUpdate {
    /// Returns an update that changes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes the repository.
    pub fn with_repository(mut self, repository: impl Into<String>) -> Self {
        self.repository = Some(repository.into());
        self
    }

    /// Changes the branch, tag or commit of the repository.
    pub fn with_revision(mut self, revision: impl Into<String>) -> Self {
        self.revision = Some(revision.into());
        self
    }

    /// Changes the task.
    pub fn with_task(mut self, task: impl Into<String>) -> Self {
        self.task = Some(task.into());
        self
    }

    /// Changes the framework.
    pub fn with_framework(mut self, framework: impl Into<String>) -> Self {
        self.framework = Some(framework.into());
        self
    }

    /// Changes the accelerator. The default for a new instance is its accelerator in the price list.
    pub fn with_accelerator(mut self, accelerator: impl Into<String>) -> Self {
        self.accelerator = Some(accelerator.into());
        self
    }

    /// Changes the type and the size of the instance.
    pub fn with_instance(
        mut self,
        instance_type: impl Into<String>,
        instance_size: impl Into<String>,
    ) -> Self {
        self.instance = Some((instance_type.into(), instance_size.into()));
        self
    }

    /// Changes the minimum number of replicas.
    pub const fn with_min_replicas(mut self, minimum: u32) -> Self {
        self.min_replicas = Some(minimum);
        self
    }

    /// Changes the maximum number of replicas.
    pub const fn with_max_replicas(mut self, maximum: u32) -> Self {
        self.max_replicas = Some(maximum);
        self
    }

    /// Changes the minutes without a request after which the endpoint stops. `None` never stops it.
    pub const fn with_scale_to_zero_minutes(mut self, minutes: Option<u32>) -> Self {
        self.scale_to_zero = Some(match minutes {
            Some(minutes) => ScaleToZero::After(minutes),
            None => ScaleToZero::Never,
        });
        self
    }

    /// Changes the clients that may call the endpoint.
    pub const fn with_access(mut self, access: EndpointAccess) -> Self {
        self.access = Some(access);
        self
    }

    /// Changes the container image.
    pub fn with_image(mut self, image: EndpointImage) -> Self {
        self.image = Some(image);
        self
    }

    /// Adds an environment variable. The variables of the change replace all variables of the endpoint.
    pub fn with_variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.get_or_insert_default().insert(name.into(), value.into());
        self
    }

    /// Adds a secret environment variable. The secrets of the change replace all secrets of the endpoint.
    pub fn with_secret(mut self, name: impl Into<String>, value: impl Into<SecretString>) -> Self {
        self.secrets.get_or_insert_default().insert(name.into(), value.into());
        self
    }

    /// Returns the accelerator that the caller set.
    pub(super) fn accelerator(&self) -> Option<&str> {
        self.accelerator.as_deref()
    }

    /// Returns whether the change may raise the price.
    pub(super) const fn changes_price(&self) -> bool {
        self.instance.is_some() || self.max_replicas.is_some()
    }

    pub(super) fn validate(&self, name: &str) -> Result<(), BotticelliError> {
        if self.body(None).is_empty() {
            return Err(invalid(name, "update", "", "changes nothing"));
        }
        if let Some(repository) = &self.repository {
            check_repository(name, repository)?;
        }
        check_replicas(name, self.min_replicas, self.max_replicas)?;
        check_minutes(name, self.scale_to_zero.and_then(ScaleToZero::minutes))?;
        let instance = self.instance.as_ref();
        for (setting, word) in [
            ("revision", self.revision.as_ref()),
            ("task", self.task.as_ref()),
            ("framework", self.framework.as_ref()),
            ("accelerator", self.accelerator.as_ref()),
            ("instance_type", instance.map(|(kind, _)| kind)),
            ("instance_size", instance.map(|(_, size)| size)),
        ] {
            word.map_or(Ok(()), |word| check_word(name, setting, word))?;
        }
        let variables = self.variables.iter().flat_map(BTreeMap::keys);
        for variable in variables.chain(self.secrets.iter().flat_map(BTreeMap::keys)) {
            check_word(name, "variable", variable)?;
        }
        self.image.as_ref().map_or(Ok(()), |image| image.check(name))
    }

    /// Returns the values that no message may repeat.
    pub(super) fn hidden(&self) -> Vec<Secret> {
        let secrets = self.secrets.iter().flat_map(BTreeMap::values);
        let secrets = secrets.map(|secret| Secret::new(secret.clone()));
        secrets.chain(self.image.as_ref().and_then(EndpointImage::password)).collect()
    }

    /// Returns the body of the request, which contains only the changes. `accelerator` belongs to a new instance.
    pub(super) fn body(&self, accelerator: Option<&str>) -> Map<String, Value> {
        let (mut body, mut compute) = (Map::new(), Map::new());
        let (mut scaling, mut model) = (Map::new(), Map::new());
        let set = |object: &mut Map<String, Value>, field: &str, value: Option<Value>| {
            if let Some(value) = value {
                object.insert(field.to_owned(), value);
            }
        };
        let word = |word: &Option<String>| word.as_ref().map(|word| json!(word));
        set(&mut scaling, "minReplica", self.min_replicas.map(Value::from));
        set(&mut scaling, "maxReplica", self.max_replicas.map(Value::from));
        set(&mut scaling, "scaleToZeroTimeout", self.scale_to_zero.map(|limit| json!(limit.minutes())));
        let accelerator = self.accelerator.as_deref().or(accelerator);
        set(&mut compute, "accelerator", accelerator.map(|accelerator| json!(accelerator)));
        if let Some((instance_type, instance_size)) = &self.instance {
            set(&mut compute, "instanceType", Some(json!(instance_type)));
            set(&mut compute, "instanceSize", Some(json!(instance_size)));
        }
        set(&mut model, "repository", word(&self.repository));
        set(&mut model, "revision", word(&self.revision));
        set(&mut model, "task", word(&self.task));
        set(&mut model, "framework", word(&self.framework));
        set(&mut model, "image", self.image.as_ref().map(EndpointImage::to_json));
        set(&mut model, "env", self.variables.as_ref().map(|variables| json!(variables)));
        let secrets = self.secrets.as_ref().map(|secrets| {
            let exposed: BTreeMap<_, _> =
                secrets.iter().map(|(name, secret)| (name, secret.expose_secret())).collect();
            json!(exposed)
        });
        set(&mut model, "secrets", secrets);
        let filled = |object: Map<String, Value>| (!object.is_empty()).then_some(Value::Object(object));
        set(&mut compute, "scaling", filled(scaling));
        set(&mut body, "compute", filled(compute));
        set(&mut body, "model", filled(model));
        set(&mut body, "type", self.access.map(|access| json!(access.as_str())));
        body
    }
}

// A variable may contain a secret by mistake, so only the names are shown.
impl fmt::Debug for EndpointUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointUpdate")
            .field("instance", &self.instance)
            .field("min_replicas", &self.min_replicas)
            .field("max_replicas", &self.max_replicas)
            .field("scale_to_zero", &self.scale_to_zero)
            .field("access", &self.access)
            .field("image", &self.image)
            .field(
                "variables",
                &self.variables.as_ref().map(|variables| variables.keys().collect::<Vec<_>>()),
            )
            .field("secrets", &self.secrets.as_ref().map(|secrets| secrets.keys().collect::<Vec<_>>()))
            .finish_non_exhaustive()
    }
}
