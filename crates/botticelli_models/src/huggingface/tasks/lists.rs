//! Responses that servers write as an object, as a list, or as lists in a list.

use super::call::Reply;
use botticelli_error::BotticelliError;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// One entry, a list of entries, or a list of such lists.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Lists<T> {
    Nested(Vec<Vec<T>>),
    Flat(Vec<T>),
    One(T),
}

/// Returns the entries of a response: one object, or a list of objects, in any number of lists with one entry.
pub(super) fn flat<T: DeserializeOwned>(reply: &Reply<'_>) -> Result<Vec<T>, BotticelliError> {
    match reply.parse::<Lists<T>>()? {
        Lists::Nested(lists) => Ok(lists.into_iter().flatten().collect()),
        Lists::Flat(list) => Ok(list),
        Lists::One(one) => Ok(vec![one]),
    }
}

/// Returns the entries of each of `count` inputs. A list for one input may lack the list around it.
pub(super) fn nested<T: DeserializeOwned>(
    reply: &Reply<'_>,
    count: usize,
) -> Result<Vec<Vec<T>>, BotticelliError> {
    let lists = match reply.parse::<Lists<T>>()? {
        Lists::Nested(lists) if lists.is_empty() && count == 1 => vec![Vec::new()],
        Lists::Nested(lists) => lists,
        Lists::Flat(list) if count == 1 => vec![list],
        Lists::One(one) if count == 1 => vec![vec![one]],
        Lists::Flat(_) | Lists::One(_) => {
            return Err(reply.invalid("one list of results for several inputs"));
        }
    };
    if lists.len() == count {
        return Ok(lists);
    }
    Err(reply.invalid(&format!("{} lists of results for {count} inputs", lists.len())))
}
