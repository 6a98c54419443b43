//! Tables in Parquet files.

use crate::support::{Folder, answer, answer_columns, data_error, table, valid_rows, written};
use arrow_array::builder::{Int32Builder, MapBuilder, StringBuilder};
use arrow_array::types::Int8Type;
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray,
    FixedSizeBinaryArray, Float32Array, Float64Array, Int32Array, Int64Array, LargeStringArray, ListArray,
    NullArray, RecordBatch, StringArray, StringViewArray, StructArray, Time64MicrosecondArray,
    TimestampMicrosecondArray, UInt32Array, UInt64Array,
};
use arrow_schema::{DataType, Field, Schema};
use botticelli_batch::{AnswerColumn, Batch, ColumnType, Format, OutputOrder, Sink, Table};
use botticelli_error::DataErrorKind;
use botticelli_layers::mock::{MockDriver, MockReply};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::properties::WriterProperties;
use serde_json::json;
use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

fn shared(array: impl Array + 'static) -> ArrayRef {
    Arc::new(array)
}

/// Returns a batch with a column for each type that Arrow's JSON reader knows, and some more.
fn every_type() -> RecordBatch {
    let list = ListArray::from_iter_primitive::<arrow_array::types::Int32Type, _, _>([
        Some(vec![Some(1), None]),
        None,
        Some(vec![]),
    ]);
    let structure = StructArray::from(vec![
        (
            Arc::new(Field::new("x", DataType::Int32, true)),
            shared(Int32Array::from(vec![Some(1), None, Some(3)])),
        ),
        (Arc::new(Field::new("s", DataType::Utf8, false)), shared(StringArray::from(vec!["a", "b", "c"]))),
    ]);
    let dictionary: DictionaryArray<Int8Type> = [Some("red"), None, Some("red")].into_iter().collect();
    let mut map = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
    map.keys().append_value("k");
    map.values().append_value(1);
    map.append(true).unwrap();
    map.append(false).unwrap();
    map.append(true).unwrap();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("null", Arc::new(NullArray::new(3))),
        ("bool", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]))),
        ("i64", Arc::new(Int64Array::from(vec![Some(i64::MIN), None, Some(i64::MAX)]))),
        ("u64", Arc::new(UInt64Array::from(vec![Some(u64::MAX), None, Some(0)]))),
        ("f32", Arc::new(Float32Array::from(vec![Some(0.1), None, Some(f32::MAX)]))),
        ("f64", Arc::new(Float64Array::from(vec![Some(f64::NAN), None, Some(-0.0)]))),
        ("text", Arc::new(StringArray::from(vec![Some("ä\0\"\n"), None, Some("")]))),
        ("large_text", Arc::new(LargeStringArray::from(vec![Some("large"), None, Some("x")]))),
        (
            "text_view",
            Arc::new(StringViewArray::from(vec![Some("a text that is not inlined"), None, Some("x")])),
        ),
        ("bytes", Arc::new(BinaryArray::from(vec![Some(b"\xff\x00".as_slice()), None, Some(b"")]))),
        (
            "fixed",
            Arc::new(
                FixedSizeBinaryArray::try_from_sparse_iter_with_size(
                    [Some([1, 2]), None, Some([3, 4])].into_iter(),
                    2,
                )
                .unwrap(),
            ),
        ),
        (
            "decimal",
            Arc::new(
                Decimal128Array::from(vec![Some(12345), None, Some(-1)])
                    .with_precision_and_scale(20, 2)
                    .unwrap(),
            ),
        ),
        (
            "timestamp",
            Arc::new(TimestampMicrosecondArray::from(vec![Some(1_700_000_000_123_456), None, Some(-1)])),
        ),
        (
            "timestamp_tz",
            Arc::new(
                TimestampMicrosecondArray::from(vec![Some(0), None, Some(1)]).with_timezone("Europe/Berlin"),
            ),
        ),
        ("date", Arc::new(Date32Array::from(vec![Some(19_000), None, Some(0)]))),
        ("time", Arc::new(Time64MicrosecondArray::from(vec![Some(1), None, Some(2)]))),
        ("list", Arc::new(list)),
        ("struct", Arc::new(structure)),
        ("dictionary", Arc::new(dictionary)),
        ("map", Arc::new(map.finish())),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .unwrap()
}

