//! Macros for the methods that all requests and all responses of tasks have.

/// Writes the getters and `with_*` methods of optional settings. A `text` setting is returned as `&str`.
macro_rules! settings {
    ($request:ident { $($kind:ident $doc:literal $name:ident, $with:ident: $type:ty;)* }) => {
        impl $request {
            $($crate::tasks::accessors::setting!($kind $doc $name, $with: $type);)*
        }
    };
}

macro_rules! setting {
    (copy $doc:literal $name:ident, $with:ident: $type:ty) => {
        #[doc = concat!("Returns the ", $doc)]
        pub const fn $name(&self) -> Option<$type> {
            self.$name
        }

        #[doc = concat!("Sets the ", $doc, " `None` leaves it to the server.")]
        pub fn $with(mut self, $name: impl Into<Option<$type>>) -> Self {
            self.$name = $name.into();
            self
        }
    };
    (text $doc:literal $name:ident, $with:ident: $type:ty) => {
        #[doc = concat!("Returns the ", $doc)]
        pub fn $name(&self) -> Option<&str> {
            self.$name.as_deref()
        }

        #[doc = concat!("Sets the ", $doc)]
        pub fn $with(mut self, $name: impl Into<$type>) -> Self {
            self.$name = Some($name.into());
            self
        }
    };
    (list $doc:literal $name:ident, $with:ident: $type:ty) => {
        #[doc = concat!("Returns the ", $doc)]
        pub fn $name(&self) -> &[$type] {
            &self.$name
        }

        #[doc = concat!("Sets the ", $doc)]
        pub fn $with<T: Into<$type>>(mut self, $name: impl IntoIterator<Item = T>) -> Self {
            self.$name = $name.into_iter().map(Into::into).collect();
            self
        }
    };
}

/// Writes the methods of a request that holds [`TaskOptions`](crate::tasks::TaskOptions), and of its builder.
macro_rules! task_request {
    ($request:ident, $builder:ident) => {
        impl $request {
            /// Returns a builder with no setting.
            pub fn builder() -> $builder {
                $builder::default()
            }

            /// Returns the model name. `None` is the driver's model.
            pub fn model(&self) -> Option<&str> {
                self.options.model()
            }

            /// Sets the model, in place of the driver's.
            pub fn with_model(mut self, model: impl Into<String>) -> Self {
                self.options = self.options.with_model(model);
                self
            }

            /// Returns the timeouts for this request. `None` is the driver's.
            pub const fn timeouts(&self) -> Option<$crate::Timeouts> {
                self.options.timeouts()
            }

            /// Sets the timeouts for this request. `None` is the driver's.
            pub fn with_timeouts(mut self, timeouts: impl Into<Option<$crate::Timeouts>>) -> Self {
                self.options = self.options.with_timeouts(timeouts);
                self
            }

            /// Returns the fields of the service that have no setting here.
            pub fn extra(&self) -> &serde_json::Map<String, serde_json::Value> {
                self.options.extra()
            }

            /// Replaces the fields of the service that have no setting here. The driver adds them to the parameters of the body.
            pub fn with_extra(mut self, extra: serde_json::Map<String, serde_json::Value>) -> Self {
                self.options = self.options.with_extra(extra);
                self
            }

            /// Returns the model, the timeouts and the extra fields.
            pub const fn options(&self) -> &$crate::tasks::TaskOptions {
                &self.options
            }

            /// Replaces the model, the timeouts and the extra fields.
            pub fn with_options(mut self, options: $crate::tasks::TaskOptions) -> Self {
                self.options = options;
                self
            }
        }

        impl $builder {
            /// Sets the model, in place of the driver's.
            pub fn model(mut self, model: impl Into<String>) -> Self {
                self.options = self.options.with_model(model);
                self
            }

            /// Sets the timeouts for this request.
            pub fn timeouts(mut self, timeouts: $crate::Timeouts) -> Self {
                self.options = self.options.with_timeouts(timeouts);
                self
            }

            /// Sets the fields of the service that have no setting here. The driver adds them to the parameters of the body.
            pub fn extra(mut self, extra: serde_json::Map<String, serde_json::Value>) -> Self {
                self.options = self.options.with_extra(extra);
                self
            }

            /// Builds the request.
            ///
            /// # Errors
            ///
            /// A [`BuilderError`](botticelli_error::BuilderError) that names the field, its value and the remedy.
            #[track_caller]
            pub fn build(self) -> Result<$request, botticelli_error::BotticelliError> {
                let request = self.build_unchecked()?;
                request.validate()?;
                Ok(request)
            }
        }
    };
}

