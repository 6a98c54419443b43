//! Tables of values, by dotted keys.

use toml::{Table, Value};

/// Copies the values of `from` into `into`, table by table, and names the key of each value.
pub(super) fn merge(into: &mut Table, from: &Table, named: &mut impl FnMut(&str)) {
    merge_below("", into, from, named);
}

fn merge_below(prefix: &str, into: &mut Table, from: &Table, named: &mut impl FnMut(&str)) {
    for (name, value) in from {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        if let Value::Table(inner) = value {
            let place = into.entry(name.clone()).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(table) = place {
                merge_below(&key, table, inner, named);
                continue;
            }
        }
        into.insert(name.clone(), value.clone());
        named(&key);
    }
}

/// Sets a value, and creates the tables around it.
pub(super) fn set(table: &mut Table, key: &str, value: Value) {
    let Some((first, rest)) = key.split_once('.') else {
        table.insert(key.to_owned(), value);
        return;
    };
    let place = table.entry(first.to_owned()).or_insert_with(|| Value::Table(Table::new()));
    if !place.is_table() {
        *place = Value::Table(Table::new());
    }
    if let Value::Table(inner) = place {
        set(inner, rest, value);
    }
}

/// Removes a value or a table.
pub(super) fn remove(table: &mut Table, key: &str) {
    match key.split_once('.') {
        None => {
            table.remove(key);
        }
        Some((first, rest)) => {
            if let Some(Value::Table(inner)) = table.get_mut(first) {
                remove(inner, rest);
            }
        }
    }
}

/// Returns a value.
pub(super) fn get<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    match key.split_once('.') {
        None => table.get(key),
        Some((first, rest)) => get(table.get(first)?.as_table()?, rest),
    }
}

/// Returns all values that are not tables, with their keys.
pub(super) fn leaves(table: &Table) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for (name, value) in table {
        match value {
            Value::Table(inner) => {
                all.extend(leaves(inner).into_iter().map(|(key, value)| (format!("{name}.{key}"), value)));
            }
            other => all.push((name.clone(), other.clone())),
        }
    }
    all
}
