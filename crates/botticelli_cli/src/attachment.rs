//! Attachments of a prompt.

use crate::Exit;
use crate::failure::{Failure, Outcome};
use crate::output::Console;
use crate::prompt::{read_stdin, utf8};
use botticelli::Input;
use std::ffi::OsStr;

/// Returns the input for an attachment: a file, a URL, or `-` for standard input.
pub(crate) async fn attachment(source: &OsStr, console: &Console) -> Outcome<Input> {
    let text = source.to_str().unwrap_or_default();
    if text.starts_with("https://") || text.starts_with("http://") || text.starts_with("data:") {
        return Ok(Input::image_url(text));
    }
    if text == "-" {
        let bytes = read_stdin(console, true).await?;
        return of_bytes(bytes, "standard input");
    }
    // The name of a file may be in any encoding.
    let name = source.display().to_string();
    let bytes = std::fs::read(source).map_err(|error| Failure::io(&name, &error).with_exit(Exit::Usage))?;
    of_bytes(bytes, &name)
}

/// Returns content as an input. The first bytes decide the type, because the extension of a file may be wrong.
fn of_bytes(bytes: Vec<u8>, name: &str) -> Outcome<Input> {
    if bytes.is_empty() {
        return Err(Failure::usage(format!("{name} is empty. Attach a file with content.")));
    }
    if let Ok(input) = Input::image(bytes.clone()).or_else(|_| Input::audio(bytes.clone())) {
        return Ok(input);
    }
    if let Ok(input) = Input::document(bytes.clone()) {
        return Ok(input);
    }
    if bytes.contains(&0) {
        return Err(Failure::usage(format!(
            "{name} is neither an image (PNG, JPEG, GIF, WebP), nor audio (WAV, MP3), nor a PDF, nor a text."
        )));
    }
    let text = utf8(bytes, name)?;
    Ok(Input::Text(format!("{name}:\n{text}")))
}