fn write_batches(path: &Path, schema: Arc<Schema>, batches: &[RecordBatch], group_rows: usize) {
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(group_rows)).build();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), schema, Some(properties)).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.close().unwrap();
}

fn write(folder: &Folder, name: &str, batch: &RecordBatch) -> PathBuf {
    let path = folder.path(name);
    write_batches(&path, batch.schema(), std::slice::from_ref(batch), 2);
    path
}

/// Returns all rows as one batch.
fn read(path: &Path) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let schema = reader.schema().clone();
    let batches: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
    arrow_select::concat::concat_batches(&schema, &batches).unwrap()
}

fn numbers(name: &str, range: std::ops::Range<i64>) -> RecordBatch {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(range));
    RecordBatch::try_from_iter([(name, numbers)]).unwrap()
}

#[test]
fn every_type_survives_from_input_to_output() {
    let folder = Folder::new();
    let batch = every_type();
    let table = Table::open(write(&folder, "in.parquet", &batch)).unwrap();
    assert_eq!(table.format(), Format::Parquet);
    assert_eq!(table.row_count().unwrap(), Some(3));
    Sink::create(folder.path("out.parquet")).unwrap().write_rows(&table, &answer_columns(), answer).unwrap();
    let output = read(&folder.path("out.parquet"));
    assert_eq!(output.num_columns(), batch.num_columns() + 2);
    for (position, field) in batch.schema().fields().iter().enumerate() {
        assert_eq!(output.schema().field(position), field.as_ref());
        assert_eq!(output.column(position).to_data(), batch.column(position).to_data(), "{}", field.name());
    }
    let label = output.column_by_name("label").unwrap();
    assert_eq!(label, &shared(StringArray::from(vec!["row 0", "row 1", "row 2"])));
    assert_eq!(output.column_by_name("error").unwrap().null_count(), 3);
}

