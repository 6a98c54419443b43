//! Tables of JSON lines.

use crate::support::{
    Folder, answer, answer_columns, data_error, invalid_rows, refusal, table, valid_rows, written,
};
use botticelli_batch::{Format, Sink, Table};
use botticelli_error::DataErrorKind;
use serde_json::{Value, json};

#[test]
fn rows_have_their_number_file_and_line() {
    let folder = Folder::new();
    let table = table(&folder, "in.jsonl", "\u{feff}{\"a\": 1}\r\n\r\n  \n{\"a\": 2}");
    assert_eq!(table.format(), Format::JsonLines);
    let rows: Vec<_> = table.rows().unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.iter().map(|row| (row.number(), row.line())).collect::<Vec<_>>(), [(0, 1), (1, 4)]);
    assert!(rows.iter().all(|row| row.file() == folder.path("in.jsonl")));
    assert_eq!(valid_rows(&table), [json!({"a": 1}), json!({"a": 2})]);
}

#[test]
fn an_invalid_row_is_reported_with_its_line_and_the_others_are_read() {
    let folder = Folder::new();
    let lines = [
        r#"{"a": 1}"#,
        r#"{"a": 1"#,
        r#"{"a": 1,}"#,
        r#"{"a": NaN}"#,
        r#"{"a": "\ud800"}"#,
        r#"{"a": 1, "b": 2, "a": 3}"#,
        r"[1]",
        "null",
        "{\"a\": 1}\r{\"a\": 2}",
        r#"{"a": 1e999}"#,
        r"{'a': 1}",
        r#"{"a": 1} {"a": 2}"#,
        "{\"a\": \"tab\tin text\"}",
        r#"{"a": 2}"#,
    ];
    let table = table(&folder, "in.jsonl", lines.join("\n"));
    assert_eq!(valid_rows(&table), [json!({"a": 1}), json!({"a": 2})]);
    let invalid = invalid_rows(&table);
    assert_eq!(invalid.iter().map(|(line, _)| *line).collect::<Vec<_>>(), (2..=13).collect::<Vec<_>>());
    let reason = |line: u64| invalid.iter().find(|(found, _)| *found == line).unwrap().1.as_str();
    assert!(reason(2).contains("one line"), "{}", reason(2));
    assert!(reason(3).contains("trailing comma at column 9"), "{}", reason(3));
    assert!(reason(4).contains("write null"), "{}", reason(4));
    assert!(reason(5).contains("surrogate"), "{}", reason(5));
    assert!(reason(6).contains("the key `a` occurs twice"), "{}", reason(6));
    assert!(reason(7).contains("expected a JSON object"), "{}", reason(7));
    assert!(reason(9).contains("CR alone"), "{}", reason(9));
}

#[test]
fn a_key_twice_is_found_in_objects_of_any_length() {
    let folder = Folder::new();
    for count in [2, 15, 16, 17, 18, 40] {
        let object = |repeated: Option<usize>| {
            let keys = (0..count).chain(repeated).map(|key| format!("\"k{key}\":{key}"));
            format!("{{{}}}", keys.collect::<Vec<_>>().join(","))
        };
        let lines = [object(None), object(Some(0)), object(Some(count - 1))];
        let table = table(&folder, "in.jsonl", lines.join("\n"));
        assert_eq!(valid_rows(&table).len(), 1, "{count} keys");
        let invalid = invalid_rows(&table);
        assert!(invalid.len() == 2 && invalid.iter().all(|(_, reason)| reason.contains("occurs twice")));
    }
}

#[test]
fn a_projection_reads_the_same_rows_as_valid() {
    let folder = Folder::new();
    let lines = [
        r#"{"a": 1, "b": "\ud800"}"#,
        r#"{"a": 1, "b": 1e999}"#,
        r#"{"b": 1, "b": 2}"#,
        r#"{"a": 1, "b": {"deep": [1, {"c": "\u00e4"}]}}"#,
        r#"{"b": 1}"#,
        r#"{"a": 1, "b": 123456789012345678901234567890}"#,
    ];
    let table = table(&folder, "in.jsonl", lines.join("\n"));
    let all: Vec<_> = table.rows().unwrap().map(|row| row.is_ok()).collect();
    let some: Vec<_> =
        table.rows_of(["a"]).unwrap().map(|row| row.map(|row| row.columns().clone())).collect();
    assert_eq!(all, [false, false, false, true, true, true]);
    assert_eq!(some.iter().map(Result::is_ok).collect::<Vec<_>>(), all);
    assert_eq!(some[3].as_ref().unwrap().keys().collect::<Vec<_>>(), ["a"]);
    assert!(some[4].as_ref().unwrap().is_empty());
}

#[test]
fn a_file_that_is_not_utf8_has_invalid_rows() {
    let folder = Folder::new();
    let table = table(&folder, "in.jsonl", b"{\"a\": \"M\xfcller\"}\n{\"a\": 1}\n");
    assert_eq!(invalid_rows(&table), [(1, "byte 9 is not UTF-8".to_owned())]);
    assert_eq!(valid_rows(&table), [json!({"a": 1})]);
}

#[test]
fn a_line_over_the_limit_is_invalid_and_skipped() {
    let folder = Folder::new();
    let long = format!("{{\"a\": \"{}\"}}\n{{\"a\": 2}}\n", "x".repeat(5_000));
    let table = table(&folder, "in.jsonl", &long).with_max_row_bytes(1_000);
    assert_eq!(invalid_rows(&table), [(1, "the line is longer than 1000 bytes".to_owned())]);
    assert_eq!(valid_rows(&table), [json!({"a": 2})]);
    let exact = table.with_max_row_bytes(long.find('\n').unwrap());
    assert_eq!(invalid_rows(&exact), []);
}