/// Writes the methods of a response that holds [`TaskMetadata`](crate::tasks::TaskMetadata).
macro_rules! task_response {
    ($response:ident) => {
        impl $response {
            /// Returns the facts of the call.
            pub const fn metadata(&self) -> &$crate::tasks::TaskMetadata {
                &self.metadata
            }

            /// Sets the facts of the call.
            pub fn with_metadata(mut self, metadata: $crate::tasks::TaskMetadata) -> Self {
                self.metadata = metadata;
                self
            }

            /// Returns the model name that the service sent.
            pub fn model(&self) -> Option<&str> {
                self.metadata.model()
            }

            /// Returns the provider that served the response.
            pub fn provider(&self) -> Option<&str> {
                self.metadata.provider()
            }

            /// Returns the request id to quote to the service's support.
            pub fn request_id(&self) -> Option<&str> {
                self.metadata.request_id()
            }

            /// Returns the token counts, if the service sent them.
            pub const fn usage(&self) -> Option<&$crate::Usage> {
                self.metadata.usage()
            }

            /// Returns the cost with its source.
            pub const fn cost(&self) -> $crate::Cost {
                self.metadata.cost()
            }

            /// Returns the failed attempts before this response.
            pub fn retries(&self) -> &[$crate::Retry] {
                self.metadata.retries()
            }

            /// Returns the warnings for the caller.
            pub fn warnings(&self) -> &[String] {
                self.metadata.warnings()
            }
        }
    };
}

/// Writes the methods of a request with a list of texts in the field `inputs`.
macro_rules! inputs {
    ($request:ident, $builder:ident) => {
        impl $request {
            /// Returns the texts.
            pub fn inputs(&self) -> &[String] {
                &self.inputs
            }

            /// Replaces the texts, and keeps the settings.
            pub fn with_inputs<T: Into<String>>(mut self, inputs: impl IntoIterator<Item = T>) -> Self {
                self.inputs = inputs.into_iter().map(Into::into).collect();
                self
            }
        }

        impl $builder {
            /// Sets the texts. Default: none, which is an error.
            pub fn inputs<T: Into<String>>(mut self, inputs: impl IntoIterator<Item = T>) -> Self {
                self.inputs = Some(inputs.into_iter().map(Into::into).collect());
                self
            }
        }
    };
}

/// Writes the methods and conversions of a request that consists of a list of texts in the field `inputs`.
macro_rules! texts {
    ($request:ident, $builder:ident) => {
        $crate::tasks::accessors::inputs!($request, $builder);

        impl $request {
            /// Returns a request for these texts.
            pub fn new<T: Into<String>>(inputs: impl IntoIterator<Item = T>) -> Self {
                Self { inputs: inputs.into_iter().map(Into::into).collect(), ..Self::default() }
            }
        }

        impl From<&str> for $request {
            fn from(input: &str) -> Self {
                Self::new([input])
            }
        }

        impl From<String> for $request {
            fn from(input: String) -> Self {
                Self::new([input])
            }
        }

        impl<T: Into<String>> From<Vec<T>> for $request {
            fn from(inputs: Vec<T>) -> Self {
                Self::new(inputs)
            }
        }

        impl<T: Into<String>, const N: usize> From<[T; N]> for $request {
            fn from(inputs: [T; N]) -> Self {
                Self::new(inputs)
            }
        }
    };
}

/// Writes the methods and conversions of a request that consists of one text in the field `input`.
macro_rules! text_input {
    ($request:ident) => {
        impl $request {
            /// Returns the text.
            pub fn input(&self) -> &str {
                &self.input
            }
        }

        impl From<&str> for $request {
            fn from(input: &str) -> Self {
                input.to_owned().into()
            }
        }

        impl From<String> for $request {
            fn from(input: String) -> Self {
                Self { input, ..Self::default() }
            }
        }
    };
}

/// Writes the getter and the conversion of a request that consists of one image or audio.
macro_rules! media_input {
    ($request:ident, $field:ident, $what:literal) => {
        impl $request {
            #[doc = concat!("Returns the ", $what, ".")]
            pub const fn $field(&self) -> &$crate::tasks::Media {
                &self.$field
            }
        }

        impl From<$crate::tasks::Media> for $request {
            fn from($field: $crate::tasks::Media) -> Self {
                Self { $field, ..Self::default() }
            }
        }
    };
}

pub(super) use {inputs, media_input, setting, settings, task_request, task_response, text_input, texts};
