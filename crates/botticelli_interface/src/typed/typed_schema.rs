//! A compiled schema for many calls.

use super::generate::extract;
use super::mode_selection::select_modes;
use super::read::Reader;
use super::target_schema::TargetSchema;
use super::type_schema::type_schema;
use super::{TypedMode, TypedOptions, TypedResponse, mode_request};
use crate::BotticelliDriver;
use botticelli_core::{CostEstimate, GenerateRequest, OutputSchema};
use botticelli_error::BotticelliError;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::OnceLock;

/// A schema that is compiled once for many calls, and that remembers the mode that the service supports.
///
/// [`generate_json`](crate::DriverExt::generate_json) compiles its schema for every call, and tries all modes again. With this type, a
/// service without structured outputs rejects the first calls only.
///
/// ```
/// use botticelli_core::OutputSchema;
/// use botticelli_error::BotticelliError;
/// use botticelli_interface::{BotticelliDriver, TypedOptions, TypedSchema};
/// use serde_json::json;
///
/// # async fn classify(driver: &dyn BotticelliDriver) -> Result<(), BotticelliError> {
/// let schema = json!({ "type": "object", "properties": { "label": { "type": "string" } }, "required": ["label"] });
/// let schema = TypedSchema::of_schema(&OutputSchema::new("label", schema)?, TypedOptions::default())?;
/// for review in ["Great!", "Never again."] {
///     let answer = schema.generate(driver, review.into()).await?;
///     println!("{}", answer.value["label"]);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TypedSchema {
    schema: Value,
    target: TargetSchema,
    options: TypedOptions,
    read: Reader<Value>,
    mode: OnceLock<TypedMode>,
    /// The mode whose requests cost the most, according to the first estimate.
    dearest: OnceLock<TypedMode>,
}

impl TypedSchema {
    /// Compiles the schema of a type. Values are also deserialized, so that every value fits the type.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) if the type has no strict schema, or if the options have no mode.
    pub fn of_type<T>(options: TypedOptions) -> Result<Self, BotticelliError>
    where
        T: DeserializeOwned + schemars::JsonSchema,
    {
        options.validate()?;
        let target = TargetSchema::of_type::<T>(&options)?;
        let read = |value: &Value| match T::deserialize(value) {
            Ok(_) => Ok(value.clone()),
            Err(error) => Err(error.to_string()),
        };
        Ok(Self {
            schema: type_schema::<T>(),
            target,
            options,
            read,
            mode: OnceLock::new(),
            dearest: OnceLock::new(),
        })
    }

    /// Compiles a schema of the caller.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) if the schema is invalid, or if the options have no mode.
    pub fn of_schema(schema: &OutputSchema, options: TypedOptions) -> Result<Self, BotticelliError> {
        options.validate()?;
        let target = TargetSchema::of_schema(schema)?;
        let read = |value: &Value| Ok(value.clone());
        Ok(Self {
            schema: schema.schema().clone(),
            target,
            options,
            read,
            mode: OnceLock::new(),
            dearest: OnceLock::new(),
        })
    }

    /// Returns the JSON Schema of the values.
    pub fn schema(&self) -> &Value {
        &self.schema
    }

    /// Returns the mode of the first call that succeeded.
    pub fn mode(&self) -> Option<TypedMode> {
        self.mode.get().copied()
    }

    /// Sends a request and returns the response as a value that matches the schema.
    ///
    /// # Errors
    ///
    /// The same as for [`generate_json`](crate::DriverExt::generate_json).
    pub async fn generate<D>(
        &self,
        driver: &D,
        request: GenerateRequest,
    ) -> Result<TypedResponse<Value>, BotticelliError>
    where
        D: BotticelliDriver + ?Sized,
    {
        let mut modes = select_modes(driver, &request, &self.options).await?;
        if let Some(first) = self.mode() {
            // The service rejected the modes before.
            let rejected = modes.iter().take_while(|mode| **mode != first).count();
            if rejected < modes.len() {
                modes.drain(..rejected);
            }
        }
        let response = extract(driver, &request, &self.target, &self.options, modes, self.read).await?;
        self.mode.get_or_init(|| response.mode());
        Ok(response)
    }

    /// Returns an upper bound of the cost of one call, in the mode whose requests cost the most. Repairs are further calls, and are
    /// not included.
    ///
    /// # Errors
    ///
    /// The same as for [`estimate`](BotticelliDriver::estimate), and a request that has a response format or tools already.
    pub async fn estimate<D>(
        &self,
        driver: &D,
        request: &GenerateRequest,
    ) -> Result<CostEstimate, BotticelliError>
    where
        D: BotticelliDriver + ?Sized,
    {
        if let Some(mode) = self.dearest.get() {
            return self.estimate_mode(driver, request, *mode).await;
        }
        let mut bounds = Vec::new();
        for mode in select_modes(driver, request, &self.options).await? {
            bounds.push((mode, self.estimate_mode(driver, request, mode).await?));
        }
        // An unknown amount is larger than any other.
        let size = |amount: Option<u64>| (amount.is_none(), amount);
        let dearest =
            bounds.into_iter().max_by_key(|(_, bound)| (size(bound.nano_dollars()), size(bound.tokens())));
        let Some((mode, bound)) = dearest else { return Ok(CostEstimate::unknown()) };
        self.dearest.get_or_init(|| mode);
        Ok(bound)
    }

    async fn estimate_mode<D>(
        &self,
        driver: &D,
        request: &GenerateRequest,
        mode: TypedMode,
    ) -> Result<CostEstimate, BotticelliError>
    where
        D: BotticelliDriver + ?Sized,
    {
        driver.estimate(&mode_request::request_for_mode(request, &self.target, mode)?).await
    }
}
