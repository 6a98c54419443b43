//! The stream of a response: events in, chunks out.
//!
//! With any behavior of the server, a stream is any number of chunks, then exactly one final chunk or exactly one error, then
//! nothing. A response is complete after a finish reason, with or without `[DONE]`, or after `[DONE]` that follows a choice.
//! `[DONE]` before any choice is an error. A stream that ends without a finish reason and `[DONE]` is an error, which contains
//! everything that had arrived.

use crate::huggingface::PROVIDER;
use crate::huggingface::client::json_body::{excerpt, position};
use crate::huggingface::client::response_metadata::ResponseMetadata;
use crate::huggingface::conversions::non_finite;
use crate::huggingface::conversions::surrogates::Surrogates;
use crate::huggingface::conversions::{
    ChunkReader, Decoder, ErrorContext, ExpectedResponse, Piece, failure_in_response, refusal_event,
    refusal_in_response,
};
use crate::huggingface::dto::{HuggingFaceChunk, HuggingFaceGeneration};
use crate::huggingface::stream::event_template::EventTemplate;
use crate::transport::{Event, EventStream};
use botticelli_core::{ChunkCollector, Delta, GenerateResponse, Retry, StreamChunk};
use botticelli_error::{
    BotticelliError, HttpError, HttpErrorKind, InterruptedError, JsonError, JsonErrorKind,
};
use futures::stream::{Stream, StreamExt};
use serde::de::DeserializeOwned;
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// Maximum time to wait for usage and `[DONE]` after the finish reason.
const GRACE: Duration = Duration::from_secs(5);

/// A streamed response. Dropping it closes the connection. The driver spawns no task for it.
#[derive(Debug)]
pub(in crate::huggingface) struct ResponseStream(Option<Box<OpenStream>>);

/// A stream that has not ended yet.
#[derive(Debug)]
struct OpenStream {
    events: EventStream,
    context: ErrorContext,
    metadata: ResponseMetadata,
    decoder: Decoder,
    reader: ChunkReader,
    collector: ChunkCollector,
    /// Pieces that arrived in one event and are not yet returned.
    pending: VecDeque<Piece>,
    /// The template of the last event, which probably matches the next event.
    template: Option<EventTemplate>,
    /// Number of events since the last one that the template matched.
    mismatches: u32,
    first_token: Option<Duration>,
    /// Size of the response so far, in bytes, and of what the reader holds back.
    size: usize,
    held: usize,
    /// Maximum size, in bytes.
    limit: usize,
    is_complete: bool,
    surrogates: Surrogates,
}

impl ResponseStream {
    pub(in crate::huggingface) fn new(
        events: EventStream,
        context: ErrorContext,
        metadata: ResponseMetadata,
        expected: &ExpectedResponse,
    ) -> Self {
        Self(Some(Box::new(OpenStream {
            events,
            context,
            metadata,
            decoder: expected.decoder.clone(),
            reader: ChunkReader::new(expected),
            collector: ChunkCollector::default(),
            pending: VecDeque::new(),
            template: None,
            mismatches: 0,
            first_token: None,
            size: 0,
            held: 0,
            limit: expected.limit.unwrap_or(usize::MAX),
            is_complete: false,
            surrogates: Surrogates::default(),
        })))
    }

    /// Waits for the first piece. Until then another attempt can replace a failed one.
    pub(in crate::huggingface) async fn started(mut self) -> Result<Self, BotticelliError> {
        if let Some(mut stream) = self.0.take() {
            match std::future::poll_fn(|cx| stream.poll_piece(cx)).await {
                Ok(Some(piece)) => stream.pending.push_front(piece),
                Ok(None) => {}
                Err(error) => return Err(stream.interrupt(error)),
            }
            self.0 = Some(stream);
        }
        Ok(self)
    }

    /// Records the attempts that failed before this one.
    pub(in crate::huggingface) fn with_retries(mut self, retries: Vec<Retry>) -> Self {
        if let Some(stream) = &mut self.0 {
            stream.metadata.set_retries(retries);
        }
        self
    }

    /// Reads to the end, and returns the whole response.
    pub(in crate::huggingface) async fn into_response(mut self) -> Result<GenerateResponse, BotticelliError> {
        while let Some(chunk) = self.next().await {
            if let Some(response) = chunk?.into_response() {
                return Ok(response);
            }
        }
        // Every stream ends with a final chunk or an error, so this is never reached.
        Err(InterruptedError::new(PROVIDER).into())
    }
}

