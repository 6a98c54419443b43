//! The strict form of a schema, which services with guided decoding require.

use super::hint::description_with_hints;
use super::inline::Inliner;
use super::merge::{ResolvedSchema, merge};
use super::schema_error::{StrictError, conflict_error, schema_error, too_large};
use super::walk::has_type;
use botticelli_error::BotticelliError;
use serde_json::{Map, Value, json};

/// Returns the strict form of `schema`.
///
/// References are replaced, every object is closed, all properties are required, optional properties are nullable, and keywords
/// that services reject are removed. `name` is used in errors.
pub(super) fn strict(schema: &Value, name: &str) -> Result<Value, BotticelliError> {
    let mut builder = StrictBuilder { inliner: Inliner::new(schema) };
    match builder.part(schema, name, 0) {
        Ok(part) => Ok(part.into()),
        Err(StrictError::Error(error) | StrictError::Impossible(error)) => Err(error),
    }
}

/// The maximum depth of nested schemas.
const MAX_DEPTH: usize = 50;

struct StrictBuilder<'a> {
    inliner: Inliner<'a>,
}

impl StrictBuilder<'_> {
    fn part(&mut self, part: &Value, place: &str, depth: usize) -> Result<Map<String, Value>, StrictError> {
        self.inliner.count(place)?;
        if depth > MAX_DEPTH {
            return Err(too_large(place));
        }
        let outside = self.inliner.depth();
        let whole = self.inliner.resolve(part, place);
        let closed = whole.and_then(|whole| self.closed(whole, place, depth + 1));
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
        let part = whole.keywords;
        let mut closed = Map::new();
        let values = listed_values(&part, place)?;
        let kind = part.get("type").cloned().or_else(|| kind_of(&part, values.as_deref()));
        if let Some(kind) = &kind {
            closed.insert("type".to_owned(), kind.clone());
        }
        if let Some(description) = description_with_hints(&part) {
            closed.insert("description".to_owned(), description.into());
        }
        match values {
            Some(values) => {
                closed.insert("enum".to_owned(), values.into());
            }
            None if kind.is_none() => {
                let remedy = "give it a type, because a strict schema cannot allow any value";
                let error = schema_error(place, &Value::Object(part), "any value matches it", remedy);
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
            let remedy = "write it as a list of pairs, Vec<Pair> with struct Pair { key, value }, or turn the strict form off \
                          with TypedOptions::with_strict(false), or with OutputSchema::with_strict(false) for your own schema";
            let reason = "it is a map, and a strict schema has no free keys";
            return Err(StrictError::Error(schema_error(place, free, reason, remedy)));
        }
        let required = part.get("required").and_then(Value::as_array);
        let mut properties = Map::new();
        for (name, property) in part.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let is_required = required.is_some_and(|names| names.iter().any(|entry| entry == name));
            let mut property = match self.part(property, &format!("{place}.{name}"), depth) {
                Ok(property) => property,
                // No value matches, so the property is always missing.
                Err(StrictError::Impossible(_)) if !is_required => continue,
                Err(error) => return Err(error),
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

    /// Returns the schema of an array's items. A tuple of equal types becomes an array; the validator checks its length.
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
                let reason = "it is a tuple, and a strict schema only has arrays of one type";
                return Err(StrictError::Error(schema_error(place, &types, reason, remedy)));
            }
        };
        self.part(item, &format!("{place}[]"), depth)
    }

    /// Returns `anyOf` with the closed form of each variant. Each variant includes the keywords next to `anyOf`.
    fn variants(
        &mut self,
        mut shared: ResolvedSchema,
        variants: &[Value],
        place: &str,
        depth: usize,
    ) -> Result<Map<String, Value>, StrictError> {
        if depth > MAX_DEPTH {
            return Err(too_large(place));
        }
        let description = description_with_hints(&shared.keywords);
        shared.keywords.retain(|word, _| SHARED.contains(&word.as_str()));
        let mut closed = Vec::with_capacity(variants.len());
        let mut impossible = None;
        for variant in variants {
            let outside = self.inliner.depth();
            let variant = self.variant(variant, &shared, place, depth + 1);
            self.inliner.close(outside);
            let mut variant = match variant {
                Ok(variant) => variant,
                Err(error @ StrictError::Error(_)) => return Err(error),
                Err(error @ StrictError::Impossible(_)) => {
                    impossible.get_or_insert(error);
                    continue;
                }
            };
            match variant.remove("anyOf") {
                // A nested `anyOf` is flattened.
                Some(Value::Array(inner)) if variant.is_empty() => closed.extend(inner),
                Some(inner) => {
                    variant.insert("anyOf".to_owned(), inner);
                    closed.push(variant.into());
                }
                None => closed.push(variant.into()),
            }
        }
        if let Some(error) = impossible.filter(|_| closed.is_empty()) {
            return Err(error);
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
        shared: &ResolvedSchema,
        place: &str,
        depth: usize,
    ) -> Result<Map<String, Value>, StrictError> {
        self.inliner.count(place)?;
        let variant = self.inliner.resolve(variant, place)?;
        let whole = merge(variant, shared.clone()).map_err(|conflict| conflict_error(conflict, place))?;
        self.closed(whole, place, depth)
    }
}

/// Keywords next to `anyOf` that apply to each variant.
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

/// Returns the values of `enum` or `const` that match the type of the part.
fn listed_values(part: &Map<String, Value>, place: &str) -> Result<Option<Vec<Value>>, StrictError> {
    let listed = part.get("enum").and_then(Value::as_array);
    let mut values = match (part.get("const"), listed) {
        (Some(word), _) => vec![word.clone()],
        (None, Some(values)) => values.clone(),
        (None, None) => return Ok(None),
    };
    values.retain(|word| listed.is_none_or(|listed| listed.contains(word)) && is_of_type(word, part));
    if values.is_empty() {
        let remedy = "remove it from the schema";
        let error = schema_error(place, &Value::Object(part.clone()), "no value matches it", remedy);
        return Err(StrictError::Impossible(error));
    }
    Ok(Some(values))
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

/// Returns the type of a part without `type`, if the other keywords imply one.
fn kind_of(part: &Map<String, Value>, values: Option<&[Value]>) -> Option<Value> {
    match values {
        Some(values) if !values.is_empty() && values.iter().all(Value::is_string) => Some("string".into()),
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

/// Adds null to the allowed values, which is how a strict schema marks an optional property.
fn make_nullable(part: &mut Map<String, Value>) {
    if let Some(Value::Array(variants)) = part.get_mut("anyOf") {
        let is_null = |variant: &Value| variant.get("type").is_some_and(|kind| mentions(kind, "null"));
        if !variants.iter().any(is_null) {
            variants.push(json!({"type": "null"}));
        }
        return;
    }
    if let Some(Value::Array(values)) = part.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    match part.get_mut("type") {
        Some(Value::Array(kinds)) if !kinds.iter().any(|kind| kind == "null") => kinds.push("null".into()),
        Some(kind @ Value::String(_)) if kind != "null" => *kind = json!([kind.take(), "null"]),
        _ => {}
    }
}
