//! JSON that is still being written: what is there so far is a beginning of the whole, wherever it is cut.
#![cfg(feature = "schema")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]

use botticelli_interface::PartialJson;
use serde_json::{Deserializer, Map, Value, json};

/// Chance that is the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn text(&mut self) -> String {
        let letters = ['a', 'ü', '"', '\\', '\n', '😀', ' ', '{', ']', '\u{1}', '/', '\u{ffff}'];
        (0..self.roll(6)).map(|_| letters[self.roll(letters.len())]).collect()
    }

    fn value(&mut self, depth: u8) -> Value {
        match self.roll(if depth == 0 { 6 } else { 8 }) {
            0 => Value::Null,
            1 => json!(self.roll(2) == 0),
            2 => json!(self.roll(100_000)),
            3 => json!(-1.5e-7 * f64::from(u32::try_from(self.roll(1_000)).unwrap())),
            4 | 5 => json!(self.text()),
            6 => (0..self.roll(4)).map(|_| self.value(depth - 1)).collect(),
            _ => {
                let field = |number| (format!("{number}{}", self.text()), self.value(depth - 1));
                Value::Object((0..4).map(field).collect::<Map<_, _>>())
            }
        }
    }
}

/// The same JSON in three spellings.
fn spellings(value: &Value) -> [String; 3] {
    let compact = value.to_string();
    let mut escaped = String::new();
    for c in compact.chars() {
        if c.is_ascii() {
            escaped.push(c);
        } else {
            let mut units = [0; 2];
            escaped.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04X}")));
        }
    }
    [compact, escaped, serde_json::to_string_pretty(value).unwrap()]
}

/// Whether `part` is a beginning of `whole`: only what comes last in it may go on.
fn begins(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::String(part), Value::String(whole)) => whole.starts_with(part.as_str()),
        (Value::Array(part), Value::Array(whole)) => {
            part.len() <= whole.len() && all_begin(part.iter().zip(whole), part.len())
        }
        (Value::Object(part), Value::Object(whole)) => {
            part.len() <= whole.len()
                && part.keys().zip(whole.keys()).all(|(one, other)| one == other)
                && all_begin(part.values().zip(whole.values()), part.len())
        }
        (part, whole) => part == whole,
    }
}

fn all_begin<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>, length: usize) -> bool {
    let mut pairs = pairs.enumerate();
    pairs.all(|(at, (one, other))| if at + 1 == length { begins(one, other) } else { one == other })
}

#[test]
fn every_prefix_is_a_beginning_of_the_next_and_of_the_whole() {
    let mut dice = Dice(7);
    let mut prefixes = 0;
    for _ in 0..400 {
        let whole = json!({"value": dice.value(4), "end": dice.value(1)});
        for text in spellings(&whole) {
            let mut completer = PartialJson::default();
            let (mut before, mut version) = (None, 0);
            for c in text.chars() {
                completer.push(c.encode_utf8(&mut [0; 4]));
                let value = completer.value();
                assert_eq!(value != before, completer.version() != version, "{before:?} {value:?}");
                if let (Some(before), Some(value)) = (&before, &value) {
                    assert!(begins(before, value), "{before} {value}");
                }
                assert!(value.as_ref().is_none_or(|value| begins(value, &whole)), "{value:?} of {whole}");
                (before, version) = (value, completer.version());
                prefixes += 1;
            }
            assert_eq!(before.as_ref(), Some(&whole), "{text}");
            assert!(completer.is_complete() && !completer.is_broken());
        }
    }
    assert!(prefixes > 50_000, "{prefixes}");
}

#[test]
fn however_it_is_cut_the_value_is_the_same() {
    let mut dice = Dice(11);
    for _ in 0..300 {
        let [text, ..] = spellings(&json!([dice.value(4)]));
        let cut = dice.roll(text.len() + 1);
        let cut = (0..=cut).rev().find(|cut| text.is_char_boundary(*cut)).unwrap();
        let (first, second) = text.split_at(cut);
        let (mut pieces, mut whole) = (PartialJson::default(), PartialJson::default());
        pieces.push(first);
        pieces.push(second);
        whole.push(&text);
        assert_eq!((pieces.value(), pieces.version()), (whole.value(), whole.version()), "{text}");
    }
}

/// What is complete is what `serde_json` reads; what is not stays as it was before the mistake.
#[test]
fn what_is_no_json_is_never_taken_for_complete() {
    let mut dice = Dice(13);
    let (mut complete, mut broken) = (0, 0);
    for _ in 0..20_000 {
        let mut text: Vec<char> = spellings(&json!({"a": dice.value(3)}))[1].chars().collect();
        for _ in 0..=dice.roll(2) {
            let other = ['"', '\\', '{', '}', '[', ']', ',', ':', '0', 'e', 'u', 'D', '\n', 'x'];
            let at = dice.roll(text.len());
            text[at] = other[dice.roll(other.len())];
        }
        let mut completer = PartialJson::default();
        let mut before = None;
        for c in &text {
            let was_broken = completer.is_broken();
            completer.push(c.encode_utf8(&mut [0; 4]));
            let value = completer.value();
            assert!(!completer.is_broken() || was_broken || value == before, "{before:?} {value:?}");
            before = value;
        }
        let text: String = text.into_iter().collect();
        match Deserializer::from_str(&text).into_iter::<Value>().next() {
            Some(Ok(value)) if value.is_object() || value.is_array() || value.is_string() => {
                assert_eq!((completer.is_complete(), before), (true, Some(value)), "{text}");
                complete += 1;
            }
            // A number, of which only what follows says that it is complete.
            Some(Ok(_)) => {}
            _ => assert!(!completer.is_complete(), "{text}"),
        }
        broken += usize::from(completer.is_broken());
    }
    assert!(complete > 1_000 && broken > 1_000, "{complete} {broken}");
}

#[test]
fn half_a_key_a_number_or_a_word_is_not_there_yet() {
    for (text, value) in [
        ("", None),
        (" ", None),
        ("{", Some(json!({}))),
        (r#"{"na"#, Some(json!({}))),
        (r#"{"name""#, Some(json!({}))),
        (r#"{"name":"#, Some(json!({}))),
        (r#"{"name":""#, Some(json!({"name": ""}))),
        (r#"{"name":"A\"#, Some(json!({"name": "A"}))),
        (r#"{"name":"A\ud83d\ude0"#, Some(json!({"name": "A"}))),
        (r#"{"name":"A\ud83d\ude00"#, Some(json!({"name": "A😀"}))),
        (r#"{"age":12"#, Some(json!({}))),
        (r#"{"age":12 "#, Some(json!({"age": 12}))),
        (r#"{"ok":t"#, Some(json!({}))),
        (r#"{"ok":true"#, Some(json!({"ok": true}))),
        ("[1,2", Some(json!([1]))),
        ("[1,[", Some(json!([1, []]))),
    ] {
        let mut completer = PartialJson::default();
        completer.push(text);
        assert_eq!(completer.value(), value, "{text}");
        assert!(!completer.is_complete() && !completer.is_broken(), "{text}");
    }
}

#[test]
fn a_tower_of_brackets_is_a_mistake_and_no_crash() {
    let mut completer = PartialJson::default();
    completer.push(&"[".repeat(1_000_000));
    assert!(completer.is_broken());
    assert!(completer.value().is_some());
}
