//! All kinds of calls as one: every layer is written once for chat, text completion and tasks.

#[cfg(feature = "trace")]
use crate::trace::{input_messages, input_prompt};
use botticelli_core::{
    CompletionRequest, Cost, CostEstimate, GenerateRequest, GenerateResponse, GenerationConfig, PricedRoute,
    RateLimitStatus, RequestMemo, RetryGate, SentFlag, Timeouts, Usage,
};
use botticelli_error::{BotticelliError, ErrorCategory};
use botticelli_interface::{BotticelliDriver, ChunkStream, CompletionDriver};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::fmt::Debug;

/// A request of a [`Verb`].
#[allow(dead_code, reason = "each layer uses a part of it")]
pub(crate) trait Request: Clone + Debug + PartialEq + Send + Sync + 'static {
    fn model(&self) -> Option<&str>;
    fn timeouts(&self) -> Option<Timeouts>;
    fn with_timeouts(self, timeouts: Timeouts) -> Self;
    fn retry_gate(&self) -> Option<&RetryGate>;
    fn with_retry_gate(self, gate: RetryGate) -> Self;
    fn sent_flag(&self) -> Option<&SentFlag>;
    fn with_sent_flag(self, flag: SentFlag) -> Self;
}

/// A request for text.
#[allow(dead_code, reason = "each layer uses a part of it")]
pub(crate) trait TextRequest: Request {
    fn with_model(self, model: &str) -> Self;
    fn without_model(self) -> Self;
    fn generation(&self) -> &GenerationConfig;
    fn choices(&self) -> Option<u32>;
    /// Returns the texts of the request as JSON.
    #[cfg(feature = "trace")]
    fn content(&self) -> String;
}

/// A response of a [`Verb`].
#[allow(dead_code, reason = "each layer uses a part of it")]
pub(crate) trait Response: Clone + Debug + Send + Sync + 'static {
    fn cost(&self) -> Cost;
    fn usage(&self) -> Option<&Usage>;
    fn provider(&self) -> Option<&str>;
    fn is_cached(&self) -> bool;
    fn rate_limit(&self) -> Option<&RateLimitStatus>;
    /// Returns the number of requests after the first one.
    fn further_requests(&self) -> usize;
    /// Returns whether another route answered, because an account has no credits.
    fn has_exhausted_route(&self) -> bool;
    fn with_warning(self, warning: String) -> Self;
}

impl Response for GenerateResponse {
    fn cost(&self) -> Cost {
        self.cost()
    }

    fn usage(&self) -> Option<&Usage> {
        self.usage()
    }

    fn provider(&self) -> Option<&str> {
        self.provider()
    }

    fn is_cached(&self) -> bool {
        self.is_cached()
    }

    fn rate_limit(&self) -> Option<&RateLimitStatus> {
        self.rate_limit()
    }

    fn further_requests(&self) -> usize {
        self.retries().len()
    }

    fn has_exhausted_route(&self) -> bool {
        self.skipped_routes().iter().any(|route| route.category() == Some(ErrorCategory::CreditsExhausted))
    }

    fn with_warning(self, warning: String) -> Self {
        self.with_warning(warning)
    }
}

