//! The files of a table.

use crate::support::{Folder, data_error, refusal, valid_rows};
use botticelli_batch::{Sink, Table};
use botticelli_error::DataErrorKind;
use serde_json::json;

#[test]
fn a_pattern_reads_files_in_the_order_of_their_names() {
    let folder = Folder::new();
    folder.write("part-2.jsonl", "{\"a\": 3}\n");
    folder.write("part-1.jsonl", "{\"a\": 1}\n{\"a\": 2}");
    folder.write("part-0.jsonl", "");
    folder.write("part-3.jsonl/inner.jsonl", "{}");
    let table = Table::open(folder.path("part-*.jsonl")).unwrap();
    assert_eq!(table.files().len(), 3);
    let rows: Vec<_> = table.rows().unwrap().map(Result::unwrap).collect();
    assert_eq!(
        rows.iter().map(|row| (row.number(), row.line())).collect::<Vec<_>>(),
        [(0, 1), (1, 2), (2, 1)]
    );
    assert_eq!(valid_rows(&table), [json!({"a": 1}), json!({"a": 2}), json!({"a": 3})]);
}

#[test]
fn files_are_read_in_the_given_order() {
    let folder = Folder::new();
    let (first, second) = (folder.write("b.jsonl", "{\"a\": 1}"), folder.write("a.jsonl", "{\"a\": 2}"));
    let table = Table::open_all([first, second]).unwrap();
    assert_eq!(valid_rows(&table), [json!({"a": 1}), json!({"a": 2})]);
}

#[test]
fn a_name_with_brackets_is_a_name() {
    let folder = Folder::new();
    let table = Table::open(folder.write("in[1].jsonl", "{\"a\": 1}")).unwrap();
    assert_eq!(valid_rows(&table), [json!({"a": 1})]);
}

#[test]
fn places_that_are_not_tables_are_refused_by_name() {
    let folder = Folder::new();
    folder.write("a.csv", "a\n1\n");
    folder.write("a.jsonl", "{}\n");
    folder.write("folder.jsonl/a.jsonl", "{}");
    for (name, expected) in [
        ("missing.jsonl", "missing.jsonl does not exist"),
        ("x-*.jsonl", "x-*.jsonl matches no file"),
        ("folder.jsonl", "folder.jsonl is a folder"),
        ("a.*", "has another format than the first file"),
        ("[.jsonl", "is not a pattern"),
    ] {
        let message = Table::open(folder.path(name)).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
    let none: [&str; 0] = [];
    assert!(Table::open_all(none).unwrap_err().to_string().contains("has no file"));
}

#[test]
fn a_table_without_a_row_is_empty() {
    let folder = Folder::new();
    for (name, content) in
        [("a.jsonl", ""), ("b.jsonl", "\u{feff}"), ("c.jsonl", " \n\r\n"), ("d.csv", ""), ("e.csv", "a,b\n")]
    {
        let error = Table::open(folder.write(name, content)).unwrap_err();
        assert_eq!(data_error(&error).kind(), &DataErrorKind::Empty, "{name}");
    }
    assert!(refusal(&folder, "a.jsonl", "").contains("has no row"));
}

#[test]
fn the_identity_depends_on_names_and_content_but_not_on_the_folder() {
    let folder = Folder::new();
    let long = format!("{{\"a\": \"{}\"}}\n", "x".repeat(200_000));
    let identity =
        |name: &str, content: &str| Table::open(folder.write(name, content)).unwrap().identity().unwrap();
    let original = identity("one/in.jsonl", &long);
    assert_eq!(identity("two/in.jsonl", &long), original);
    assert_ne!(identity("two/other.jsonl", &long), original);
    assert_ne!(identity("two/in.jsonl", &long.replace("\"a\"", "\"b\"")), original);
    assert_ne!(identity("two/in.jsonl", &long.replace("x\"}", "y\"}")), original);
    assert_ne!(identity("two/in.jsonl", &long.replace("x\"}", "\"}")), original);
    let csv = folder.write("in.csv", "a;b,c\n1;2,3\n");
    let table = Table::open(csv).unwrap();
    assert_ne!(table.clone().with_delimiter(b';').unwrap().identity().unwrap(), table.identity().unwrap());
}

#[test]
fn an_output_that_is_the_input_is_refused() {
    let folder = Folder::new();
    let path = folder.write("in.jsonl", "{\"a\": 1}\n");
    let table = Table::open(&path).unwrap();
    let error = Sink::create(&path).unwrap().write_rows(&table, &[], |_| Ok(Vec::new())).unwrap_err();
    assert!(error.to_string().contains("is the input too. Write to another file."), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"a\": 1}\n");
}
