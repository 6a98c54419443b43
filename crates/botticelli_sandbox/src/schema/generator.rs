//! Values that match a JSON Schema.

use serde_json::{Map, Number, Value};

use super::scalars::{integer_for, number_for, string_for};

/// Depth from which optional parts are omitted, because a schema may be recursive.
const OPTIONAL_DEPTH: usize = 6;

/// Depth beyond which every value is null.
const MAX_DEPTH: usize = 32;

/// Generator of values for a schema. Takes values from `key=value` in the user's text and defaults
/// for the rest.
pub(crate) struct InstanceGenerator<'a> {
    /// Schema that references resolve against.
    root: &'a Value,
    /// Text of the user.
    text: &'a str,
    /// Index of the choice. Strings of different choices differ.
    variant: usize,
}

impl<'a> InstanceGenerator<'a> {
    pub(crate) fn new(root: &'a Value, text: &'a str, variant: usize) -> Self {
        Self { root, text, variant }
    }

    /// Returns a value for the whole schema.
    pub(crate) fn generate(&self) -> Value {
        self.value(self.root, None, 0)
    }

    /// Returns a value for a subschema. `name` is its property name, if any.
    fn value(&self, schema: &Value, name: Option<&str>, depth: usize) -> Value {
        let Value::Object(fields) = schema else {
            // `true` or an invalid schema accepts any value.
            return self.string(schema, name);
        };
        if depth > MAX_DEPTH {
            return Value::Null;
        }
        if let Some(target) = self.resolve_reference(fields) {
            return self.value(target, name, depth + 1);
        }
        if let Some(constant) = fields.get("const") {
            return constant.clone();
        }
        if let Some(words) = fields.get("enum").and_then(Value::as_array) {
            return self.choice(words, name);
        }
        if let Some(parts) = fields.get("allOf").and_then(Value::as_array) {
            return self.value(&self.merge_all_of(fields, parts), name, depth + 1);
        }
        if let Some(variants) = ["anyOf", "oneOf"].iter().find_map(|key| fields.get(*key)?.as_array()) {
            return self.variant(variants, name, depth);
        }
        match kind(fields, depth) {
            "object" => self.object(fields, depth),
            "array" => self.array(fields, name, depth),
            "integer" => Value::from(integer_for(schema, self.hint(name))),
            "number" => {
                let number = number_for(schema, self.hint(name));
                Number::from_f64(number).map_or(Value::from(1), Value::Number)
            }
            "boolean" => Value::Bool(self.hint(name).as_deref() != Some("false")),
            "null" => Value::Null,
            _ => self.string(schema, name),
        }
    }

    fn string(&self, schema: &Value, name: Option<&str>) -> Value {
        let default = match self.variant {
            0 => "sandbox".to_owned(),
            variant => format!("sandbox {}", variant + 1),
        };
        Value::String(string_for(schema, self.hint(name), default))
    }

    fn object(&self, fields: &Map<String, Value>, depth: usize) -> Value {
        let required: Vec<&str> = fields
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut object = Map::new();
        for (name, property) in fields.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if depth < OPTIONAL_DEPTH || required.contains(&name.as_str()) {
                object.insert(name.clone(), self.value(property, Some(name), depth + 1));
            }
        }
        // A map with arbitrary keys and one value schema.
        if let (true, Some(others @ Value::Object(_))) =
            (object.is_empty(), fields.get("additionalProperties"))
            && depth < OPTIONAL_DEPTH
        {
            object.insert("key".to_owned(), self.value(others, None, depth + 1));
        }
        Value::Object(object)
    }

    fn array(&self, fields: &Map<String, Value>, name: Option<&str>, depth: usize) -> Value {
        if let Some(items) = fields.get("prefixItems").and_then(Value::as_array) {
            return items.iter().map(|item| self.value(item, None, depth + 1)).collect();
        }
        let least = fields.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        let count = if depth < OPTIONAL_DEPTH { least.max(1) } else { least };
        let any = Value::Bool(true);
        let items = fields.get("items").unwrap_or(&any);
        (0..count.min(64)).map(|_| self.value(items, name, depth + 1)).collect()
    }

    fn choice(&self, words: &[Value], name: Option<&str>) -> Value {
        let hint = self.hint(name);
        let requested = words.iter().find(|word| match word {
            Value::String(word) => Some(word) == hint.as_ref(),
            Value::Null => false,
            other => Some(other.to_string()) == hint,
        });
        requested.or(words.first()).cloned().unwrap_or_default()
    }

    /// Returns a value for the first non-null variant, or null at optional depth.
    fn variant(&self, variants: &[Value], name: Option<&str>, depth: usize) -> Value {
        let is_null = |schema: &&Value| schema.get("type").and_then(Value::as_str) == Some("null");
        let null = variants.iter().find(|schema| is_null(schema));
        let other = variants.iter().find(|schema| !is_null(schema));
        match (null, other) {
            (Some(_), _) if depth >= OPTIONAL_DEPTH => Value::Null,
            (_, Some(schema)) => self.value(schema, name, depth + 1),
            _ => Value::Null,
        }
    }

    /// Returns one schema that combines all parts of `allOf`.
    fn merge_all_of(&self, fields: &Map<String, Value>, parts: &[Value]) -> Value {
        let mut merged = fields.clone();
        merged.remove("allOf");
        for part in parts {
            let part = part.as_object().and_then(|fields| self.resolve_reference(fields)).unwrap_or(part);
            for (key, value) in part.as_object().into_iter().flatten() {
                match (merged.get_mut(key), value) {
                    (Some(Value::Object(existing)), Value::Object(added)) => existing.extend(added.clone()),
                    (Some(Value::Array(existing)), Value::Array(added)) => {
                        existing.extend(added.iter().cloned());
                    }
                    (Some(_), _) => {}
                    (None, value) => {
                        merged.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        Value::Object(merged)
    }

    fn resolve_reference(&self, fields: &Map<String, Value>) -> Option<&'a Value> {
        let path = fields.get("$ref")?.as_str()?.strip_prefix('#')?;
        self.root.pointer(path)
    }

    /// Returns the value of `name=value` or `name="several words"` in the text.
    fn hint(&self, name: Option<&str>) -> Option<String> {
        let key = format!("{}=", name?);
        let (at, _) = self.text.match_indices(&key).find(|(at, _)| {
            let before = self.text.get(..*at).and_then(|before| before.chars().next_back());
            !before.is_some_and(|before| before.is_alphanumeric() || before == '_')
        })?;
        let rest = self.text.get(at + key.len()..)?;
        if let Some(quoted) = rest.strip_prefix('"') {
            return quoted.split('"').next().map(str::to_owned);
        }
        let word =
            rest.split(|character: char| character.is_whitespace() || ",;)".contains(character)).next()?;
        Some(word.trim_end_matches(['.', '?', '!']).to_owned()).filter(|word| !word.is_empty())
    }
}

/// Returns the type of the value to generate.
fn kind(fields: &Map<String, Value>, depth: usize) -> &str {
    match fields.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => {
            let mut kinds = kinds.iter().filter_map(Value::as_str);
            let is_optional = kinds.clone().any(|kind| kind == "null");
            match kinds.find(|kind| *kind != "null") {
                Some(kind) if !(is_optional && depth >= OPTIONAL_DEPTH) => kind,
                _ => "null",
            }
        }
        _ if fields.contains_key("properties") => "object",
        _ if fields.contains_key("items") || fields.contains_key("prefixItems") => "array",
        // An empty schema usually means an object.
        _ if depth == 0 => "object",
        _ => "string",
    }
}
