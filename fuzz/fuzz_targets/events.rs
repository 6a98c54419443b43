//! Bytes to events: the same events for every split, no panic, and memory bounded by the limit.
//!
//! The input is a stream of events. Of its last five bytes, the first is the limit, and the other four
//! are the lengths of the pieces, used in turn.
#![no_main]

use botticelli_models::transport::{DecodeError, Event, EventDecoder};
use libfuzzer_sys::fuzz_target;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Name and data of an event, and true if the stream ended before its blank line; or an error.
type Item = Result<(String, String, bool), DecodeError>;

fuzz_target!(|input: &[u8]| {
    let Some((bytes, &[limit, pieces @ ..])) = input.split_last_chunk::<5>() else { return };
    // Often too small, and often unlimited.
    let limit = if limit < 128 { usize::from(limit) * 4 } else { usize::MAX };

    let mut decoder = EventDecoder::new(limit);
    let mut whole = read(&mut decoder, bytes);
    whole.extend(std::iter::from_fn(|| decoder.finish().map(item)));
    if let Some(at) = whole.iter().position(|item| matches!(item, Err(DecodeError::TooLarge { .. }))) {
        assert_eq!(at + 1, whole.len(), "something came after an event that is too large");
    } else {
        assert_eq!(whole, expected(bytes), "the grammar says otherwise");
    }

    let mut decoder = EventDecoder::new(limit);
    let mut rest = &whole[..];
    let mut check = |items: Vec<Item>| {
        for item in items {
            let Some((first, others)) = rest.split_first() else { panic!("in pieces, {item:?} came too") };
            assert_eq!(item, *first, "in pieces");
            rest = others;
        }
    };
    let before = ALLOCATED.load(Ordering::Relaxed);
    for piece in cut(bytes, &pieces) {
        check(read(&mut decoder, piece));
        let in_memory = ALLOCATED.load(Ordering::Relaxed).saturating_sub(before);
        let allowed = limit.saturating_mul(6).saturating_add(8 * 1024);
        assert!(in_memory <= allowed, "{in_memory} bytes are kept, with a limit of {limit}");
    }
    check(std::iter::from_fn(|| decoder.finish().map(item)).collect());
    assert!(rest.is_empty(), "in pieces, {rest:?} is missing");
});

/// Splits an event into its parts, because only the library can construct one.
fn item(event: Result<Event, DecodeError>) -> Item {
    event.map(|event| (event.name, event.data, event.unclosed))
}

/// Returns the events that `bytes` complete.
fn read(decoder: &mut EventDecoder, mut bytes: &[u8]) -> Vec<Item> {
    let items = std::iter::from_fn(|| decoder.next_event(&mut bytes).map(item)).collect();
    assert!(bytes.is_empty(), "{bytes:?} was left over");
    items
}

/// Splits the bytes into pieces of the given lengths, which repeat.
fn cut<'a>(mut bytes: &'a [u8], lengths: &[u8]) -> impl Iterator<Item = &'a [u8]> {
    // A length of zero would never end.
    let mut lengths =
        lengths.iter().map(|length| usize::from(*length)).chain([1]).collect::<Vec<_>>().into_iter().cycle();
    std::iter::from_fn(move || {
        let (piece, rest) = bytes.split_at(lengths.next()?.min(bytes.len()));
        let ended = bytes.is_empty();
        bytes = rest;
        (!ended).then_some(piece)
    })
}

/// An event closed by its blank line or the field `error:`.
fn closed(name: String, data: Vec<u8>) -> Item {
    match String::from_utf8(data) {
        Ok(data) => Ok((name, data, false)),
        Err(_) => Err(DecodeError::NotUtf8),
    }
}

/// A second implementation of the grammar, simple instead of fast.
fn expected(bytes: &[u8]) -> Vec<Item> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let (mut lines, mut line, mut last) = (Vec::new(), Vec::new(), 0);
    for &byte in bytes {
        match byte {
            b'\n' if last == b'\r' => {}
            b'\n' | b'\r' => lines.push(std::mem::take(&mut line)),
            _ => line.push(byte),
        }
        last = byte;
    }
    if !line.is_empty() {
        lines.push(line);
    }
    let (mut items, mut name, mut data) = (Vec::new(), String::new(), None::<Vec<u8>>);
    for line in lines {
        if line.is_empty() {
            let name = std::mem::take(&mut name);
            items.extend(data.take().map(|data| closed(name, data)));
            continue;
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        let mut push = |value: &[u8]| match &mut data {
            Some(data) => {
                data.push(b'\n');
                data.extend_from_slice(value);
            }
            None => data = Some(value.to_vec()),
        };
        match &line[..colon] {
            b"data" => push(value),
            b"event" => name = String::from_utf8_lossy(value).into_owned(),
            // Two forms outside of the grammar.
            b"error" => {
                let open = std::mem::replace(&mut name, "error".to_owned());
                items.extend(data.replace(value.to_vec()).map(|data| closed(open, data)));
            }
            field if field.starts_with(b"{") => push(&line),
            _ => {}
        }
    }
    let unclosed = data.and_then(|data| String::from_utf8(data).ok());
    items.extend(unclosed.map(|data| Ok((name, data, true))));
    items
}

/// An allocator that counts bytes.
struct Counting;

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static COUNTING: Counting = Counting;

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}
