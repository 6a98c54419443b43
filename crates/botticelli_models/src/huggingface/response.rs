//! A plain answer: refusals told from answers, and anything else from both.

use crate::huggingface::conversions::broken_json::close;
use crate::huggingface::conversions::{self, Asked, Wording, refusal, refusal_in_answer, refusal_in_text};
use crate::huggingface::dto::HuggingFaceResponse;
use crate::huggingface::stream::surrogates::Surrogates;
use crate::transport::{BrokenBody, HttpResponse};
use botticelli_core::{AuthConfig, GenerateResponse};
use botticelli_error::{BotticelliError, JsonError, JsonErrorKind, PartialResponse};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use std::io;

/// What kind of body an answer has, by its content type. Servers add parameters, and some name none at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::huggingface) enum BodyKind {
    Json,
    Events,
    Html,
    Unknown,
}

impl BodyKind {
    pub(in crate::huggingface) fn of(answer: &HttpResponse) -> Self {
        let media_type = answer.media_type();
        let is = |name: &str| media_type.eq_ignore_ascii_case(name);
        let ends_with_json = || media_type.to_ascii_lowercase().ends_with("+json");
        match () {
            () if is("application/json") => Self::Json,
            () if is("text/event-stream") => Self::Events,
            () if is("text/html") || is("application/xhtml+xml") => Self::Html,
            () if ends_with_json() => Self::Json,
            () => Self::Unknown,
        }
    }

    /// What kind it really is: some servers name no content type, or the wrong one.
    pub(in crate::huggingface) async fn look_at(answer: &mut HttpResponse) -> Result<Self, BotticelliError> {
        Ok(match (Self::of(answer), answer.first_byte().await?) {
            (Self::Html, _) | (Self::Unknown | Self::Events, Some(b'<')) => Self::Html,
            (Self::Unknown | Self::Events, Some(b'{' | b'[')) => Self::Json,
            // A sentence: read as a whole, it says what is wrong. Fields of events and comments begin otherwise.
            (Self::Unknown, Some(first))
                if answer.media_type().eq_ignore_ascii_case("text/plain")
                    && !matches!(first, b'd' | b'e' | b'i' | b'r' | b':' | 0xef) =>
            {
                Self::Json
            }
            // A field of an event, or a comment: JSON begins with neither.
            (Self::Json, Some(b'd' | b':')) => Self::Events,
            (told, _) => told,
        })
    }
}

/// Passes a success on; anything else becomes the error that it means.
pub(in crate::huggingface) async fn accepted(
    answer: HttpResponse,
    asked: &Asked,
) -> Result<HttpResponse, BotticelliError> {
    if answer.is_success() && answer.encoding().is_none() {
        return Ok(answer);
    }
    // In a box: what is rare should make no room in every call.
    Box::pin(looked_at(answer, asked)).await
}

async fn looked_at(mut answer: HttpResponse, asked: &Asked) -> Result<HttpResponse, BotticelliError> {
    let compressed = compressed(&mut answer).await;
    if answer.is_success() {
        return match compressed? {
            Some(encoding) => {
                let encoding = label(&encoding, asked);
                Err(JsonError::new(JsonErrorKind::Compressed { encoding }, answer.host()).into())
            }
            None => Ok(answer),
        };
    }
    let status = answer.status();
    // What is compressed says nothing to us, but its status has been told.
    let body = if let Ok(None) = compressed { answer.read_refusal().await } else { String::new() };
    let refusal = refusal(status, &body, asked);
    // Some say beside it what the model had written so far.
    let is_answer = body.contains("\"choices\"");
    Err(if is_answer { refusal.with_partial(arrived_of(body.into(), asked)) } else { refusal })
}

/// How the body is compressed, if it is and nothing has unpacked it. A server's word is not enough: some put the header
/// over text. Text that chance finds in compressed bytes, on the other hand, may lack a part.
async fn compressed(answer: &mut HttpResponse) -> Result<Option<String>, BotticelliError> {
    let Some(encoding) = answer.encoding() else { return Ok(None) };
    // What JSON, a web page and each field of an event begin with; the byte order mark; nothing at all.
    let is_text = matches!(
        answer.first_byte().await?,
        None | Some(b'{' | b'[' | b'"' | b'<' | b'd' | b'e' | b'i' | b'r' | b':' | 0xef)
    );
    Ok((!is_text).then_some(encoding))
}

