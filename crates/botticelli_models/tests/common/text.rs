//! The ways to have a driver go on with a text.

use botticelli_core::{CompletionRequest, GenerateResponse, StreamChunk};
use botticelli_error::BotticelliError;
use botticelli_interface::CompletionDriver;

/// All that a stream gave: its chunks, and the error that ended it.
pub(crate) async fn collect(
    driver: &impl CompletionDriver,
    request: CompletionRequest,
) -> (Vec<StreamChunk>, Option<BotticelliError>) {
    super::gathered(driver.complete_stream(request).await).await
}

/// Returns the complete response of a successful stream, and checks that its chunks add up to it.
pub(crate) async fn folded(driver: &impl CompletionDriver, request: CompletionRequest) -> GenerateResponse {
    let (chunks, failure) = collect(driver, request).await;
    assert!(failure.is_none(), "{failure:?}");
    let (last, others) = chunks.split_last().unwrap();
    assert!(others.iter().all(|chunk| !chunk.is_final()), "a final chunk before the last");
    let response = last.response().unwrap();
    assert_eq!(others.iter().map(StreamChunk::text).collect::<String>(), response.text());
    response.clone()
}

/// The errors of a plain and of a streamed call.
pub(crate) async fn failures(
    driver: &impl CompletionDriver,
    request: CompletionRequest,
) -> [BotticelliError; 2] {
    let plain = driver.complete(request.clone()).await;
    let (chunks, streamed) = collect(driver, request).await;
    match (plain, streamed) {
        (Err(plain), Some(streamed)) => [plain, streamed],
        (plain, streamed) => panic!("it answered {plain:?}; {chunks:?} {streamed:?}"),
    }
}
