//! The decoder of events by itself: what it gives does not depend on how the bytes were cut.

use botticelli_models::transport::{DecodeError, Event, EventDecoder};

/// Decodes `bytes` that arrive in pieces of `size` bytes.
fn decoded(bytes: &[u8], size: usize, limit: usize) -> Vec<Result<Event, DecodeError>> {
    let mut decoder = EventDecoder::new(limit);
    let mut events = Vec::new();
    for mut piece in bytes.chunks(size) {
        events.extend(std::iter::from_fn(|| decoder.next_event(&mut piece)));
        assert!(piece.is_empty(), "{piece:?} was left over");
    }
    events.extend(std::iter::from_fn(|| decoder.finish()));
    events
}

#[test]
fn the_size_of_an_event_does_not_depend_on_its_pieces() {
    let streams: [&[u8]; 7] = [
        b"data: a\n\ndata: 0123456789\ndata: 0123456789\n\ndata: b\n\n",
        b": a comment of 32 bytes, or so it is\ndata: b\n\n",
        b"event: a_name_that_is_much_too_long\r\ndata: b\r\n\r\n",
        b"data: \xff\n\nid: 01234567890123456789\rdata: b",
        b"data\ndata\ndata\ndata\ndata\ndata\n\ndata: b\n\n",
        b"data: a\nerror: {\"code\":500}\ndata: b\n\n{\"error\":1}\n\n",
        b"event: x\ndata: a\nerror: lost",
    ];
    for bytes in streams {
        for limit in 0..60 {
            let whole = decoded(bytes, bytes.len(), limit);
            for size in 1..bytes.len() {
                let shown = String::from_utf8_lossy(bytes);
                assert_eq!(decoded(bytes, size, limit), whole, "{shown:?} by {size}, limit {limit}");
            }
        }
    }
}

#[test]
fn nothing_follows_an_event_that_is_too_large() {
    // What follows would be the rest of it, read as if a line began there.
    let bytes = b"data: a\n\ndata: 0123456789 data: b\n\ndata: c\n\n";
    for size in 1..bytes.len() {
        let mut events = decoded(bytes, size, 12).into_iter();
        assert_eq!(events.next().unwrap().unwrap().data, "a");
        assert_eq!(events.next(), Some(Err(DecodeError::TooLarge { limit: 12 })));
        assert_eq!(events.next(), None, "by {size}");
    }
}

#[test]
fn an_event_may_be_as_large_as_the_limit() {
    let bytes = b"data: 0123456789\n\n";
    let line = bytes.len() - 2;
    assert_eq!(decoded(bytes, bytes.len(), line).len(), 1);
    assert!(decoded(bytes, bytes.len(), line).iter().all(Result::is_ok));
    let refused = decoded(bytes, bytes.len(), line - 1);
    assert_eq!(refused, [Err(DecodeError::TooLarge { limit: line - 1 })]);
}

#[test]
fn an_error_field_ends_the_open_event_and_bare_json_is_data() {
    let bytes = b"event: x\ndata: a\nerror: lost\n\n{\"b\":1}\n\nerror: again";
    let read: Vec<_> = decoded(bytes, bytes.len(), 100).into_iter().map(Result::unwrap).collect();
    let read: Vec<_> = read.iter().map(|event| (&*event.name, &*event.data, event.unclosed)).collect();
    let expected =
        [("x", "a", false), ("error", "lost", false), ("", "{\"b\":1}", false), ("error", "again", true)];
    assert_eq!(read, expected);
}