macro_rules! request {
    ($request:ident, $choices:expr, $content:expr) => {
        impl Request for $request {
            fn model(&self) -> Option<&str> {
                self.model()
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

        impl TextRequest for $request {
            fn with_model(self, model: &str) -> Self {
                self.with_model(model)
            }

            fn without_model(self) -> Self {
                self.without_model()
            }

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
        }
    };
}

request!(GenerateRequest, |request| request.n(), |request| input_messages(request.messages()));
request!(CompletionRequest, |_| None, |request| input_prompt(request.prompt()));

/// A kind of call: its request, its response, and the methods of a driver that send it. They return the futures of the driver as they are.
#[allow(dead_code, reason = "each layer uses a part of it")]
pub(crate) trait Verb<D: ?Sized>: Send + Sync + 'static {
    type Request: Request;
    type Response: Response;

    /// Tells the kinds of calls apart in keys.
    const NAME: &'static str;

    /// Returns the request with a place for the form that a driver gives it, if requests of this kind have one.
    fn with_memo(request: Self::Request) -> Self::Request {
        request
    }

    fn send(driver: &D, request: Self::Request) -> BoxFuture<'_, Result<Self::Response, BotticelliError>>;

    fn estimate<'a>(
        driver: &'a D,
        request: &'a Self::Request,
    ) -> BoxFuture<'a, Result<CostEstimate, BotticelliError>>;

    fn cheaper_routes<'a>(
        _: &'a D,
        _: &'a Self::Request,
        _: u64,
    ) -> BoxFuture<'a, Result<Vec<PricedRoute>, BotticelliError>> {
        std::future::ready(Ok(Vec::new())).boxed()
    }

    /// Returns whether the driver sets the flag of a request before it sends anything.
    fn reports_sends(driver: &D) -> bool;

    /// Returns the provider's name, if the trait of the verb has one.
    fn provider_name(driver: &D) -> Option<&'static str>;

    /// Returns the driver's model, if the trait of the verb has one.
    fn model_name(driver: &D) -> Option<&str>;
}

/// A call for text, which can also be streamed.
#[allow(dead_code, reason = "each layer uses a part of it")]
pub(crate) trait TextVerb<D: ?Sized>:
    Verb<D, Request: TextRequest, Response = GenerateResponse>
{
    /// The operation in the terms of OpenTelemetry.
    const OPERATION: &'static str;

    fn send_stream(driver: &D, request: Self::Request)
    -> BoxFuture<'_, Result<ChunkStream, BotticelliError>>;

    fn canonical(driver: &D, request: &Self::Request) -> Result<Option<Vec<u8>>, BotticelliError>;
}

/// Chat.
#[derive(Debug)]
pub(crate) struct Chat;

/// Text completion.
#[derive(Debug)]
pub(crate) struct Text;

impl<D: BotticelliDriver + ?Sized> Verb<D> for Chat {
    type Request = GenerateRequest;
    type Response = GenerateResponse;
    const NAME: &'static str = "chat";

    fn with_memo(request: GenerateRequest) -> GenerateRequest {
        if request.memo().is_some() { request } else { request.with_memo(RequestMemo::default()) }
    }

    fn send(
        driver: &D,
        request: GenerateRequest,
    ) -> BoxFuture<'_, Result<GenerateResponse, BotticelliError>> {
        driver.generate(request)
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

impl<D: BotticelliDriver + ?Sized> TextVerb<D> for Chat {
    const OPERATION: &'static str = "chat";

    fn send_stream(
        driver: &D,
        request: GenerateRequest,
    ) -> BoxFuture<'_, Result<ChunkStream, BotticelliError>> {
        driver.generate_stream(request)
    }

    fn canonical(driver: &D, request: &GenerateRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
        driver.canonical_request(request)
    }
}

impl<D: CompletionDriver + ?Sized> Verb<D> for Text {
    type Request = CompletionRequest;
    type Response = GenerateResponse;
    const NAME: &'static str = "text";

    fn send(
        driver: &D,
        request: CompletionRequest,
    ) -> BoxFuture<'_, Result<GenerateResponse, BotticelliError>> {
        driver.complete(request)
    }

    fn estimate<'a>(
        driver: &'a D,
        request: &'a CompletionRequest,
    ) -> BoxFuture<'a, Result<CostEstimate, BotticelliError>> {
        driver.estimate_completion(request)
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

impl<D: CompletionDriver + ?Sized> TextVerb<D> for Text {
    const OPERATION: &'static str = "text_completion";

    fn send_stream(
        driver: &D,
        request: CompletionRequest,
    ) -> BoxFuture<'_, Result<ChunkStream, BotticelliError>> {
        driver.complete_stream(request)
    }

    fn canonical(driver: &D, request: &CompletionRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
        driver.canonical_completion(request)
    }
}
