//! Streams that settle their cost.

use super::reservation::Reservation;
use botticelli_core::StreamChunk;
use botticelli_error::BotticelliError;
use botticelli_interface::ChunkStream;
use futures::future::BoxFuture;
use futures::{FutureExt, Stream, StreamExt};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

type Item = Result<StreamChunk, BotticelliError>;

/// Returns the stream, which settles its reservation before it passes on its last item.
pub(super) fn settled(chunks: ChunkStream, reservation: Arc<Reservation>) -> ChunkStream {
    SettledStream { chunks, reservation, last: None }.boxed()
}

struct SettledStream {
    chunks: ChunkStream,
    reservation: Arc<Reservation>,
    /// The last item, while its cost is settled.
    last: Option<BoxFuture<'static, Item>>,
}

impl Stream for SettledStream {
    type Item = Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Item>> {
        let this = &mut *self;
        if this.last.is_none() {
            match ready!(this.chunks.poll_next_unpin(cx)) {
                Some(Ok(chunk)) if !chunk.is_final() => return Poll::Ready(Some(Ok(chunk))),
                Some(last) => this.last = Some(settle(this.reservation.clone(), last).boxed()),
                None => return Poll::Ready(None),
            }
        }
        let Some(last) = &mut this.last else { return Poll::Ready(None) };
        let last = ready!(last.poll_unpin(cx));
        this.last = None;
        Poll::Ready(Some(last))
    }
}

async fn settle(reservation: Arc<Reservation>, last: Item) -> Item {
    match last {
        Ok(chunk) => match chunk.response() {
            Some(response) => match reservation.settle(response).await {
                Some(warning) => Ok(StreamChunk::last(response.clone().with_warning(warning))),
                None => Ok(chunk),
            },
            None => Ok(chunk),
        },
        Err(error) => {
            reservation.fail(&error).await;
            Err(error)
        }
    }
}
