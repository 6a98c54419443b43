//! A schema as services want it that keep a model to it exactly.

use super::hint::described;
use super::inline::{Inliner, merged};
use botticelli_error::{BotticelliError, BuilderError};
use serde_json::{Map, Value, json};

/// The strict form of `schema`: references replaced, every object closed, all its properties required, those that were
/// optional nullable, and no word in it that services refuse.
///
/// `name` stands in the errors.
pub(super) fn strict(schema: &Value, name: &str) -> Result<Value, BotticelliError> {
    let mut closer = Closer { inliner: Inliner::new(schema), parts: 0 };
    closer.part(schema, name, 0).map(Value::Object)
}

/// The most parts of a schema, references replaced: types that use others twice grow fast.
const MOST_PARTS: usize = 5_000;
/// The deepest that a schema may be nested.
const DEEPEST: usize = 50;

struct Closer<'a> {
    inliner: Inliner<'a>,
    parts: usize,
}

impl Closer<'_> {
    fn part(
        &mut self,
        part: &Value,
        place: &str,
        depth: usize,
    ) -> Result<Map<String, Value>, BotticelliError> {
        self.parts = self.parts.saturating_add(1);
        if self.parts > MOST_PARTS || depth > DEEPEST {
            return Err(refused(place, &json!("…"), "the schema is too large", "take a smaller type"));
        }
        let outside = self.inliner.depth();
        let whole = self.inliner.whole(part, place)?;
        let closed = self.closed(whole, place, depth.saturating_add(1));
        self.inliner.close(outside);
        closed
    }

    fn closed(
        &mut self,
        mut part: Map<String, Value>,
        place: &str,
        depth: usize,
    ) -> Result<Map<String, Value>, BotticelliError> {
        let variants = part.shift_remove("oneOf").or_else(|| part.shift_remove("anyOf"));
        if let Some(Value::Array(variants)) = variants {
            return self.variants(part, &variants, place, depth);
        }
        let mut closed = Map::new();
        let words = part.get("const").map(|word| vec![word.clone()]);
        let words = words.or_else(|| part.get("enum").and_then(Value::as_array).cloned());
        let kind = part.get("type").cloned().or_else(|| kind_of(&part, words.as_deref()));
        let has = |word: &str| kind.as_ref().is_some_and(|kind| mentions(kind, word));
        if let Some(kind) = &kind {
            closed.insert("type".to_owned(), kind.clone());
        }
        if let Some(description) = described(&part) {
            closed.insert("description".to_owned(), description.into());
        }
        match words {
            Some(words) => {
                closed.insert("enum".to_owned(), words.into());
            }
            None if kind.is_none() => {
                let remedy = "say of what type it is: a strict form has no place for any value";
                return Err(refused(place, &Value::Object(part), "anything fits it", remedy));
            }
            None => {
                if has("object") {
                    self.object(&part, place, depth, &mut closed)?;
                }
                if has("array") {
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
    ) -> Result<(), BotticelliError> {
        let is_open = |word: &str| part.get(word).filter(|value| !matches!(value, Value::Bool(false)));
        if let Some(free) = is_open("additionalProperties").or_else(|| is_open("patternProperties")) {
            let remedy = "write it as a list of pairs, Vec<Pair> with struct Pair { key, value }, or do without the \
                          strict form: TypedOptions::with_strict(false)";
            return Err(refused(place, free, "it is a map, and a strict form has no free keys", remedy));
        }
        let required = part.get("required").and_then(Value::as_array);
        let mut properties = Map::new();
        for (name, property) in part.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let mut property = self.part(property, &format!("{place}.{name}"), depth)?;
            if !required.is_some_and(|names| names.iter().any(|given| given == name)) {
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
    ) -> Result<Map<String, Value>, BotticelliError> {
        let first = part.get("prefixItems").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let item = match (first, part.get("items")) {
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
                return Err(refused(
                    place,
                    &types,
                    "it is a tuple, and a strict form has lists of one type",
                    remedy,
                ));
            }
        };
        self.part(item, &format!("{place}[]"), depth)
    }

    /// One of several, each with what is said beside them.
    fn variants(
        &mut self,
        mut beside: Map<String, Value>,
        variants: &[Value],
        place: &str,
        depth: usize,
    ) -> Result<Map<String, Value>, BotticelliError> {
        let description = described(&beside);
        beside.retain(|word, _| matches!(word.as_str(), "type" | "properties" | "required"));
        let is_shared = beside.contains_key("properties");
        let mut closed = Vec::with_capacity(variants.len());
        for variant in variants {
            let outside = self.inliner.depth();
            let whole = self.inliner.whole(variant, place)?;
            let whole = if is_shared { merged(whole, beside.clone(), place)? } else { whole };
            let mut variant = self.part(&Value::Object(whole), place, depth)?;
            self.inliner.close(outside);
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
        let mut part = Map::new();
        if let Some(description) = description {
            part.insert("description".to_owned(), description.into());
        }
        part.insert("anyOf".to_owned(), closed.into());
        Ok(part)
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

/// A schema that has no strict form, because of what stands at `place`.
#[track_caller]
pub(super) fn refused(
    place: &str,
    value: &Value,
    reason: &'static str,
    remedy: &'static str,
) -> BotticelliError {
    let shown: String = value.to_string().chars().take(80).collect();
    BuilderError::refused("JsonSchema", place.to_owned(), shown, reason, remedy).into()
}
