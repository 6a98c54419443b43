//! The driver traits of every layer.

/// Implements the driver traits for a layer with the methods `call`, `call_stream` and `inner`.
///
/// All other methods are forwarded to the inner driver. A layer with several drivers names its own methods for estimates and reports.
macro_rules! forward {
    ($layer:ident $(: $lifetime:lifetime)? $(, $estimate:ident, $reports:ident)?) => {
        // Calls are boxed without an `async fn` around them, whose future would hold another copy of the request.
        // Without the lint, a new method with a default could be missing here, and hide the method of the inner driver.
        #[deny(clippy::missing_trait_methods)]
        #[async_trait::async_trait]
        impl<D: botticelli_interface::BotticelliDriver $(+ $lifetime)?> botticelli_interface::BotticelliDriver
            for $layer<D>
        {
            fn generate<'a, 'b>(
                &'a self,
                request: botticelli_core::GenerateRequest,
            ) -> futures::future::BoxFuture<'b, Result<botticelli_core::GenerateResponse, botticelli_error::BotticelliError>>
            where
                'a: 'b,
                Self: 'b,
            {
                Box::pin(self.call::<crate::verb::Chat>(request))
            }

            fn generate_stream<'a, 'b>(
                &'a self,
                request: botticelli_core::GenerateRequest,
            ) -> futures::future::BoxFuture<'b, Result<botticelli_interface::ChunkStream, botticelli_error::BotticelliError>>
            where
                'a: 'b,
                Self: 'b,
            {
                Box::pin(self.call_stream::<crate::verb::Chat>(request))
            }

            fn provider_name(&self) -> &'static str {
                self.inner().provider_name()
            }

            fn model_name(&self) -> &str {
                self.inner().model_name()
            }

            async fn model_info(
                &self,
                model: &str,
            ) -> Result<Option<botticelli_core::ModelInfo>, botticelli_error::BotticelliError> {
                self.inner().model_info(model).await
            }

            fn estimate<'a, 'b, 'c>(
                &'a self,
                request: &'b botticelli_core::GenerateRequest,
            ) -> futures::future::BoxFuture<'c, Result<botticelli_core::CostEstimate, botticelli_error::BotticelliError>>
            where
                'a: 'c,
                'b: 'c,
                Self: 'c,
            {
                forward!(@estimate self, Chat, request $(, $estimate)?)
            }

            async fn cheaper_routes(
                &self,
                request: &botticelli_core::GenerateRequest,
                limit: u64,
            ) -> Result<Vec<botticelli_core::PricedRoute>, botticelli_error::BotticelliError> {
                self.inner().cheaper_routes(request, limit).await
            }

            fn generation_defaults(&self) -> botticelli_core::GenerationConfig {
                self.inner().generation_defaults()
            }

            fn canonical_request(
                &self,
                request: &botticelli_core::GenerateRequest,
            ) -> Result<Option<Vec<u8>>, botticelli_error::BotticelliError> {
                self.inner().canonical_request(request)
            }

            fn reports_sends(&self) -> bool {
                forward!(@reports self, Chat $(, $reports)?)
            }
        }

        #[deny(clippy::missing_trait_methods)]
        #[async_trait::async_trait]
        impl<D: botticelli_interface::CompletionDriver $(+ $lifetime)?> botticelli_interface::CompletionDriver
            for $layer<D>
        {
            fn complete<'a, 'b>(
                &'a self,
                request: botticelli_core::CompletionRequest,
            ) -> futures::future::BoxFuture<'b, Result<botticelli_core::GenerateResponse, botticelli_error::BotticelliError>>
            where
                'a: 'b,
                Self: 'b,
            {
                Box::pin(self.call::<crate::verb::Text>(request))
            }

            fn complete_stream<'a, 'b>(
                &'a self,
                request: botticelli_core::CompletionRequest,
            ) -> futures::future::BoxFuture<'b, Result<botticelli_interface::ChunkStream, botticelli_error::BotticelliError>>
            where
                'a: 'b,
                Self: 'b,
            {
                Box::pin(self.call_stream::<crate::verb::Text>(request))
            }

            fn estimate_completion<'a, 'b, 'c>(
                &'a self,
                request: &'b botticelli_core::CompletionRequest,
            ) -> futures::future::BoxFuture<'c, Result<botticelli_core::CostEstimate, botticelli_error::BotticelliError>>
            where
                'a: 'c,
                'b: 'c,
                Self: 'c,
            {
                forward!(@estimate self, Text, request $(, $estimate)?)
            }

            fn canonical_completion(
                &self,
                request: &botticelli_core::CompletionRequest,
            ) -> Result<Option<Vec<u8>>, botticelli_error::BotticelliError> {
                self.inner().canonical_completion(request)
            }

            fn reports_completion_sends(&self) -> bool {
                forward!(@reports self, Text $(, $reports)?)
            }
        }
    };
    (@estimate $layer:ident, $verb:ident, $request:ident) => {
        <crate::verb::$verb as crate::verb::Verb<D>>::estimate($layer.inner(), $request)
    };
    (@estimate $layer:ident, $verb:ident, $request:ident, $estimate:ident) => {
        Box::pin($layer.$estimate::<crate::verb::$verb>($request))
    };
    (@reports $layer:ident, $verb:ident) => {
        <crate::verb::$verb as crate::verb::Verb<D>>::reports_sends($layer.inner())
    };
    (@reports $layer:ident, $verb:ident, $reports:ident) => {
        $layer.$reports::<crate::verb::$verb>()
    };
}

pub(crate) use forward;
