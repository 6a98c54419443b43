//! The traits of tasks of every layer.

/// Implements the traits of all tasks for a layer with the methods `inner` and `$call`, which sends a call of any verb.
macro_rules! forward_tasks {
    ($layer:ident, $call:ident $(, $bound:lifetime)?) => {
        crate::tasks::forward_tasks!(@driver $layer $(, $bound)?);
        crate::tasks::all_tasks!(crate::tasks::implement_tasks, { $layer $call $(+ $bound)? });
    };
    (@driver $layer:ident $(, $bound:lifetime)?) => {
        #[deny(clippy::missing_trait_methods)]
        impl<D: botticelli_interface::tasks::TaskDriver $(+ $bound)?> botticelli_interface::tasks::TaskDriver
            for $layer<D>
        {
            fn provider_name(&self) -> &'static str {
                self.inner().provider_name()
            }

            fn model_name(&self) -> &str {
                self.inner().model_name()
            }

            fn canonical_server(&self) -> Option<Vec<u8>> {
                self.inner().canonical_server()
            }

            fn estimate_task(&self, tokens: Option<u64>) -> botticelli_core::CostEstimate {
                self.inner().estimate_task(tokens)
            }

            fn reports_task_sends(&self) -> bool {
                self.inner().reports_task_sends()
            }
        }
    };
}

/// Implements traits of a [table](super::table) of tasks, one after the other.
macro_rules! implement_tasks {
    (@trait { $layer:ident $call:ident $($bound:tt)* } $driver:ident {
        $($verb:ident $method:ident($request:ident) -> $response:ident;)+
    }) => {
        // Without the lint, a new method with a default could be missing here, and hide the method of the inner driver.
        #[deny(clippy::missing_trait_methods)]
        impl<D: botticelli_interface::tasks::$driver $($bound)*> botticelli_interface::tasks::$driver for $layer<D> {
            $(
                fn $method<'a, 'b>(
                    &'a self,
                    request: botticelli_core::tasks::$request,
                ) -> futures::future::BoxFuture<
                    'b,
                    Result<botticelli_core::tasks::$response, botticelli_error::BotticelliError>,
                >
                where
                    'a: 'b,
                    Self: 'b,
                {
                    Box::pin(self.$call::<crate::tasks::call::$verb>(request))
                }
            )+
        }
    };
    ($header:tt) => {};
    ($header:tt $driver:ident $methods:tt $($rest:tt)*) => {
        crate::tasks::implement_tasks!(@trait $header $driver $methods);
        crate::tasks::implement_tasks!($header $($rest)*);
    };
}

pub(crate) use {forward_tasks, implement_tasks};