#[test]
fn the_output_keeps_the_bytes_of_each_row() {
    let folder = Folder::new();
    let input = concat!(
        "{\"id\": 123456789012345678901234567890, \"x\": 1.10, \"t\": \"\\u00e4\\u0000\"}\n",
        "{ }\n",
        "not JSON\n",
        "  {\"n\": -0.0, \"big\": 18446744073709551615, \"nested\": {\"a\": null, \"a\": 1}  }  \r\n",
    );
    let table = table(&folder, "in.jsonl", input);
    assert_eq!(
        written(&table, &folder.path("out.jsonl")),
        concat!(
            "{\"id\": 123456789012345678901234567890, \"x\": 1.10, \"t\": \"\\u00e4\\u0000\",",
            "\"label\":\"row 0\",\"error\":null}\n",
            "{\"label\":\"row 1\",\"error\":null}\n",
            "{\"label\":null,\"error\":\"invalid\"}\n",
            "{\"n\": -0.0, \"big\": 18446744073709551615, \"nested\": {\"a\": null, \"a\": 1},",
            "\"label\":\"row 3\",\"error\":null}\n",
        )
    );
}

#[test]
fn an_integer_of_more_than_64_bits_is_text_in_the_prompt() {
    let folder = Folder::new();
    let table = table(
        &folder,
        "in.jsonl",
        r#"{"big": 123456789012345678901234567890, "list": [-99999999999999999999, 18446744073709551615], "text": "\"99999999999999999999", "x": 99999999999999999999.5}"#,
    );
    let rows = valid_rows(&table);
    assert_eq!(rows[0]["big"], "123456789012345678901234567890");
    assert_eq!(rows[0]["list"], json!(["-99999999999999999999", 18_446_744_073_709_551_615_u64]));
    assert_eq!(rows[0]["text"], "\"99999999999999999999");
    assert!(rows[0]["x"].is_f64());
}

#[test]
fn a_key_that_the_answer_has_too_is_an_error_with_its_line() {
    let folder = Folder::new();
    for key in ["label", r"l\u0061bel"] {
        let table = table(&folder, "in.jsonl", format!("{{\"a\": \"label\"}}\n{{\"{key}\": 1}}\n"));
        let sink = Sink::create(folder.path("out.jsonl")).unwrap();
        let error = sink.write_rows(&table, &answer_columns(), answer).unwrap_err();
        let error = data_error(&error);
        assert_eq!(error.kind(), &DataErrorKind::ColumnExists { column: "label".to_owned() });
        assert_eq!(error.line(), Some(2));
        assert_eq!(folder.names(), ["in.jsonl"]);
    }
}

#[test]
fn columns_are_those_of_the_first_thousand_rows() {
    let folder = Folder::new();
    let mut lines = vec!["{\"b\": 1}".to_owned(), "broken".to_owned(), "{\"a\": 1, \"b\": 1}".to_owned()];
    lines.extend((0..998).map(|_| "{}".to_owned()));
    lines.push("{\"late\": 1}".to_owned());
    let table = table(&folder, "in.jsonl", lines.join("\n"));
    assert_eq!(table.columns().unwrap(), ["b", "a"]);
}

#[test]
fn files_that_are_not_json_lines_are_refused_with_a_remedy() {
    let folder = Folder::new();
    let utf16: Vec<u8> = "\u{feff}{\"a\": 1}\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (content, expected) in [
        (b"[\n{\"a\": 1}\n]\n".to_vec(), "is a JSON array. Write one object per line"),
        (b" [{\"a\": 1}]".to_vec(), "is a JSON array"),
        (
            b"{\n  \"a\": 1\n}\n".to_vec(),
            "has objects over several lines. Write one object per line, for example with `jq -c .`",
        ),
        (utf16.clone(), "is UTF-16. Convert it to UTF-8"),
        (utf16.get(2..).unwrap().to_vec(), "is UTF-16 without a byte order mark"),
        (b"\x1f\x8b\x08\x00".to_vec(), "is compressed with gzip. Decompress it"),
        (b"PAR1....".to_vec(), "is a Parquet file"),
    ] {
        let message = refusal(&folder, "in.json", content);
        assert!(message.contains(expected), "{message}");
    }
    let message = refusal(&folder, "in.jsonl.gz", "");
    assert!(message.contains("is compressed (`.gz`)"), "{message}");
}

#[test]
fn a_format_is_given_if_the_extension_does_not_tell() {
    let folder = Folder::new();
    let path = folder.write("in.txt", "{\"a\": 1}\n");
    let error = Table::open(&path).unwrap_err();
    assert!(matches!(data_error(&error).kind(), DataErrorKind::UnknownFormat { .. }));
    let table = Table::open_as(&path, Format::JsonLines).unwrap();
    assert_eq!(valid_rows(&table), [json!({"a": 1})]);
    let sink = Sink::create_as(folder.path("out.txt"), Format::JsonLines).unwrap();
    assert_eq!(sink.write_rows(&table, &answer_columns(), answer).unwrap(), 1);
    let text = std::fs::read_to_string(folder.path("out.txt")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["label"], "row 0");
}
