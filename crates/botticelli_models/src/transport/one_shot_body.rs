//! A request body that cannot be resent.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A body without a copy for a second attempt. A client that follows redirects with a body (307, 308) cannot resend it, and
/// returns the redirect instead.
#[derive(Debug)]
pub(super) struct OneShotBody(Bytes);

impl OneShotBody {
    pub(super) fn body(bytes: Bytes) -> reqwest::Body {
        reqwest::Body::wrap(Self(bytes))
    }
}

impl Body for OneShotBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let bytes = std::mem::take(&mut self.0);
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    // With an exact size, the request has a `content-length` header like any other.
    fn size_hint(&self) -> SizeHint {
        u64::try_from(self.0.len()).map(SizeHint::with_exact).unwrap_or_default()
    }
}
