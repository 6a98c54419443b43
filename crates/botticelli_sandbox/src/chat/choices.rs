//! The choices of an answer.

use super::default_text::reply;
use super::endpoint::Site;
use super::format::{Wanted, json_text};
use super::generation::{Choice, Ending, cut, pieces_of};
use super::reasoning::{limited, tagged, thoughts};
use super::request::ChatRequest;
use super::tool_calls::{calls, results};
use crate::catalog::{Home, Manner, Served};

const REFUSAL: &str = "I am sorry, but the sandbox refuses to help with that.";
const FILTERED: &str = "This text was taken";

/// As many choices as were asked for; text-generation-inference knows one only.
pub(super) fn choices(
    request: &ChatRequest,
    served: Served,
    site: &Site,
    wanted: &Wanted,
    media: &str,
) -> Vec<Choice> {
    let count = if site.dialect.is_tgi() { 1 } else { request.n.unwrap_or(1) };
    let count = usize::try_from(count).unwrap_or(1);
    (0..count).map(|variant| choice(request, served, site, wanted, media, variant)).collect()
}

fn choice(
    request: &ChatRequest,
    served: Served,
    site: &Site,
    wanted: &Wanted,
    media: &str,
    variant: usize,
) -> Choice {
    let is_tgi = site.dialect.is_tgi();
    match served.model.manner {
        // A server without a field for it says it in the text.
        Manner::Refusing if !site.dialect.has_refusals() => return Choice::text(REFUSAL, None, &[]),
        Manner::Refusing => return Choice { refusal: pieces_of(REFUSAL), ..Choice::default() },
        Manner::Filtered => {
            return Choice { pieces: pieces_of(FILTERED), ending: Ending::Filtered, ..Choice::default() };
        }
        _ => {}
    }
    let home = served.model.manner.home();
    let thoughts = home.map(|_| thoughts(request)).unwrap_or_default();
    let calls = calls(request, is_tgi, variant);
    if !calls.is_empty() {
        let (thoughts, pieces) = match home {
            Some(Home::Tags) => (Vec::new(), tagged(&thoughts, "")),
            _ => (pieces_of(&thoughts), Vec::new()),
        };
        return Choice { thoughts, pieces, calls, ending: Ending::Calls, ..Choice::default() };
    }
    let text = text(request, served, is_tgi, wanted, media, variant);
    if home == Some(Home::Tags) {
        let (pieces, ending) = cut(tagged(&thoughts, &text), request.limit(), request.stops());
        return Choice { pieces, ending, ..Choice::default() };
    }
    let (thoughts, left) = limited(&thoughts, request.limit());
    Choice { thoughts, ..Choice::text(&text, left, request.stops()) }
}

fn text(
    request: &ChatRequest,
    served: Served,
    is_tgi: bool,
    wanted: &Wanted,
    media: &str,
    variant: usize,
) -> String {
    match wanted {
        Wanted::Fitting(schema) => return json_text(request, Some(schema), served, variant),
        Wanted::AnyJson => return json_text(request, None, served, variant),
        Wanted::AnyText => {}
    }
    let results = results(request, is_tgi);
    let text = if results.is_empty() {
        reply(request, media)
    } else {
        format!("The tool said: {}", results.join("\nThe tool said: "))
    };
    if variant == 0 { text } else { format!("{text} This is choice {}.", variant + 1) }
}