/// Reads a whole answer. A success may still be a refusal, a web page, or nothing. What had arrived of one that broke off is in
/// its error.
pub(in crate::huggingface) async fn response(
    answer: HttpResponse,
    asked: &Asked,
) -> Result<GenerateResponse, BotticelliError> {
    let whole = match Whole::read(answer).await {
        Ok(whole) => whole,
        Err(BrokenBody { error, arrived }) => return Err(error.with_partial(arrived_of(arrived, asked))),
    };
    let (error, end) = match whole.text(asked) {
        Ok(text) => match dto(text, asked) {
            Ok(dto) => return conversions::response(dto?, asked),
            Err(error) => {
                let end = whole.blanks_before(text).saturating_add(offset(text, &error));
                (whole.unlike(text, asked, &error), end)
            }
        },
        Err(error) => (error, whole.body.len()),
    };
    let mut arrived = Vec::from(whole.body);
    arrived.truncate(end);
    Err(error.with_partial(arrived_of(arrived, asked)))
}

/// A whole answer, in the words of a chat.
fn dto(text: &str, asked: &Asked) -> Result<Result<HuggingFaceResponse, BotticelliError>, serde_json::Error> {
    match &asked.wording {
        Wording::Chat | Wording::Text => parse(text).map(Ok),
        Wording::Generation(reader) => {
            let mut reader = reader.clone().within(asked.limit);
            let dto = reader.whole(parse(text)?);
            Ok(match (dto, reader.exceeded()) {
                (Ok(dto), Some(limit)) => {
                    let error = conversions::too_large(limit, asked);
                    Err(error.with_partial(conversions::partial(dto, asked)))
                }
                (dto, _) => dto,
            })
        }
    }
}

/// What can be told of an answer of which this much arrived.
fn arrived_of(mut arrived: Vec<u8>, asked: &Asked) -> PartialResponse {
    close(&mut arrived);
    let text = std::str::from_utf8(&arrived).unwrap_or_default();
    let read = dto(text.trim_start_matches('\u{feff}'), asked).ok().and_then(Result::ok);
    drop(arrived);
    read.map(|dto| conversions::partial(dto, asked)).unwrap_or_default()
}

/// Where in `text` an error was found.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    if error.is_eof() {
        return text.len();
    }
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let before: usize = lines.map(str::len).sum();
    before.saturating_add(error.column().saturating_sub(1)).min(text.len())
}

/// Reads a whole body as JSON.
pub(in crate::huggingface) async fn json<T: DeserializeOwned>(
    answer: HttpResponse,
    asked: &Asked,
) -> Result<T, BotticelliError> {
    let whole = Whole::read(answer).await.map_err(|broken| broken.error)?;
    let text = whole.text(asked)?;
    parse(text).map_err(|error| whole.unlike(text, asked, &error))
}

/// Parses JSON in which a character may lack its other half.
fn parse<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    serde_json::from_str(text).or_else(|error| match Surrogates::default().mend(text) {
        Some(mended) => serde_json::from_str(&mended),
        None => Err(error),
    })
}

/// What was found in a body, beside what was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::huggingface) enum Found {
    /// All of it.
    Something,
    /// The form of it, with nothing in it.
    Nothing,
    /// Another JSON.
    Another,
}

/// Reads a whole body that is a JSON object and no chat. A success may still be a refusal, or another JSON than was
/// asked for: `found` says what it is.
pub(in crate::huggingface) async fn object<T: DeserializeOwned>(
    answer: HttpResponse,
    asked: &Asked,
    found: impl FnOnce(&T) -> Found + Send,
) -> Result<T, BotticelliError> {
    let whole = Whole::read(answer).await.map_err(|broken| broken.error)?;
    // Labels of catalogs and mappings are shown: one that repeats the token must not be.
    let text = &*asked.scrubbed(whole.text(asked)?);
    // A list would be read as the fields of an object, one after the other.
    if !text.starts_with('{') {
        return Err(refusal_in_text(text, asked).unwrap_or_else(|| whole.unreadable(text, asked).into()));
    }
    let object: T = serde_json::from_str(text).map_err(|error| whole.unlike(text, asked, &error))?;
    let found = found(&object);
    if found == Found::Something {
        return Ok(object);
    }
    let told = serde_json::from_str::<HuggingFaceResponse>(text).ok();
    if let Some(refusal) = told.and_then(|told| refusal_in_answer(&told, asked)) {
        return Err(refusal);
    }
    match found {
        Found::Another => Err(whole.unreadable(text, asked).into()),
        Found::Something | Found::Nothing => Ok(object),
    }
}

