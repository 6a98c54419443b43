//! A typical stream, and the count of its events.

use botticelli_models::transport::EventDecoder;

const EVENT: &str = concat!(
    r#"data: {"id":"chatcmpl-4d0b8a0e6a1f4c5f9d2e7b3a","object":"chat.completion.chunk","created":1751016113,"#,
    r#""model":"openai/gpt-oss-20b","system_fingerprint":"fp_31aa5c90d7","choices":[{"index":0,"delta":"#,
    r#"{"content":" Florence"},"logprobs":null,"finish_reason":null}],"usage":null}"#,
    "\n\n"
);

/// Returns a stream with the given number of events.
pub fn stream(events: usize) -> Vec<u8> {
    EVENT.repeat(events).into_bytes()
}

/// Decodes a stream that arrives in pieces of `size` bytes. Returns the number of data bytes.
pub fn decode(stream: &[u8], size: usize) -> usize {
    let mut decoder = EventDecoder::new(1 << 20);
    let mut data = 0;
    for mut piece in stream.chunks(size) {
        while let Some(event) = decoder.next_event(&mut piece) {
            data += event.map_or(0, |event| event.data.len());
        }
    }
    data
}
