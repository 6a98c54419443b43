//! Attachments of a prompt.

use crate::Exit;
use crate::failure::{Failure, Outcome};
use crate::output::Console;
use crate::prompt::{read_stdin, utf8};
use botticelli::Input;

/// Returns the input for an attachment: a file, a URL, or `-` for standard input.
pub(crate) async fn attachment(source: &str, console: &Console) -> Outcome<Input> {
    if source.starts_with("https://") || source.starts_with("http://") || source.starts_with("data:") {
        return Ok(Input::image_url(source));
    }
    if source == "-" {
        let bytes = read_stdin(console, true).await?;
        return of_bytes(bytes, "standard input");
    }
    let bytes = std::fs::read(source).map_err(|error| Failure::io(source, &error).with_exit(Exit::Usage))?;
    of_bytes(bytes, source)
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
