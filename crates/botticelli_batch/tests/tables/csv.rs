//! Tables in CSV files.

use crate::support::{
    Folder, answer, answer_columns, data_error, invalid_rows, refusal, table, valid_rows, written,
};
use botticelli_batch::{AnswerColumn, ColumnType, Sink, Table};
use botticelli_error::DataErrorKind;
use serde_json::json;

#[test]
fn quotes_line_ends_and_a_byte_order_mark_are_read() {
    let folder = Folder::new();
    let content = "\u{feff}id,text,note\r\n1,\"a, \"\"b\"\"\r\nc\",\r\n\r\n2,5\" pipe,\"\"\r\n3,\"d\ne\nf\",\u{0}\r\n4,ü,\"x\"";
    let table = table(&folder, "in.csv", content);
    assert_eq!(table.columns().unwrap(), ["id", "text", "note"]);
    assert_eq!(
        valid_rows(&table),
        [
            json!({"id": "1", "text": "a, \"b\"\r\nc", "note": ""}),
            json!({"id": "2", "text": "5\" pipe", "note": ""}),
            json!({"id": "3", "text": "d\ne\nf", "note": "\u{0}"}),
            json!({"id": "4", "text": "ü", "note": "x"}),
        ]
    );
    let lines: Vec<_> = table.rows().unwrap().map(|row| row.unwrap().line()).collect();
    assert_eq!(lines, [2, 5, 6, 9]);
}

#[test]
fn a_row_of_another_length_is_invalid_with_its_line() {
    let folder = Folder::new();
    let content = b"a,b\n1\n2,\"x\ny\"\n3,4,5\n\"q\"r,1\n\xff,1\n6,7\n";
    let table = table(&folder, "in.csv", content);
    assert_eq!(valid_rows(&table), [json!({"a": "2", "b": "x\ny"}), json!({"a": "6", "b": "7"})]);
    assert_eq!(
        invalid_rows(&table),
        [
            (2, "the number of fields is 1, that of columns is 2".to_owned()),
            (5, "the number of fields is 3, that of columns is 2".to_owned()),
            (6, "field 1 has text after its closing quote; write a quote inside as two".to_owned()),
            (7, "byte 1 is not UTF-8".to_owned()),
        ]
    );
}

#[test]
fn a_quote_that_is_not_closed_is_damage_with_its_line() {
    let folder = Folder::new();
    let table = table(&folder, "in.csv", "a,b\n1,2\n3,\"x\n5,6\n7,8\n");
    let error = table.rows().unwrap().find_map(Result::err).unwrap();
    assert!(matches!(data_error(&error).kind(), DataErrorKind::Damaged { .. }));
    assert_eq!(data_error(&error).line(), Some(3));
    assert_eq!(table.rows().unwrap().count(), 2, "nothing follows the error");

    let endless = format!("a,b\n1,2\n3,\"x\n{}", "5,6\n".repeat(1_000));
    let table = Table::open(folder.write("in.csv", endless)).unwrap().with_max_row_bytes(100);
    assert_eq!(data_error(&table.rows().unwrap().find_map(Result::err).unwrap()).line(), Some(3));
}

#[test]
fn the_delimiter_is_that_of_the_extension_the_header_or_the_caller() {
    let folder = Folder::new();
    let expected = [json!({"a,x": "1,2", "b": "3"})];
    assert_eq!(valid_rows(&table(&folder, "in.tsv", "a,x\tb\n1,2\t3\n")), expected);
    let quoted = "\"a,x\";b\n1,2;3\n";
    assert_eq!(valid_rows(&table(&folder, "quoted.csv", quoted)), expected);
    let ambiguous = table(&folder, "in.csv", "a,x;b\n1,2;3\n");
    assert_eq!(valid_rows(&ambiguous), [json!({"a": "1", "x;b": "2;3"})]);
    assert_eq!(valid_rows(&ambiguous.clone().with_delimiter(b';').unwrap()), expected);
    for delimiter in [b'"', b'\n', b'a', 0xe4] {
        assert!(ambiguous.clone().with_delimiter(delimiter).is_err());
    }
}

