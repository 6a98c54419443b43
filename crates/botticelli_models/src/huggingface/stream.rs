//! Events become chunks, as they arrive.
//!
//! The contract, whatever the server does: any number of chunks, then exactly one final chunk or exactly one error,
//! then nothing. A finish reason makes an answer complete, with or without `[DONE]`; so does `[DONE]` alone; an end
//! with neither is an error that carries everything that had arrived.

pub(in crate::huggingface) mod event_template;
pub(in crate::huggingface) mod surrogates;

use crate::huggingface::client::response_metadata::ResponseMetadata;
use crate::huggingface::conversions::{
    Asked, ChunkReader, Piece, Wording, failure_in_answer, refusal_event, refusal_in_answer,
};
use crate::huggingface::dto::{HuggingFaceChunk, HuggingFaceGeneration};
use crate::huggingface::response::{beginning, position};
use crate::huggingface::stream::event_template::EventTemplate;
use crate::huggingface::stream::surrogates::Surrogates;
use crate::transport::{Event, EventStream, Limits};
use botticelli_core::{ChunkCollector, Delta, GenerateResponse, Output, Retry, StreamChunk, ToolCallDelta};
use botticelli_error::{
    BotticelliError, HttpError, HttpErrorKind, InterruptedError, JsonError, JsonErrorKind,
};
use futures::stream::{self, Stream, StreamExt};
use serde::de::DeserializeOwned;
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// How long usage and `[DONE]` may follow the finish reason.
const GRACE: Duration = Duration::from_secs(5);

/// A streamed answer. Dropping it closes the connection; there is no task behind it.
#[derive(Debug)]
pub(in crate::huggingface) struct AnswerStream(Option<Box<Reading>>);

/// A stream that has not ended yet.
#[derive(Debug)]
struct Reading {
    events: EventStream,
    asked: Asked,
    origin: ResponseMetadata,
    reader: ChunkReader,
    collector: ChunkCollector,
    /// Pieces that arrived together and have not been given out yet.
    waiting: VecDeque<Piece>,
    /// What the next event may fit in, and how many have not fitted since the last one that did.
    mould: Option<EventTemplate>,
    unlike: u32,
    first_token: Option<Duration>,
    /// How many bytes of the answer have arrived, and how many may.
    size: usize,
    limit: usize,
    complete: bool,
    surrogates: Surrogates,
}

impl AnswerStream {
    pub(in crate::huggingface) fn new(
        events: EventStream,
        asked: Asked,
        origin: ResponseMetadata,
        limits: &Limits,
    ) -> Self {
        let reader = ChunkReader::of(&asked);
        Self(Some(Box::new(Reading {
            events,
            asked,
            origin,
            reader,
            collector: ChunkCollector::default(),
            waiting: VecDeque::new(),
            mould: None,
            unlike: 0,
            first_token: None,
            size: 0,
            limit: limits.response(),
            complete: false,
            surrogates: Surrogates::default(),
        })))
    }

    /// Waits until there is something to give out: until then a failure can be made up for by another attempt.
    pub(in crate::huggingface) async fn begun(mut self) -> Result<Self, BotticelliError> {
        if let Some(mut reading) = self.0.take() {
            match std::future::poll_fn(|cx| reading.poll_piece(cx)).await {
                Ok(Some(piece)) => reading.waiting.push_front(piece),
                Ok(None) => {}
                Err(error) => return Err(reading.interrupt(error)),
            }
            self.0 = Some(reading);
        }
        Ok(self)
    }

    /// Adds the attempts that failed before this one.
    pub(in crate::huggingface) fn after(mut self, retries: Vec<Retry>) -> Self {
        if let Some(reading) = &mut self.0 {
            reading.origin.after(retries);
        }
        self
    }

    /// Reads to the end.
    pub(in crate::huggingface) async fn whole(mut self) -> Result<GenerateResponse, BotticelliError> {
        while let Some(chunk) = self.next().await {
            if let Some(response) = chunk?.into_response() {
                return Ok(response);
            }
        }
        // Unreachable by the contract; if it were reached, it would be an answer that broke off.
        Err(InterruptedError::new(crate::huggingface::PROVIDER).into())
    }
}