/// A whole body, and what was said of it.
struct Whole {
    body: Bytes,
    host: String,
    is_html: bool,
    encoding: Option<String>,
}

impl Whole {
    async fn read(answer: HttpResponse) -> Result<Self, BrokenBody> {
        let (host, encoding) = (answer.host().to_owned(), answer.encoding());
        let is_html = BodyKind::of(&answer) == BodyKind::Html;
        Ok(Self { body: answer.read_all().await?, host, is_html, encoding })
    }

    /// The text that may be JSON, without the byte order mark and the blanks around it.
    fn text(&self, asked: &Asked) -> Result<&str, BotticelliError> {
        let refused = |kind| Err(JsonError::new(kind, &*self.host).into());
        let Ok(text) = std::str::from_utf8(&self.body) else {
            let shown = |encoding: &String| JsonErrorKind::Compressed { encoding: label(encoding, asked) };
            let compressed = self.encoding.as_ref().map(shown);
            return refused(compressed.unwrap_or(JsonErrorKind::NotUtf8));
        };
        match text.trim_start_matches('\u{feff}').trim() {
            "" => refused(JsonErrorKind::Empty),
            words if self.is_html || words.starts_with('<') => refused(JsonErrorKind::Html),
            words => Ok(words),
        }
    }

    /// What is wrong with a text that is not the JSON that was expected: the path, or the text.
    fn unlike(&self, text: &str, asked: &Asked, error: &serde_json::Error) -> BotticelliError {
        let refusal = Some(text).filter(|text| text.len() <= LONGEST_TEXT && !text.starts_with('{'));
        refusal
            .and_then(|text| refusal_in_text(text, asked))
            .unwrap_or_else(|| self.unreadable(text, asked).with_source(position(error)).into())
    }

    /// How many bytes of the body stand before `text`, which is what is left of it without the blanks around it.
    fn blanks_before(&self, text: &str) -> usize {
        let begin = text.as_bytes().first();
        self.body.iter().position(|byte| Some(byte) == begin).unwrap_or_default()
    }

    fn unreadable(&self, text: &str, asked: &Asked) -> JsonError {
        let beginning = beginning(text, asked);
        JsonError::new(JsonErrorKind::Unreadable { what: "answer", beginning }, &*self.host)
    }
}

/// Longest plain text that is read as a refusal, in bytes.
const LONGEST_TEXT: usize = 1_000;

/// The value of a header, fit for a message: short, and without the token.
fn label(value: &str, asked: &Asked) -> String {
    AuthConfig::hide_tokens(&asked.scrubbed(value)).to_lowercase().chars().take(80).collect()
}

/// Enough of a text to recognise it by, without what might be a token.
pub(in crate::huggingface) fn beginning(text: &str, asked: &Asked) -> String {
    // Longer than is shown, so that a token at the end is seen before it is cut.
    let beginning: String = text.chars().take(400).collect();
    let beginning: String = asked.scrubbed(&beginning).chars().take(80).collect();
    // A word that was cut may be the beginning of a token.
    AuthConfig::hide_tokens(&beginning)
}

/// Where JSON broke off. What serde says itself may repeat a value of the text.
pub(in crate::huggingface) fn position(error: &serde_json::Error) -> io::Error {
    let kind = match error.classify() {
        Category::Eof => "it ends",
        Category::Syntax => "it is no JSON",
        Category::Data | Category::Io => "it is another JSON than was expected",
    };
    io::Error::other(format!("{kind} at line {}, column {}", error.line(), error.column()))
}
