//! Chat and text completion as one: every layer is written once for both.

#[cfg(feature = "trace")]
use crate::trace::{input_messages, input_prompt};
use botticelli_core::{
    CompletionRequest, CostEstimate, GenerateRequest, GenerateResponse, GenerationConfig, PricedRoute,
    RetryGate, SentFlag, Timeouts,
};
use botticelli_error::BotticelliError;
use botticelli_interface::{BotticelliDriver, ChunkStream, CompletionDriver};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::fmt::Debug;

/// A request of a [`Verb`].
#[allow(dead_code, reason = "each layer uses a part of it")]
pub(crate) trait Request: Clone + Debug + PartialEq + Send + Sync + 'static {
    fn model(&self) -> Option<&str>;
    fn with_model(self, model: &str) -> Self;
    fn without_model(self) -> Self;
    fn timeouts(&self) -> Option<Timeouts>;
    fn with_timeouts(self, timeouts: Timeouts) -> Self;
    fn retry_gate(&self) -> Option<&RetryGate>;
    fn with_retry_gate(self, gate: RetryGate) -> Self;
    fn sent_flag(&self) -> Option<&SentFlag>;
    fn with_sent_flag(self, flag: SentFlag) -> Self;
    fn generation(&self) -> &GenerationConfig;
    fn choices(&self) -> Option<u32>;
    /// Returns the texts of the request as JSON.
    #[cfg(feature = "trace")]
    fn content(&self) -> String;
}

macro_rules! request {
    ($request:ident, $choices:expr, $content:expr) => {
        impl Request for $request {
            fn generation(&self) -> &GenerationConfig {
                self.generation()
            }

            fn choices(&self) -> Option<u32> {
                let choices: fn(&Self) -> Option<u32> = $choices;
                choices(self)
            }

            #[cfg(feature = "trace")]
            fn content(&self) -> String {
                let content: fn(&Self) -> String = $content;
                content(self)
            }

            fn model(&self) -> Option<&str> {
                self.model()
            }

            fn with_model(self, model: &str) -> Self {
                self.with_model(model)
            }

            fn without_model(self) -> Self {
                self.without_model()
            }

            fn timeouts(&self) -> Option<Timeouts> {
                self.timeouts()
            }

            fn with_timeouts(self, timeouts: Timeouts) -> Self {
                self.with_timeouts(timeouts)
            }

            fn retry_gate(&self) -> Option<&RetryGate> {
                self.retry_gate()
            }

            fn with_retry_gate(self, gate: RetryGate) -> Self {
                self.with_retry_gate(gate)
            }

            fn sent_flag(&self) -> Option<&SentFlag> {
                self.sent_flag()
            }

            fn with_sent_flag(self, flag: SentFlag) -> Self {
                self.with_sent_flag(flag)
            }
        }
    };
}

request!(GenerateRequest, |request| request.n(), |request| input_messages(request.messages()));
request!(CompletionRequest, |_| None, |request| input_prompt(request.prompt()));

/// A kind of call: its request, and the methods of a driver that send it. They return the futures of the driver as they are.
#[allow(dead_code, reason = "each layer uses a part of it")]
pub(crate) trait Verb<D: ?Sized>: Send + Sync + 'static {
    type Request: Request;

    /// Tells the kinds of calls apart in keys.
    const NAME: &'static str;

    /// The operation in the terms of OpenTelemetry.
    const OPERATION: &'static str;

    fn send(driver: &D, request: Self::Request) -> BoxFuture<'_, Result<GenerateResponse, BotticelliError>>;

    fn send_stream(driver: &D, request: Self::Request)
    -> BoxFuture<'_, Result<ChunkStream, BotticelliError>>;

    fn estimate<'a>(
        driver: &'a D,
        request: &'a Self::Request,
    ) -> BoxFuture<'a, Result<CostEstimate, BotticelliError>>;

    fn cheaper_routes<'a>(
        driver: &'a D,
        request: &'a Self::Request,
        limit: u64,
    ) -> BoxFuture<'a, Result<Vec<PricedRoute>, BotticelliError>>;

    fn canonical(driver: &D, request: &Self::Request) -> Result<Option<Vec<u8>>, BotticelliError>;

    /// Returns whether the driver sets the flag of a request before it sends anything.
    fn reports_sends(driver: &D) -> bool;

    /// Returns the provider's name, if the trait of the verb has one.
    fn provider_name(driver: &D) -> Option<&'static str>;

    /// Returns the driver's model, if the trait of the verb has one.
    fn model_name(driver: &D) -> Option<&str>;
}

/// Chat.
#[derive(Debug)]
pub(crate) struct Chat;

/// Text completion.
#[derive(Debug)]
pub(crate) struct Text;

impl<D: BotticelliDriver + ?Sized> Verb<D> for Chat {
    type Request = GenerateRequest;
    const NAME: &'static str = "chat";
    const OPERATION: &'static str = "chat";

    fn send(
        driver: &D,
        request: GenerateRequest,
    ) -> BoxFuture<'_, Result<GenerateResponse, BotticelliError>> {
        driver.generate(request)
    }

    fn send_stream(
        driver: &D,
        request: GenerateRequest,
    ) -> BoxFuture<'_, Result<ChunkStream, BotticelliError>> {
        driver.generate_stream(request)
    }

    fn estimate<'a>(
        driver: &'a D,
        request: &'a GenerateRequest,
    ) -> BoxFuture<'a, Result<CostEstimate, BotticelliError>> {
        driver.estimate(request)
    }

    fn cheaper_routes<'a>(
        driver: &'a D,
        request: &'a GenerateRequest,
        limit: u64,
    ) -> BoxFuture<'a, Result<Vec<PricedRoute>, BotticelliError>> {
        driver.cheaper_routes(request, limit)
    }

    fn canonical(driver: &D, request: &GenerateRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
        driver.canonical_request(request)
    }

    fn reports_sends(driver: &D) -> bool {
        driver.reports_sends()
    }

    fn provider_name(driver: &D) -> Option<&'static str> {
        Some(driver.provider_name())
    }

    fn model_name(driver: &D) -> Option<&str> {
        Some(driver.model_name())
    }
}

impl<D: CompletionDriver + ?Sized> Verb<D> for Text {
    type Request = CompletionRequest;
    const NAME: &'static str = "text";
    const OPERATION: &'static str = "text_completion";

    fn send(
        driver: &D,
        request: CompletionRequest,
    ) -> BoxFuture<'_, Result<GenerateResponse, BotticelliError>> {
        driver.complete(request)
    }

    fn send_stream(
        driver: &D,
        request: CompletionRequest,
    ) -> BoxFuture<'_, Result<ChunkStream, BotticelliError>> {
        driver.complete_stream(request)
    }

    fn estimate<'a>(
        driver: &'a D,
        request: &'a CompletionRequest,
    ) -> BoxFuture<'a, Result<CostEstimate, BotticelliError>> {
        driver.estimate_completion(request)
    }

    fn cheaper_routes<'a>(
        _: &'a D,
        _: &'a CompletionRequest,
        _: u64,
    ) -> BoxFuture<'a, Result<Vec<PricedRoute>, BotticelliError>> {
        std::future::ready(Ok(Vec::new())).boxed()
    }

    fn canonical(driver: &D, request: &CompletionRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
        driver.canonical_completion(request)
    }

    fn reports_sends(driver: &D) -> bool {
        driver.reports_completion_sends()
    }

    fn provider_name(_: &D) -> Option<&'static str> {
        None
    }

    fn model_name(_: &D) -> Option<&str> {
        None
    }
}