impl Stream for AnswerStream {
    type Item = Result<StreamChunk, BotticelliError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(reading) = &mut self.0 else { return Poll::Ready(None) };
        let piece = match ready!(reading.poll_piece(cx)) {
            Ok(Some(piece)) => return Poll::Ready(Some(Ok(reading.give(piece)))),
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        let Some(reading) = self.0.take() else { return Poll::Ready(None) };
        Poll::Ready(Some(match piece {
            Ok(()) => Ok(reading.finish()),
            Err(error) => Err(reading.interrupt(error)),
        }))
    }
}

impl Reading {
    /// The next piece to give out; `None` when the answer is complete; or what interrupted it.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Piece>, BotticelliError>> {
        loop {
            if let Some(piece) = self.waiting.pop_front() {
                return Poll::Ready(Ok(Some(piece)));
            }
            if self.complete {
                return Poll::Ready(Ok(None));
            }
            if let Some(piece) = self.fitting() {
                return Poll::Ready(match self.fits() {
                    Ok(()) => Ok(Some(piece)),
                    Err(error) => {
                        self.waiting.push_back(piece);
                        Err(error)
                    }
                });
            }
            if let Some(event) = self.events.next_event() {
                match event {
                    Ok(event) => self.take(&event)?,
                    Err(_) if self.reader.has_everything() => self.complete(),
                    Err(error) => return Poll::Ready(Err(error)),
                }
                continue;
            }
            match ready!(self.events.poll_more(cx)) {
                Some(Ok(())) => {}
                // The model was done: whatever happened to the connection after that took nothing away.
                Some(Err(_)) if self.reader.has_everything() => self.complete(),
                None if self.reader.is_finished() => self.complete(),
                Some(Err(error)) => return Poll::Ready(Err(error)),
                None => return Poll::Ready(Err(InterruptedError::new(self.events.host()).into())),
            }
        }
    }

    /// The piece of the next event, where that is like the one before it.
    fn fitting(&mut self) -> Option<Piece> {
        let (mut piece, length) = self.mould.as_ref()?.match_event(self.events.upcoming())?;
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
                self.mould = None;
            }
        }
        self.size = self.size.saturating_add(piece.delta.size());
        self.unlike = 0;
        Some(piece)
    }

    fn complete(&mut self) {
        self.complete = true;
        self.waiting.extend(self.reader.flush());
    }

    /// Takes an event in.
    fn take(&mut self, event: &Event) -> Result<(), BotticelliError> {
        let data = event.data.trim();
        if event.name == "error" {
            return Err(refusal_event(data, &self.asked));
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
        match self.asked.wording {
            Wording::Generation(_) => self.take_each(event, data, Self::take_generation),
            Wording::Chat | Wording::Text => {
                let mould = self.mould.take();
                self.take_each(event, data, Self::take_chunk)?;
                self.mould = self.mould_of(&event.data, mould);
                Ok(())
            }
        }
    }

    /// A mould of the event that was read last: the one that there is, where that fits. Where none fits what follows, another
    /// is tried ever less often.
    fn mould_of(&mut self, data: &str, last: Option<EventTemplate>) -> Option<EventTemplate> {
        self.unlike = self.unlike.saturating_add(1);
        let piece =
            self.waiting.front().filter(|piece| self.waiting.len() == 1 && self.reader.goes_on(piece))?;
        last.filter(|mould| mould.is_of(data)).or_else(|| {
            let raw = self.events.last_event().filter(|_| self.unlike.is_power_of_two())?;
            EventTemplate::of(raw, data, piece)
        })
    }

    fn take_each<T: DeserializeOwned + Default>(
        &mut self,
        event: &Event,
        data: &str,
        take: fn(&mut Self, T) -> Result<(), BotticelliError>,
    ) -> Result<(), BotticelliError> {
        // One value an event; a server that forgets the blank line between two puts several.
        let mut values = serde_json::Deserializer::from_str(data).into_iter::<Option<T>>();
        while let Some(value) = values.next() {
            match value {
                Ok(value) => take(self, value.unwrap_or_default())?,
                // Half an event at the end of the bytes is told by what is missing then (a stray character has been
                // seen there, too); after the answer, by nothing.
                Err(_) if event.unclosed || self.reader.has_everything() => break,
                Err(error) => {
                    let rest = data.get(values.byte_offset()..).unwrap_or_default();
                    if let Some(mended) = self.surrogates.mend(rest) {
                        return self.take_each(event, &mended, take);
                    }
                    let kind =
                        JsonErrorKind::Unreadable { what: "event", beginning: beginning(data, &self.asked) };
                    return Err(JsonError::new(kind, self.events.host())
                        .with_source(position(&error))
                        .into());
                }
            }
        }
        Ok(())
    }

    fn take_generation(&mut self, generation: HuggingFaceGeneration) -> Result<(), BotticelliError> {
        match &mut self.asked.wording {
            Wording::Generation(reader) => {
                let chunk = reader.chunk(generation)?;
                self.take_chunk(chunk)
            }
            Wording::Chat | Wording::Text => Ok(()),
        }
    }

    fn take_chunk(&mut self, chunk: HuggingFaceChunk) -> Result<(), BotticelliError> {
        // What a chunk brings beside an error had arrived all the same.
        let refusal =
            refusal_in_answer(&chunk, &self.asked).or_else(|| failure_in_answer(&chunk, &self.asked));
        for piece in self.reader.read(chunk) {
            self.size = self.size.saturating_add(piece.delta.size());
            self.waiting.push_back(piece);
        }
        if let Some(error) = refusal {
            return Err(error);
        }
        if !self.waiting.is_empty() {
            self.events.mattered();
            self.first_token.get_or_insert_with(|| self.origin.elapsed());
        }
        if self.reader.has_everything() {
            self.events.ending(GRACE);
        }
        self.fits()
    }

    /// The whole answer is kept for the final chunk: a server that never stops must not fill the memory.
    fn fits(&self) -> Result<(), BotticelliError> {
        if self.size.saturating_add(self.reader.kept()) <= self.limit {
            return Ok(());
        }
        let kind = HttpErrorKind::TooLarge { what: "answer", limit: self.limit };
        Err(HttpError::new(kind, self.events.host()).into())
    }

    /// Gives a piece out.
    fn give(&mut self, Piece { choice, delta }: Piece) -> StreamChunk {
        self.collector.push_to(choice, &delta);
        StreamChunk::of(delta).of_choice(choice)
    }

    fn finish(self) -> StreamChunk {
        let response = self.reader.finish(self.collector);
        StreamChunk::last(self.origin.mark(response, &self.asked, self.first_token))
    }

    fn interrupt(mut self, error: BotticelliError) -> BotticelliError {
        self.waiting.extend(self.reader.flush());
        for Piece { choice, delta } in self.waiting {
            self.collector.push_to(choice, &delta);
        }
        let usage = self.reader.usage().unwrap_or_default();
        let partial = self.collector.partial();
        error
            .with_partial(partial.with_tokens(usage.prompt_tokens(), usage.completion_tokens()))
            .with_attempts(self.origin.attempts())
    }
}

