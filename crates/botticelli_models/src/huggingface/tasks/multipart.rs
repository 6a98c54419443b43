//! Forms with a file (`multipart/form-data`).

use bytes::Bytes;
use memchr::memmem;

/// A form, and its content type.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) body: Bytes,
    pub(super) content_type: String,
}

/// Returns a form with text fields and one file. The extension of the file's name tells servers its format.
pub(super) fn form(fields: &[(String, String)], file_name: &str, media_type: &str, data: &[u8]) -> Form {
    // The boundary must not occur in the data. The first one does not, unless the data are a form of this driver.
    let boundaries = (0_u64..).map(|number| format!("botticelli-form-{number}"));
    let mut free = boundaries.filter(|boundary| memmem::find(data, boundary.as_bytes()).is_none());
    let boundary = free.next().unwrap_or_default();
    let mut body = Vec::with_capacity(data.len().saturating_add(1_024));
    for (name, value) in fields {
        let part =
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\
         Content-Type: {media_type}\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(data);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    Form { body: body.into(), content_type: format!("multipart/form-data; boundary={boundary}") }
}
