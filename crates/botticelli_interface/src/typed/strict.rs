//! A schema as services want it that keep a model to it exactly.

use super::hint::description_with_hints;
use super::inline::{Inliner, fault, too_large};
use super::merge::{ResolvedSchema, merge};
use super::walk::has_type;
use botticelli_error::{BotticelliError, BuilderError};
use serde_json::{Map, Value, json};

/// The strict form of `schema`: references replaced, every object closed, all its properties required, those that were
/// optional nullable, and no word in it that services refuse.
///
/// `name` stands in the errors.
pub(super) fn strict(schema: &Value, name: &str) -> Result<Value, BotticelliError> {
    let mut builder = StrictBuilder { inliner: Inliner::new(schema) };
    match builder.part(schema, name, 0) {
        Ok(part) => Ok(part.into()),
        Err(StrictError::Error(error) | StrictError::Impossible(error)) => Err(error),
    }
}

/// Why a part has no strict target.
#[derive(Debug)]
pub(super) enum StrictError {
    /// It cannot be written down.
    Error(BotticelliError),
    /// No value fits it: no fault where it is one of several variants, or a property that may be missing.
    Impossible(BotticelliError),
}

/// The deepest that a schema may be nested.
const DEEPEST: usize = 50;

struct StrictBuilder<'a> {
    inliner: Inliner<'a>,
}

impl StrictBuilder<'_> {
    fn part(&mut self, part: &Value, place: &str, depth: usize) -> Result<Map<String, Value>, StrictError> {
        self.inliner.count(place)?;
        if depth > DEEPEST {
            return Err(too_large(place));
        }
        let outside = self.inliner.depth();
        let whole = self.inliner.resolve(part, place);
        let closed = whole.and_then(|whole| self.closed(whole, place, depth.saturating_add(1)));
        self.inliner.close(outside);
        closed
    }

    fn closed(
        &mut self,
        mut whole: ResolvedSchema,
        place: &str,
        depth: usize,
    ) -> Result<Map<String, Value>, StrictError> {
        if !whole.groups.is_empty() {
            let variants = whole.groups.remove(0);
            return self.variants(whole, &variants, place, depth);
        }
        let part = whole.words;
        let mut closed = Map::new();
        let words = words(&part, place)?;
        let kind = part.get("type").cloned().or_else(|| kind_of(&part, words.as_deref()));
        if let Some(kind) = &kind {
            closed.insert("type".to_owned(), kind.clone());
        }
        if let Some(description) = description_with_hints(&part) {
            closed.insert("description".to_owned(), description.into());
        }
        match words {
            Some(words) => {
                closed.insert("enum".to_owned(), words.into());
            }
            None if kind.is_none() => {
                let remedy = "say of what type it is: a strict form has no place for any value";
                let error = schema_error(place, &Value::Object(part), "anything fits it", remedy);
                return Err(StrictError::Error(error));
            }
            None => {
                if has_type(&closed, "object") {
                    self.object(&part, place, depth, &mut closed)?;
                }
                if has_type(&closed, "array") {
                    closed.insert("items".to_owned(), self.items(&part, place, depth)?.into());
                }
            }
        }
        Ok(closed)
    }

    fn object(
        &mut self,
        part: &Map<String, Value>,
        place: &str,
        depth: usize,
        closed: &mut Map<String, Value>,
    ) -> Result<(), StrictError> {
        let is_open = |word: &str| part.get(word).filter(|value| !matches!(value, Value::Bool(false)));
        if let Some(free) = is_open("additionalProperties").or_else(|| is_open("patternProperties")) {
            let remedy = "write it as a list of pairs, Vec<Pair> with struct Pair { key, value }, or do without the \
                          strict target: TypedOptions::with_strict(false)";
            let reason = "it is a map, and a strict form has no free keys";
            return Err(StrictError::Error(schema_error(place, free, reason, remedy)));
        }
        let required = part.get("required").and_then(Value::as_array);
        let mut properties = Map::new();
        for (name, property) in part.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let is_required = required.is_some_and(|names| names.iter().any(|given| given == name));
            let mut property = match self.part(property, &format!("{place}.{name}"), depth) {
                Ok(property) => property,
                // It can only be missing.
                Err(StrictError::Impossible(_)) if !is_required => continue,
                Err(fault) => return Err(fault),
            };
            if !is_required {
                make_nullable(&mut property);
            }
            properties.insert(name.clone(), property.into());
        }
        let names: Vec<Value> = properties.keys().map(|name| name.as_str().into()).collect();
        closed.insert("properties".to_owned(), properties.into());
        closed.insert("required".to_owned(), names.into());
        closed.insert("additionalProperties".to_owned(), false.into());
        Ok(())
    }

    /// What the items of a list are. A tuple of one type is a list of it, whose length is checked here.
    fn items(
        &mut self,
        part: &Map<String, Value>,
        place: &str,
        depth: usize,
    ) -> Result<Map<String, Value>, StrictError> {
        // Older drafts list the items of a tuple in `items`.
        let tuple = part.get("prefixItems").or_else(|| part.get("items").filter(|items| items.is_array()));
        let first = tuple.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let item = match (first, part.get("items").filter(|items| !items.is_array())) {
            ([], Some(items)) => items,
            ([one, others @ ..], None | Some(Value::Bool(false)))
                if others.iter().all(|other| other == one) =>
            {
                one
            }
            ([], None) => &Value::Bool(true),
            (tuple, _) => {
                let remedy = "make it a struct with a name for each field";
                let types = Value::Array(tuple.to_vec());
                let reason = "it is a tuple, and a strict form has lists of one type";
                return Err(StrictError::Error(schema_error(place, &types, reason, remedy)));
            }
        };
        self.part(item, &format!("{place}[]"), depth)
    }

    /// One of several, each with what is said beside them.
    fn variants(
        &mut self,
        mut beside: ResolvedSchema,
        variants: &[Value],
        place: &str,
        depth: usize,
    ) -> Result<Map<String, Value>, StrictError> {
        if depth > DEEPEST {
            return Err(too_large(place));
        }
        let description = description_with_hints(&beside.words);
        beside.words.retain(|word, _| SHARED.contains(&word.as_str()));
        let mut closed = Vec::with_capacity(variants.len());
        let mut impossible = None;
        for variant in variants {
            let outside = self.inliner.depth();
            let variant = self.variant(variant, &beside, place, depth.saturating_add(1));
            self.inliner.close(outside);
            let mut variant = match variant {
                Ok(variant) => variant,
                Err(fault @ StrictError::Error(_)) => return Err(fault),
                Err(fault @ StrictError::Impossible(_)) => {
                    impossible.get_or_insert(fault);
                    continue;
                }
            };
            match variant.remove("anyOf") {
                // One of several, one of which is one of several: all on one level.
                Some(Value::Array(inner)) if variant.is_empty() => closed.extend(inner),
                Some(inner) => {
                    variant.insert("anyOf".to_owned(), inner);
                    closed.push(variant.into());
                }
                None => closed.push(variant.into()),
            }
        }
        if let Some(fault) = impossible.filter(|_| closed.is_empty()) {
            return Err(fault);
        }
        let mut part = Map::new();
        if let Some(description) = description {
            part.insert("description".to_owned(), description.into());
        }
        part.insert("anyOf".to_owned(), closed.into());
        Ok(part)
    }

    fn variant(
        &mut self,
        variant: &Value,
        beside: &ResolvedSchema,
        place: &str,
        depth: usize,
    ) -> Result<Map<String, Value>, StrictError> {
        self.inliner.count(place)?;
        let variant = self.inliner.resolve(variant, place)?;
        let whole = merge(variant, beside.clone()).map_err(|conflict| fault(conflict, place))?;
        self.closed(whole, place, depth)
    }
}