impl Stream for ResponseStream {
    type Item = Result<StreamChunk, BotticelliError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(stream) = &mut self.0 else { return Poll::Ready(None) };
        let piece = match ready!(stream.poll_piece(cx)) {
            Ok(Some(piece)) => return Poll::Ready(Some(Ok(stream.next_chunk(piece)))),
            Ok(None) => {
                stream.metadata.poll_price(cx);
                Ok(())
            }
            Err(error) => Err(error),
        };
        let Some(stream) = self.0.take() else { return Poll::Ready(None) };
        Poll::Ready(Some(match piece {
            Ok(()) => Ok(stream.finish()),
            Err(error) => Err(stream.interrupt(error)),
        }))
    }
}

impl OpenStream {
    /// Returns the next piece, `None` at the end of a complete response, or the error that interrupted it.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Piece>, BotticelliError>> {
        loop {
            if let Some(piece) = self.pending.pop_front() {
                return Poll::Ready(Ok(Some(piece)));
            }
            if self.is_complete {
                return Poll::Ready(Ok(None));
            }
            if !self.events.is_drained() {
                if let Some(piece) = self.match_template() {
                    return Poll::Ready(match self.check_size() {
                        Ok(()) => Ok(Some(piece)),
                        Err(error) => {
                            self.pending.push_back(piece);
                            Err(error)
                        }
                    });
                }
                if let Some(event) = self.events.next_event() {
                    match event {
                        Ok(event) => self.read_event(&event)?,
                        Err(_) if self.reader.has_everything() => self.complete(),
                        Err(error) => return Poll::Ready(Err(error)),
                    }
                    continue;
                }
            }
            let Poll::Ready(more) = self.events.poll_more(cx) else {
                self.metadata.poll_price(cx);
                return Poll::Pending;
            };
            match more {
                Some(Ok(())) => {}
                // The response was complete, so an error of the connection loses nothing.
                Some(Err(_)) if self.reader.has_everything() => self.complete(),
                None if self.reader.is_finished() => self.complete(),
                Some(Err(error)) => return Poll::Ready(Err(error)),
                None => return Poll::Ready(Err(InterruptedError::new(self.events.host()).into())),
            }
        }
    }

    /// Returns the piece of the next event, if the template matches it.
    fn match_template(&mut self) -> Option<Piece> {
        let (mut piece, length) = self.template.as_ref()?.match_event(self.events.upcoming())?;
        self.events.skip(length);
        self.events.mattered();
        if let Delta::ToolCall(call) = &piece.delta {
            let part = call.arguments();
            let (passed_on, is_steady) = self.reader.extend_call(piece.choice, call.index(), part);
            if passed_on < part.len() {
                let call = call.with_arguments(part.get(..passed_on).unwrap_or(part));
                piece.delta = Delta::ToolCall(call);
            }
            if !is_steady {
                self.template = None;
            }
            self.held = self.reader.stored_size();
        }
        self.size = self.size.saturating_add(piece.delta.size());
        self.mismatches = 0;
        Some(piece)
    }

    fn complete(&mut self) {
        self.is_complete = true;
        self.pending.extend(self.reader.flush());
    }

    /// Reads an event.
    fn read_event(&mut self, event: &Event) -> Result<(), BotticelliError> {
        let data = event.data.trim();
        if event.name == "error" {
            return Err(refusal_event(data, &self.context));
        }
        if data == "[DONE]" {
            if !self.reader.has_spoken() {
                return Err(JsonError::new(JsonErrorKind::NoChoices, self.events.host()).into());
            }
            self.complete();
            return Ok(());
        }
        if data.is_empty() || event.name == "ping" {
            return Ok(());
        }
        match self.decoder {
            Decoder::Tgi(_) => self.read_values(event, data, Self::read_generation),
            Decoder::Chat | Decoder::Text => {
                let template = self.template.take();
                self.read_values(event, data, |stream, mut chunk| stream.read_chunk(&mut chunk))?;
                self.template = self.next_template(&event.data, template);
                Ok(())
            }
        }
    }

    /// Returns the template for the next event: the last one if it matches the parsed event, and otherwise a new one.
    ///
    /// After repeated mismatches, new templates are made less often.
    fn next_template(&mut self, data: &str, last: Option<EventTemplate>) -> Option<EventTemplate> {
        self.mismatches = self.mismatches.saturating_add(1);
        let piece = self
            .pending
            .front()
            .filter(|piece| self.pending.len() == 1 && self.reader.is_repeatable(piece))?;
        last.filter(|template| template.matches(data)).or_else(|| {
            let raw = self.events.last_event().filter(|_| self.mismatches.is_power_of_two())?;
            EventTemplate::of(raw, data, piece)
        })
    }

    fn read_values<T: DeserializeOwned + Default>(
        &mut self,
        event: &Event,
        data: &str,
        read: fn(&mut Self, T) -> Result<(), BotticelliError>,
    ) -> Result<(), BotticelliError> {
        // Usually one value. A server that omits the blank line between two events sends several in one.
        let mut values = serde_json::Deserializer::from_str(data).into_iter::<Option<T>>();
        while let Some(value) = values.next() {
            match value {
                Ok(value) => read(self, value.unwrap_or_default())?,
                // A cut-off last event is ignored here, and the stream then reports the interruption. Invalid data after a
                // complete response is also ignored.
                Err(_) if event.unclosed || self.reader.has_everything() => break,
                Err(error) => {
                    let rest = data.get(values.byte_offset()..).unwrap_or_default();
                    if let Some(repaired) = self.surrogates.mend(rest).or_else(|| non_finite::mend(rest)) {
                        return self.read_values(event, &repaired, read);
                    }
                    let kind =
                        JsonErrorKind::Unreadable { what: "event", beginning: excerpt(data, &self.context) };
                    return Err(JsonError::new(kind, self.events.host())
                        .with_source(position(&error))
                        .into());
                }
            }
        }
        Ok(())
    }

    fn read_generation(&mut self, generation: HuggingFaceGeneration) -> Result<(), BotticelliError> {
        match &mut self.decoder {
            Decoder::Tgi(reader) => {
                let mut chunk = reader.chunk(generation)?;
                self.read_chunk(&mut chunk)
            }
            Decoder::Chat | Decoder::Text => Ok(()),
        }
    }

    fn read_chunk(&mut self, chunk: &mut HuggingFaceChunk) -> Result<(), BotticelliError> {
        // A chunk may hold both text and an error. The text is kept.
        let refusal =
            refusal_in_response(chunk, &self.context).or_else(|| failure_in_response(chunk, &self.context));
        for piece in self.reader.read(chunk) {
            self.size = self.size.saturating_add(piece.delta.size());
            self.pending.push_back(piece);
        }
        if let Some(error) = refusal {
            return Err(error);
        }
        if !self.pending.is_empty() {
            self.events.mattered();
            self.first_token.get_or_insert_with(|| self.metadata.elapsed());
        }
        if self.reader.has_everything() {
            self.events.ending(GRACE);
        }
        self.held = self.reader.stored_size();
        self.check_size()
    }

    /// Rejects a response over the limit. The final chunk holds the whole response, so an endless one would exhaust memory.
    fn check_size(&self) -> Result<(), BotticelliError> {
        if self.size.saturating_add(self.held) <= self.limit {
            return Ok(());
        }
        let kind = HttpErrorKind::TooLarge { what: "response", limit: self.limit };
        Err(HttpError::new(kind, self.events.host()).into())
    }

    /// Returns a piece as a chunk, and collects it.
    fn next_chunk(&mut self, Piece { choice, delta }: Piece) -> StreamChunk {
        self.collector.push_to(choice, &delta);
        StreamChunk::of(delta).of_choice(choice)
    }

    fn finish(self) -> StreamChunk {
        let response = self.reader.finish(self.collector);
        StreamChunk::last(self.metadata.apply(response, self.context, self.first_token))
    }

    fn interrupt(mut self, error: BotticelliError) -> BotticelliError {
        self.pending.extend(self.reader.flush());
        for Piece { choice, delta } in self.pending {
            self.collector.push_to(choice, &delta);
        }
        let usage = self.reader.usage().unwrap_or_default();
        let partial = self.collector.partial();
        error
            .with_partial(partial.with_tokens(usage.prompt_tokens(), usage.completion_tokens()))
            .with_attempts(self.metadata.attempts())
    }
}