#[test]
fn headers_that_cannot_name_columns_are_refused() {
    let folder = Folder::new();
    for (content, expected) in [
        ("a,b,a\n1,2,3\n", "has two columns `a`. Rename one of them."),
        ("a,\"b\n1,2\n", "a quote that opens in this line is not closed"),
        ("a,b\r1,2\r3,4\r", "has lines that end with CR alone"),
    ] {
        let message = refusal(&folder, "in.csv", content);
        assert!(message.contains(expected), "{message}");
    }
    folder.write("p1.csv", "a,b\n1,2\n");
    folder.write("p2.csv", "b,a\n1,2\n");
    let message = Table::open(folder.path("p*.csv")).unwrap_err().to_string();
    assert!(message.contains("p2.csv has another header than the first file"), "{message}");
}

#[test]
fn a_projection_keeps_the_order_of_the_file() {
    let folder = Folder::new();
    let table = table(&folder, "in.csv", "c,b,a\n3,2,1\n");
    let row = table.rows_of(["a", "c", "missing"]).unwrap().next().unwrap().unwrap();
    assert_eq!(serde_json::to_string(row.columns()).unwrap(), r#"{"c":"3","a":"1"}"#);
}

#[test]
fn csv_to_csv_copies_the_fields() {
    let folder = Folder::new();
    let table = table(&folder, "in.csv", "\u{feff}id;text\r\n1;\"a;\r\nb\"\r\n\"2\";c,d\r\nbroken\r\n");
    assert_eq!(
        written(&table, &folder.path("out.csv")),
        "id;text;label;error\n1;\"a;\r\nb\";row 0;\n\"2\";c,d;row 1;\n;;;invalid\n"
    );
    assert_eq!(
        written(&table, &folder.path("out.tsv")),
        "id\ttext\tlabel\terror\n1\t\"a;\r\nb\"\trow 0\t\n2\tc,d\trow 1\t\n\t\t\tinvalid\n"
    );
}

#[test]
fn answers_in_csv_are_text_json_or_empty() {
    let folder = Folder::new();
    let table = table(&folder, "in.csv", "id\n1\n");
    let columns: Vec<_> = ["text", "number", "flag", "list", "object", "null", "spaces"]
        .map(|name| AnswerColumn::new(name, ColumnType::Json))
        .to_vec();
    let sink = Sink::create(folder.path("out.csv")).unwrap();
    sink.write_rows(&table, &columns, |_| {
        Ok(vec![
            json!("say \"hi\",\nplease"),
            json!(1.5),
            json!(true),
            json!(["a", 1]),
            json!({"k": null}),
            json!(null),
            json!(" x "),
        ])
    })
    .unwrap();
    assert_eq!(
        std::fs::read_to_string(folder.path("out.csv")).unwrap(),
        "id,text,number,flag,list,object,null,spaces\n\
         1,\"say \"\"hi\"\",\nplease\",1.5,true,\"[\"\"a\"\",1]\",\"{\"\"k\"\":null}\",,\" x \"\n"
    );
}

#[test]
fn json_lines_to_csv_have_the_columns_of_all_rows() {
    let folder = Folder::new();
    let mut lines: Vec<_> = (0..1_500).map(|number| format!("{{\"a\": {number}}}")).collect();
    lines.push(r#"{"late": {"x": [1]}, "a": null, "big": 123456789012345678901234567890}"#.to_owned());
    let table = table(&folder, "in.jsonl", lines.join("\n"));
    let text = written(&table, &folder.path("out.csv"));
    assert!(text.starts_with("a,late,big,label,error\n0,,,row 0,\n"), "{text}");
    let last = ",\"{\"\"x\"\":[1]}\",123456789012345678901234567890,row 1500,\n";
    assert!(text.ends_with(last), "{text}");
}

#[test]
fn csv_to_json_lines_is_text() {
    let folder = Folder::new();
    let table = table(&folder, "in.csv", "id,text\n1,\"a\nb\"\n");
    let expected = "{\"id\":\"1\",\"text\":\"a\\nb\",\"label\":\"row 0\",\"error\":null}\n";
    assert_eq!(written(&table, &folder.path("out.jsonl")), expected);
}

#[test]
fn a_column_that_the_answer_has_too_is_refused_before_anything_is_written() {
    let folder = Folder::new();
    let table = table(&folder, "in.csv", "id,label\n1,2\n");
    let error = Sink::create(folder.path("out.csv"))
        .unwrap()
        .write_rows(&table, &answer_columns(), answer)
        .unwrap_err();
    assert_eq!(data_error(&error).kind(), &DataErrorKind::ColumnExists { column: "label".to_owned() });
    assert_eq!(folder.names(), ["in.csv"]);
}

#[test]
fn a_single_empty_field_is_a_record() {
    let folder = Folder::new();
    let table = table(&folder, "in.csv", "a\n\"\"\nx\n");
    Sink::create(folder.path("out.csv")).unwrap().write_rows(&table, &[], |_| Ok(Vec::new())).unwrap();
    assert_eq!(valid_rows(&Table::open(folder.path("out.csv")).unwrap()), valid_rows(&table));
}

#[test]
fn the_delimiter_of_an_output_can_be_set() {
    let folder = Folder::new();
    let table = table(&folder, "in.csv", "id,text\n1,a;b\n");
    let path = folder.path("out.csv");
    let sink = Sink::create(&path).unwrap().with_delimiter(b';').unwrap();
    sink.write_rows(&table, &answer_columns(), answer).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "id;text;label;error\n1;\"a;b\";row 0;\n");
    for delimiter in [b'"', b'\r', b'7', 0] {
        let error = Sink::create(&path).unwrap().with_delimiter(delimiter).unwrap_err();
        assert!(error.to_string().contains("Use `,`, `;`, `|` or a tab."), "{error}");
    }
}

#[test]
fn fields_of_any_text_are_read_as_they_were_written() {
    let folder = Folder::new();
    // A fixed sequence that visits all combinations of the parts in the end.
    let mut state = 1_u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let parts = ["a", ",", "\"", "\"\"", "\n", "\r\n", "ß", ""];
    let mut rows = Vec::new();
    for _ in 0..2_000 {
        let mut field = || (0..next(6)).map(|_| parts[usize::try_from(next(8)).unwrap()]).collect::<String>();
        rows.push([field(), field(), field()]);
    }
    let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
    let lines = rows.iter().map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n");
    let table = table(&folder, "in.csv", format!("x,y,z\r\n{}", lines.collect::<String>()));
    let expected: Vec<_> = rows.iter().map(|[x, y, z]| json!({"x": x, "y": y, "z": z})).collect();
    assert_eq!(valid_rows(&table), expected);
}

#[test]
fn a_field_of_many_lines_is_read_once() {
    // Time that grows with the square of the lines would be hours.
    let folder = Folder::new();
    let lines = "a \"\"quoted\"\" word, and a line end\n".repeat(300_000);
    let table = table(&folder, "in.csv", format!("id,text\n1,\"{lines}\"\n2,b\n"));
    let rows: Vec<_> = table.rows().unwrap().map(|row| row.unwrap().columns()["text"].clone()).collect();
    assert_eq!((rows[0].as_str().unwrap().len(), &rows[1]), (lines.len() - 600_000, &json!("b")));

    let stray =
        Table::open(folder.write("stray.csv", format!("id,text\n0,\"x\n{}", "1,y\n".repeat(300_000))));
    assert_eq!(data_error(&stray.unwrap_err()).line(), Some(2));
}
