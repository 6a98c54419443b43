//! Required tools and unknown tools.

use super::check::{Checked, check, failed, is_unsupported, prompt};
use super::report::Outcome;
use super::stream::collect;
use crate::BotticelliDriver;
use botticelli_core::{
    FinishReason, GenerateRequest, GenerateResponse, Message, ToolCall, ToolChoice, ToolDefinition,
};
use serde_json::{Value, json};

const NAME: &str = "get_weather";

fn request() -> Result<GenerateRequest, Outcome> {
    let city = json!({"type": "string", "description": "The name of the city"});
    let parameters = json!({"type": "object", "properties": {"city": city}, "required": ["city"]});
    let tool =
        ToolDefinition::new(NAME, parameters).map_err(failed)?.with_description("The weather in a city");
    GenerateRequest::builder()
        .messages(vec![Message::user("What is the weather in Florence?")])
        .tools(vec![tool])
        .tool_choice(ToolChoice::Function(NAME.to_owned()))
        .max_tokens(256)
        .temperature(0.0)
        .seed(7)
        .build()
        .map_err(failed)
}

/// A driver without support for tools must say so. A driver that ignores them fails.
pub(super) async fn calls_a_required_tool(driver: &dyn BotticelliDriver) -> Checked {
    let plain = match driver.generate(request()?).await {
        Ok(response) => response,
        Err(error) => return is_unsupported(&error),
    };
    has_the_call("plain", &plain)?;
    let streamed = collect(driver, request()?).await?;
    has_the_call("streamed", &streamed)?;
    let called = |response: &GenerateResponse| -> Vec<String> {
        response.tool_calls().map(|call| call.name().to_owned()).collect()
    };
    check(called(&plain) == called(&streamed), || {
        format!("plain called {:?}, streamed {:?}", called(&plain), called(&streamed))
    })
}

fn has_the_call(path: &str, response: &GenerateResponse) -> Checked {
    let Some(call) = response.tool_calls().next() else {
        return Err(failed(format!("{path}: it called no tool instead of `{NAME}`")));
    };
    check(call.name() == NAME, || format!("{path}: it called `{}` instead of `{NAME}`", call.name()))?;
    check(!call.id().is_empty(), || format!("{path}: the call has no id"))?;
    let is_object = |call: &ToolCall| call.arguments::<Value>().is_ok_and(|arguments| arguments.is_object());
    check(is_object(call), || format!("{path}: its arguments are {:?}", call.arguments_text()))?;
    let reason = response.finish_reason();
    check(*reason == FinishReason::ToolCalls, || format!("{path}: it ended with {reason}"))
}

pub(super) async fn calls_no_unknown_tool(driver: &dyn BotticelliDriver) -> Checked {
    let plain = driver.generate(prompt(16)?).await.map_err(failed)?;
    let streamed = collect(driver, prompt(16)?).await?;
    for (path, response) in [("plain", plain), ("streamed", streamed)] {
        if let Some(call) = response.tool_calls().next() {
            return Err(failed(format!("{path}: it called `{}`, which is not in the request", call.name())));
        }
        check(*response.finish_reason() != FinishReason::ToolCalls, || {
            format!("{path}: it ended with `tool_calls`, but has no calls")
        })?;
    }
    Ok(())
}
