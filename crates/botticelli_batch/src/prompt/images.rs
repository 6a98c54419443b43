//! Images from a column.

use botticelli_core::{Input, MediaSource};
use serde_json::{Map, Value};
use std::path::Path;

/// First base64 digits of images, with their media types.
const MARKS: [(&str, &str); 4] =
    [("iVBORw0KGgo", "image/png"), ("/9j/", "image/jpeg"), ("R0lGOD", "image/gif"), ("UklGR", "image/webp")];

/// Returns the images of a cell: an address, a path, an object with `url`, `bytes` (base64) or `path`, or a list of these.
///
/// A relative path belongs to `folder`. Null and an empty text give an empty list.
pub(super) fn image_inputs(cell: &Value, folder: &Path) -> Result<Vec<Input>, String> {
    match cell {
        Value::Null => Ok(Vec::new()),
        // CSV has no null.
        Value::String(text) if text.trim().is_empty() => Ok(Vec::new()),
        Value::Array(cells) => {
            let mut images = Vec::with_capacity(cells.len());
            for cell in cells {
                images.extend(image_inputs(cell, folder)?);
            }
            Ok(images)
        }
        Value::String(text) => image_of_text(text, folder).map(|image| vec![image]),
        Value::Object(fields) => image_of_fields(fields, folder).map(|image| vec![image]),
        Value::Bool(_) | Value::Number(_) => Err(format!("{cell} is neither an address nor a path")),
    }
}

fn image_of_text(text: &str, folder: &Path) -> Result<Input, String> {
    let is_address = ["http://", "https://", "data:"]
        .iter()
        .any(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    if is_address {
        return Ok(Input::image_url(text));
    }
    let data = std::fs::read(folder.join(text)).map_err(|error| format!("{text}: {error}"))?;
    Input::image(data).map_err(|error| format!("{text}: {error}"))
}

/// Reads the object of an image column, as the data sets of Hugging Face and OpenAI's messages have it.
fn image_of_fields(fields: &Map<String, Value>, folder: &Path) -> Result<Input, String> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    if let Some(data) = text("bytes") {
        let known = MARKS.iter().find(|(mark, _)| data.starts_with(mark));
        let (_, media_type) =
            known.ok_or("the bytes are not the base64 of a PNG, JPEG, GIF or WebP image")?;
        let media_type = (*media_type).to_owned();
        return Ok(Input::Image(MediaSource::Base64 { media_type, data: data.to_owned() }));
    }
    match text("url").or_else(|| text("path")) {
        Some(place) => image_of_text(place, folder),
        None => Err("the object has none of `url`, `path` and `bytes`".to_owned()),
    }
}
