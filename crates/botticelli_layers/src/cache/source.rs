//! The call of a flight, which keeps its response.

use super::log::{Item, Part};
use botticelli_core::{GenerateResponse, StreamChunk};
use botticelli_error::BotticelliError;
use botticelli_interface::ChunkStream;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use std::task::{Context, Poll, ready};

/// The call of a flight: its chunks, and the response that is kept before its chunk is passed on.
pub(super) struct Source {
    /// Keeps the response of a stream, and returns it. Taken at the end of the stream.
    keep: Option<Keep>,
    state: State,
}

pub(super) type Keep = Box<dyn FnOnce(StreamChunk) -> BoxFuture<'static, StreamChunk> + Send>;

/// The beginning of a response.
pub(super) enum Opened {
    /// The whole response, which is kept already.
    Whole(GenerateResponse),
    /// A response from the cache.
    Found(ChunkStream),
    /// A stream whose response is still to be kept.
    Chunks(ChunkStream),
}

enum State {
    Opening(BoxFuture<'static, Result<Opened, BotticelliError>>),
    Open(ChunkStream),
    /// As `Open`, without anything to keep.
    Found(ChunkStream),
    Keeping(BoxFuture<'static, StreamChunk>),
}

impl Source {
    pub(super) fn new(
        keep: Option<Keep>,
        opening: BoxFuture<'static, Result<Opened, BotticelliError>>,
    ) -> Self {
        Self { keep, state: State::Opening(opening) }
    }

    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Item>> {
        loop {
            match &mut self.state {
                State::Open(chunks) => {
                    let last = match ready!(chunks.poll_next_unpin(cx)) {
                        Some(Ok(chunk)) if chunk.is_final() => chunk,
                        item => return Poll::Ready(item.map(of_chunk)),
                    };
                    let Some(keep) = self.keep.take() else {
                        return Poll::Ready(Some(Ok(Part::Chunk(last))));
                    };
                    self.state = State::Keeping(keep(last));
                }
                State::Found(chunks) => return chunks.poll_next_unpin(cx).map(|item| item.map(of_chunk)),
                State::Keeping(kept) => return kept.poll_unpin(cx).map(|last| Some(Ok(Part::Chunk(last)))),
                State::Opening(opening) => match ready!(opening.poll_unpin(cx)) {
                    Ok(Opened::Whole(response)) => return Poll::Ready(Some(Ok(Part::Whole(response)))),
                    Ok(Opened::Chunks(chunks)) => self.state = State::Open(chunks),
                    Ok(Opened::Found(chunks)) => self.state = State::Found(chunks),
                    Err(error) => return Poll::Ready(Some(Err(error))),
                },
            }
        }
    }
}

fn of_chunk(chunk: Result<StreamChunk, BotticelliError>) -> Item {
    chunk.map(Part::Chunk)
}