/// What is said beside variants, and holds for each of them.
const SHARED: [&str; 10] = [
    "type",
    "enum",
    "const",
    "properties",
    "patternProperties",
    "required",
    "additionalProperties",
    "unevaluatedProperties",
    "items",
    "prefixItems",
];

/// The values that a part lists, as far as they are of its type.
fn words(part: &Map<String, Value>, place: &str) -> Result<Option<Vec<Value>>, StrictError> {
    let listed = part.get("enum").and_then(Value::as_array);
    let mut words = match (part.get("const"), listed) {
        (Some(word), _) => vec![word.clone()],
        (None, Some(words)) => words.clone(),
        (None, None) => return Ok(None),
    };
    words.retain(|word| listed.is_none_or(|listed| listed.contains(word)) && is_of_type(word, part));
    if words.is_empty() {
        let remedy = "leave it out of the schema";
        let error = schema_error(place, &Value::Object(part.clone()), "nothing fits it", remedy);
        return Err(StrictError::Impossible(error));
    }
    Ok(Some(words))
}

fn is_of_type(word: &Value, part: &Map<String, Value>) -> bool {
    if !part.contains_key("type") {
        return true;
    }
    let is = |kind: &str| has_type(part, kind);
    match word {
        Value::Null => is("null"),
        Value::Bool(_) => is("boolean"),
        Value::String(_) => is("string"),
        Value::Array(_) => is("array"),
        Value::Object(_) => is("object"),
        Value::Number(number) => {
            is("number") || (is("integer") && number.as_f64().is_none_or(|number| number.fract() == 0.0))
        }
    }
}

/// The type of a part that does not say it, where it can be told.
fn kind_of(part: &Map<String, Value>, words: Option<&[Value]>) -> Option<Value> {
    match words {
        Some(words) if !words.is_empty() && words.iter().all(Value::is_string) => Some("string".into()),
        None if part.contains_key("properties") => Some("object".into()),
        None if part.contains_key("items") || part.contains_key("prefixItems") => Some("array".into()),
        Some(_) | None => None,
    }
}

fn mentions(kind: &Value, word: &str) -> bool {
    match kind {
        Value::Array(kinds) => kinds.iter().any(|kind| kind == word),
        kind => kind == word,
    }
}

/// Lets it be null, unless it may be already: how a strict form says that something may be missing.
fn make_nullable(part: &mut Map<String, Value>) {
    if let Some(Value::Array(variants)) = part.get_mut("anyOf") {
        let is_null = |variant: &Value| variant.get("type").is_some_and(|kind| mentions(kind, "null"));
        if !variants.iter().any(is_null) {
            variants.push(json!({"type": "null"}));
        }
        return;
    }
    if let Some(Value::Array(words)) = part.get_mut("enum")
        && !words.contains(&Value::Null)
    {
        words.push(Value::Null);
    }
    match part.get_mut("type") {
        Some(Value::Array(kinds)) if !kinds.iter().any(|kind| kind == "null") => kinds.push("null".into()),
        Some(kind @ Value::String(_)) if kind != "null" => *kind = json!([kind.take(), "null"]),
        _ => {}
    }
}

/// A schema that has no strict target, because of what stands at `place`.
#[track_caller]
pub(super) fn schema_error(
    place: &str,
    value: &Value,
    reason: &'static str,
    remedy: &'static str,
) -> BotticelliError {
    let shown: String = value.to_string().chars().take(80).collect();
    let place = place.to_owned();
    if value.is_object() || value.is_array() {
        BuilderError::refused_json("OutputSchema", place, shown, reason, remedy).into()
    } else {
        BuilderError::refused("OutputSchema", place, shown, reason, remedy).into()
    }
}