#[test]
fn every_type_has_a_form_in_json() {
    let folder = Folder::new();
    let table = Table::open(write(&folder, "in.parquet", &every_type())).unwrap();
    let rows = valid_rows(&table);
    assert_eq!(
        rows[0],
        json!({
            "null": null, "bool": true, "i64": i64::MIN, "u64": u64::MAX, "f32": 0.1, "f64": null,
            "text": "ä\0\"\n", "large_text": "large", "text_view": "a text that is not inlined",
            "bytes": "/wA=", "fixed": "AQI=", "decimal": "123.45",
            "timestamp": "2023-11-14T22:13:20.123456", "timestamp_tz": "1970-01-01T00:00:00Z",
            "date": "2022-01-08", "time": "00:00:00.000001", "list": [1, null],
            "struct": {"x": 1, "s": "a"}, "dictionary": "red", "map": {"k": 1},
        })
    );
    assert!(rows[1].as_object().unwrap().iter().all(|(name, value)| name == "struct" || value.is_null()));
    let names: Vec<_> = table.columns().unwrap();
    let projected: Vec<_> = table.rows_of(names).unwrap().map(|row| row.unwrap().columns().clone()).collect();
    assert_eq!(json!(projected), json!(rows), "both ways of reading agree");
    assert_eq!(table.rows().unwrap().map(|row| row.unwrap().line()).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn a_projection_reads_only_its_columns() {
    let folder = Folder::new();
    let table = Table::open(write(&folder, "in.parquet", &every_type())).unwrap();
    let columns = |names: &[&str]| {
        let rows = table.rows_of(names.iter().copied()).unwrap();
        rows.map(|row| row.unwrap().columns().clone()).collect::<Vec<_>>()
    };
    assert_eq!(json!(columns(&["struct", "i64"])[0]), json!({"i64": i64::MIN, "struct": {"x": 1, "s": "a"}}));
    assert_eq!(json!(columns(&["missing"])), json!([{}, {}, {}]));
}

#[test]
fn parquet_to_json_lines_and_csv() {
    let folder = Folder::new();
    let table = Table::open(write(&folder, "in.parquet", &every_type())).unwrap();
    let lines = written(&table, &folder.path("out.jsonl"));
    let row: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!((&row["u64"], &row["label"]), (&json!(u64::MAX), &json!("row 0")));
    #[cfg(feature = "csv")]
    {
        let text = written(&table, &folder.path("out.csv"));
        assert!(text.starts_with("null,bool,i64,"), "{text}");
        assert!(text.contains("/wA=,AQI=,123.45,2023-11-14T22:13:20.123456"), "{text}");
    }
}

#[test]
fn equal_rows_give_equal_bytes_and_the_metadata_of_datasets_is_left_out() {
    let folder = Folder::new();
    let batch = every_type();
    let keys = ["huggingface", "pandas", "a", "b", "c", "d"];
    let metadata: HashMap<String, String> =
        keys.iter().map(|key| ((*key).to_owned(), format!("{key}!"))).collect();
    let schema = Arc::new(batch.schema().as_ref().clone().with_metadata(metadata));
    write_batches(&folder.path("in.parquet"), schema, &[batch], 100);
    let table = Table::open(folder.path("in.parquet")).unwrap();
    let mut outputs = Vec::new();
    for name in ["one.parquet", "two.parquet"] {
        Sink::create(folder.path(name)).unwrap().write_rows(&table, &answer_columns(), answer).unwrap();
        outputs.push(std::fs::read(folder.path(name)).unwrap());
    }
    assert_eq!(outputs[0], outputs[1]);
    let schema = read(&folder.path("one.parquet")).schema();
    assert!(!schema.metadata().contains_key("huggingface"));
    assert_eq!(schema.metadata().get("pandas").map(String::as_str), Some("pandas!"));
}

#[test]
fn answers_have_the_types_of_their_columns() {
    let folder = Folder::new();
    let table = Table::open(write(&folder, "in.parquet", &numbers("id", 0..2))).unwrap();
    let columns = [
        AnswerColumn::new("text", ColumnType::Text),
        AnswerColumn::new("integer", ColumnType::Integer),
        AnswerColumn::new("number", ColumnType::Number),
        AnswerColumn::new("flag", ColumnType::Boolean),
        AnswerColumn::new("list", ColumnType::List(Box::new(ColumnType::Text))),
        AnswerColumn::new(
            "object",
            ColumnType::Object(vec![
                AnswerColumn::new("x", ColumnType::Integer),
                AnswerColumn::new("list", ColumnType::List(Box::new(ColumnType::Number))),
            ]),
        ),
        AnswerColumn::new("json", ColumnType::Json),
        AnswerColumn::new("empty", ColumnType::Object(Vec::new())),
    ];
    let values = vec![
        json!("a"),
        json!(3.0),
        json!(1),
        json!(true),
        json!(["x", null]),
        json!({"x": 1, "list": [0.5, 2]}),
        json!({"any": [1, "x"]}),
        json!({}),
    ];
    let mut answers = [values.clone(), vec![json!(null); 8]].into_iter();
    let sink = Sink::create(folder.path("out.parquet")).unwrap();
    sink.write_rows(&table, &columns, |_| Ok(answers.next().unwrap())).unwrap();
    let rows = valid_rows(&Table::open(folder.path("out.parquet")).unwrap());
    assert_eq!(
        rows,
        [
            json!({
                "id": 0, "text": "a", "integer": 3, "number": 1.0, "flag": true, "list": ["x", null],
                "object": {"x": 1, "list": [0.5, 2.0]}, "json": "{\"any\":[1,\"x\"]}", "empty": "{}",
            }),
            json!({
                "id": 1, "text": null, "integer": null, "number": null, "flag": null, "list": null, "object": null,
                "json": null, "empty": null,
            }),
        ]
    );
    for (position, wrong) in [
        (0, json!(1)),
        (1, json!(1.5)),
        (2, json!("1")),
        (3, json!(0)),
        (4, json!({})),
        (5, json!({"x": "1"})),
    ] {
        let mut values = values.clone();
        values[position] = wrong;
        let error = sink.write_rows(&table, &columns, |_| Ok(values.clone())).unwrap_err().to_string();
        assert!(error.contains(&format!("in column `{}`", columns[position].name)), "{error}");
    }
}

#[test]
fn json_lines_get_types_that_fit_all_rows() {
    let folder = Folder::new();
    let lines = [
        r#"{"i": 1, "n": 1, "mixed": 1, "list": [], "o": {"a": 1}, "null": null, "u": 18446744073709551615, "w": 9007199254740993}"#,
        "broken",
        r#"{"i": null, "n": 1.5, "mixed": "x", "list": [1, 2.5], "o": {"a": null, "b": ["x"]}, "e": {}, "w": 0.5}"#,
        r#"{"t": true, "list": null, "nested": [[1], [null]], "mixed": {"k": 1}}"#,
    ];
    let table = table(&folder, "in.jsonl", lines.join("\n"));
    Sink::create(folder.path("out.parquet")).unwrap().write_rows(&table, &answer_columns(), answer).unwrap();
    let output = Table::open(folder.path("out.parquet")).unwrap();
    let rows = valid_rows(&output);
    let nothing = json!(null);
    assert_eq!(
        rows[0],
        json!({
            "i": 1, "n": 1.0, "mixed": "1", "list": [], "o": {"a": 1, "b": null}, "null": null,
            "u": "18446744073709551615", "w": "9007199254740993", "e": null, "t": null, "nested": null,
            "label": "row 0", "error": null,
        })
    );
    assert_eq!((&rows[1]["i"], &rows[1]["error"]), (&nothing, &json!("invalid")));
    assert_eq!(
        (&rows[2]["mixed"], &rows[2]["list"], &rows[2]["e"], &rows[2]["w"]),
        (&json!("\"x\""), &json!([1.0, 2.5]), &json!("{}"), &json!("0.5"))
    );
    assert_eq!((&rows[3]["nested"], &rows[3]["mixed"]), (&json!([[1], [null]]), &json!("{\"k\":1}")));
}

#[test]
fn more_keys_than_columns_make_sense_are_refused_or_become_text() {
    let folder = Folder::new();
    let object = |range: std::ops::Range<u32>| {
        let fields: Vec<_> = range.map(|number| format!("\"k{number}\": 1")).collect();
        format!("{{{}}}", fields.join(","))
    };
    let wide = table(&folder, "wide.jsonl", object(0..1_001));
    let error = Sink::create(folder.path("out.parquet")).unwrap().write_rows(&wide, &[], |_| Ok(Vec::new()));
    assert!(error.unwrap_err().to_string().contains("more than 1000 different keys"));
    let lines = format!("{{\"o\": {}}}\n{{\"o\": {}}}\n", object(0..600), object(600..1_200));
    let deep = table(&folder, "deep.jsonl", lines);
    Sink::create(folder.path("out.parquet")).unwrap().write_rows(&deep, &[], |_| Ok(Vec::new())).unwrap();
    let rows = valid_rows(&Table::open(folder.path("out.parquet")).unwrap());
    assert!(rows[0]["o"].as_str().unwrap().starts_with("{\"k0\":1,"));
}

#[cfg(feature = "csv")]
#[test]
fn csv_to_parquet_is_text() {
    let folder = Folder::new();
    let table = table(&folder, "in.csv", "id,text\n007,\"a\nb\"\nbroken\n");
    Sink::create(folder.path("out.parquet")).unwrap().write_rows(&table, &answer_columns(), answer).unwrap();
    let rows = valid_rows(&Table::open(folder.path("out.parquet")).unwrap());
    assert_eq!(rows[0], json!({"id": "007", "text": "a\nb", "label": "row 0", "error": null}));
    assert_eq!(rows[1], json!({"id": null, "text": null, "label": null, "error": "invalid"}));
}

#[test]
fn a_file_that_is_cut_off_is_damaged() {
    let folder = Folder::new();
    let whole = std::fs::read(write(&folder, "in.parquet", &every_type())).unwrap();
    for length in [0, 3, 8, whole.len() / 2, whole.len() - 1] {
        let path = folder.write("cut.parquet", &whole[..length]);
        let error = Table::open(&path).unwrap_err();
        let kind = data_error(&error).kind();
        assert!(matches!(kind, DataErrorKind::Damaged { .. }), "{length}: {error}");
        assert!(error.to_string().contains("cut.parquet is damaged"), "{error}");
        assert!(error.to_string().contains("Restore the file, or write it again."), "{error}");
    }
}

#[test]
fn damage_in_the_middle_is_an_error_and_no_crash() {
    let folder = Folder::new();
    let texts: ArrayRef = Arc::new(StringArray::from_iter_values((0..2_000).map(|n| format!("text {n}"))));
    let batch = RecordBatch::try_from_iter([("text", texts)]).unwrap();
    let whole = std::fs::read(write(&folder, "in.parquet", &batch)).unwrap();
    for place in (4..whole.len() - 8).step_by(whole.len() / 97) {
        let mut bytes = whole.clone();
        bytes[place] ^= 0xff;
        // The table is readable, or fails with the name of the file.
        let result = Table::open(folder.write("hit.parquet", bytes))
            .and_then(|table| table.rows()?.collect::<Result<Vec<_>, _>>());
        if let Err(error) = result {
            assert!(data_error(&error).place().ends_with("hit.parquet"), "{error}");
        }
    }
}

#[test]
fn several_files_are_one_table_if_their_columns_agree() {
    let folder = Folder::new();
    write(&folder, "a-1.parquet", &numbers("id", 0..5));
    let nullable: ArrayRef = Arc::new(Int64Array::from(vec![Some(5), None]));
    write(
        &folder,
        "a-2.parquet",
        &RecordBatch::try_from_iter_with_nullable([("id", nullable, true)]).unwrap(),
    );
    let table = Table::open(folder.path("a-*.parquet")).unwrap();
    assert_eq!(table.row_count().unwrap(), Some(7));
    Sink::create(folder.path("out.parquet")).unwrap().write_rows(&table, &answer_columns(), answer).unwrap();
    let rows = valid_rows(&Table::open(folder.path("out.parquet")).unwrap());
    assert_eq!(
        rows.iter().map(|row| row["id"].clone()).collect::<Vec<_>>(),
        [0, 1, 2, 3, 4, 5].map(|n| json!(n)).into_iter().chain([json!(null)]).collect::<Vec<_>>()
    );
    assert_eq!(rows[6]["label"], "row 6");

    write(&folder, "a-3.parquet", &numbers("other", 0..5));
    let error = Table::open(folder.path("a-*.parquet")).unwrap_err().to_string();
    assert!(error.contains("a-3.parquet has other columns or types than the first file"), "{error}");
}

#[test]
fn many_rows_cross_batches_and_chunks_in_order() {
    let folder = Folder::new();
    let path = folder.path("in.parquet");
    let batch = numbers("id", 0..50_000);
    write_batches(&path, batch.schema(), &[batch], 9_999);
    let table = Table::open(&path).unwrap();
    let columns = [AnswerColumn::new("twice", ColumnType::Integer)];
    let sink = Sink::create(folder.path("out.parquet")).unwrap();
    let count = sink.write_rows(&table, &columns, |row| Ok(vec![json!(row.unwrap().number() * 2)])).unwrap();
    assert_eq!(count, 50_000);
    for (number, row) in
        Table::open(folder.path("out.parquet")).unwrap().rows_of(["id", "twice"]).unwrap().enumerate()
    {
        let row = row.unwrap();
        assert_eq!(json!(row.columns()), json!({"id": number, "twice": number * 2}));
    }
}

#[test]
fn dictionaries_that_do_not_fit_into_one_are_written_one_after_the_other() {
    let folder = Folder::new();
    // 100 values each: together more than the keys of 8 bits can name.
    for file in 0..3 {
        let values: DictionaryArray<Int8Type> = (0..100)
            .map(|n| format!("value {file} {n}"))
            .collect::<Vec<_>>()
            .iter()
            .map(|text| Some(text.as_str()))
            .collect();
        let column: ArrayRef = Arc::new(values);
        write(&folder, &format!("d-{file}.parquet"), &RecordBatch::try_from_iter([("d", column)]).unwrap());
    }
    let table = Table::open(folder.path("d-*.parquet")).unwrap();
    Sink::create(folder.path("out.jsonl")).unwrap().write_rows(&table, &[], |_| Ok(Vec::new())).unwrap();
    let sink = Sink::create(folder.path("out.parquet")).unwrap();
    sink.write_rows(&table, &answer_columns(), answer).unwrap();
    let file = File::open(folder.path("out.parquet")).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().with_batch_size(50).build().unwrap();
    assert_eq!(reader.map(|batch| batch.unwrap().num_rows()).sum::<usize>(), 300);
}

#[test]
fn a_file_without_rows_is_empty() {
    let folder = Folder::new();
    let error = Table::open(write(&folder, "in.parquet", &numbers("id", 0..0))).unwrap_err();
    assert_eq!(data_error(&error).kind(), &DataErrorKind::Empty);
}

#[tokio::test]
async fn every_type_survives_a_run_in_the_order_of_completion() {
    let folder = Folder::new();
    let part = every_type();
    let parts: Vec<_> = std::iter::repeat_n(&part, 400).collect();
    let batch = arrow_select::concat::concat_batches(&part.schema(), parts).unwrap();
    let ids = shared(UInt32Array::from_iter_values(0..1200));
    let mut fields = vec![Arc::new(Field::new("id", DataType::UInt32, false))];
    fields.extend(batch.schema().fields().iter().cloned());
    let mut columns = vec![ids];
    columns.extend(batch.columns().iter().cloned());
    let input = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
    write_batches(&folder.path("in.parquet"), input.schema(), std::slice::from_ref(&input), 100);

    let driver = MockDriver::replying(|call| {
        let length = format!("{:?}", call.chat().unwrap()).len();
        MockReply::text("ok").with_delay(Duration::from_millis(u64::try_from(length * 7919 % 29).unwrap()))
    });
    let names: Vec<_> =
        input.schema().fields().iter().map(|field| format!("{{{{ {} }}}}", field.name())).collect();
    let run = Batch::new(driver).with_prompt(&names.join(" ")).unwrap().with_order(OutputOrder::Completion);
    let table = Table::open(folder.path("in.parquet")).unwrap();
    let report = run.run(table, Sink::create(folder.path("out.parquet")).unwrap()).await.unwrap();
    assert_eq!((report.answered, report.failed), (1200, 0));

    let output = read(&folder.path("out.parquet"));
    let order: Vec<u32> = output.column(0).as_any().downcast_ref::<UInt32Array>().unwrap().values().to_vec();
    assert!(!order.is_sorted() && order.len() == 1200);
    let expected = arrow_select::take::take_record_batch(&input, &UInt32Array::from(order)).unwrap();
    for (position, field) in input.schema().fields().iter().enumerate() {
        let (found, expected) = (output.column(position), expected.column(position));
        assert_eq!(found.data_type(), expected.data_type());
        for row in 0..1200 {
            assert_eq!(
                found.slice(row, 1).to_data(),
                expected.slice(row, 1).to_data(),
                "{} {row}",
                field.name()
            );
        }
    }
}