/// An answer that is whole already, as a stream.
pub(in crate::huggingface) fn pieces(
    response: GenerateResponse,
) -> impl Stream<Item = Result<StreamChunk, BotticelliError>> + Send + 'static {
    let alternatives = response.alternatives().iter().map(|choice| (choice.index, choice.outputs.as_slice()));
    let choices = std::iter::once((0, response.outputs())).chain(alternatives);
    let mut chunks: Vec<_> =
        choices.flat_map(|(choice, outputs)| chunks_of(choice, outputs)).map(Ok).collect();
    chunks.push(Ok(StreamChunk::last(response)));
    stream::iter(chunks)
}

fn chunks_of(choice: u32, outputs: &[Output]) -> Vec<StreamChunk> {
    let mut calls = 0..;
    let delta = |output: &Output| match output {
        Output::Text(text) => Delta::Text(text.clone()),
        Output::Reasoning(text) => Delta::Reasoning(text.clone()),
        Output::Refusal(text) => Delta::Refusal(text.clone()),
        Output::ToolCall(call) => {
            let (id, name) = (call.id().to_owned(), call.name().to_owned());
            let index = calls.next().unwrap_or_default();
            Delta::ToolCall(ToolCallDelta::new(index, Some(id), Some(name), call.arguments_text()))
        }
        _ => Delta::None,
    };
    outputs.iter().map(delta).map(|delta| StreamChunk::of(delta).of_choice(choice)).collect()
}
