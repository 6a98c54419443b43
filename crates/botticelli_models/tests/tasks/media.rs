//! Media: their types, base64, and storage.

use botticelli_core::tasks::Media;

#[test]
fn the_type_is_found_from_the_bytes() {
    let cases: [(&[u8], &str, &str); 10] = [
        (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg", "jpg"),
        (b"RIFF\0\0\0\0WEBP", "image/webp", "webp"),
        (b"RIFF\0\0\0\0WAVE", "audio/wav", "wav"),
        (b"ID3\x03", "audio/mpeg", "mp3"),
        (b"\0\0\0\x18ftypM4A ", "audio/mp4", "m4a"),
        (b"\0\0\0\x18ftypisom", "video/mp4", "mp4"),
        (b"\0\0\0\x1cftypavif", "image/avif", "avif"),
        (b"hello", "application/octet-stream", "bin"),
        (b"", "application/octet-stream", "bin"),
    ];
    for (bytes, media_type, extension) in cases {
        let media = Media::new(bytes);
        assert_eq!((media.media_type(), media.extension()), (media_type, extension), "{bytes:?}");
    }
}

#[test]
fn base64_and_data_urls_are_read() {
    let png = Media::new(&b"\x89PNG\r\n\x1a\n"[..]);
    for text in ["iVBORw0KGgo=", "data:image/jpeg;base64,iVBORw0KGgo=", "iVBO\nRw0K\nGgo=\n"] {
        assert_eq!(Media::from_base64(text).unwrap(), png, "{text}");
    }
    assert_eq!(Media::from_base64("data:audio/x-raw;base64,AAAA").unwrap().media_type(), "audio/x-raw");
    let message = Media::from_base64("not base64!").unwrap_err().to_string();
    assert!(message.contains("it is not base64"), "{message}");
    let stored = serde_json::to_string(&png).unwrap();
    assert_eq!(stored, "\"data:image/png;base64,iVBORw0KGgo=\"");
    assert_eq!(serde_json::from_str::<Media>(&stored).unwrap(), png);
    assert_eq!(format!("{png:?}"), "Media { media_type: \"image/png\", bytes: 8 }");
}
