//! Parts of a table, and their merge.

use crate::common::{Files, batch, echo, mixed};
use botticelli_batch::Shard;
use botticelli_error::{BotticelliErrorKind, DataErrorKind, ErrorCategory};
use botticelli_layers::mock::{MockDriver, MockReply};

#[tokio::test]
async fn the_merge_of_all_shards_equals_one_run() {
    let (whole, parts) = (Files::with_input(&mixed()), Files::with_input(&mixed()));
    let _ = whole.run(&batch(&echo())).await.unwrap();
    let driver = echo();
    let (mut rows, mut sizes) = (0, Vec::new());
    for index in 0..4 {
        let shard = batch(&driver).with_shard(Shard::new(index, 4).unwrap());
        let report = parts.run(&shard).await.unwrap();
        assert_eq!(report.output(), Some(parts.path(&format!("out.shard-{index}-of-4.jsonl")).as_path()));
        rows += report.rows;
        sizes.push(report.requests);
    }
    assert_eq!((rows, driver.requests().len()), (202, 150));
    assert!(sizes.iter().all(|size| (15..60).contains(size)), "{sizes:?}");
    let report = batch(&driver).merge(parts.table(), parts.sink(), 4).await.unwrap();
    assert_eq!((report.rows, report.answered, report.failed), (202, 200, 2));
    assert!(parts.output() == whole.output());
}

#[tokio::test]
async fn a_merge_without_all_shards_names_what_is_missing() {
    let files = Files::with_rows(20);
    let driver = echo();
    let _ = files.run(&batch(&driver).with_shard(Shard::new(0, 2).unwrap())).await.unwrap();
    let error = batch(&driver).merge(files.table(), files.sink(), 2).await.unwrap_err();
    assert!(error.to_string().contains("shard-1-of-2"), "{error}");

    // A shard that stopped early.
    let broke = MockDriver::answering([MockReply::failure(ErrorCategory::CreditsExhausted)]).repeating();
    let _ = files.run(&batch(&broke).with_shard(Shard::new(1, 2).unwrap())).await.unwrap();
    let error = batch(&driver).merge(files.table(), files.sink(), 2).await.unwrap_err();
    assert!(error.to_string().contains("in.jsonl:"), "{error}");
    assert!(!files.path("out.jsonl").exists());

    let _ = files.run(&batch(&driver).with_shard(Shard::new(1, 2).unwrap())).await.unwrap();
    assert_eq!(batch(&driver).merge(files.table(), files.sink(), 2).await.unwrap().answered, 20);
}

#[tokio::test]
async fn a_journal_of_another_shard_or_run_is_refused() {
    let files = Files::with_rows(20);
    let driver = echo();
    for index in 0..2 {
        let _ = files.run(&batch(&driver).with_shard(Shard::new(index, 2).unwrap())).await.unwrap();
    }
    let (first, second) = ("out.shard-0-of-2.jsonl.journal", "out.shard-1-of-2.jsonl.journal");
    let kept = files.read(second);
    std::fs::copy(files.path(first), files.path(second)).unwrap();
    let error = batch(&driver).merge(files.table(), files.sink(), 2).await.unwrap_err();
    assert!(error.to_string().contains("another shard"), "{error}");
    files.write(second, &kept);
    let other = botticelli_batch::Batch::new(driver.clone()).with_prompt("{{ text }}!").unwrap();
    let error = other.merge(files.table(), files.sink(), 2).await.unwrap_err();
    let BotticelliErrorKind::Data(data) = error.kind() else { panic!("{error:?}") };
    assert_eq!(data.kind(), &DataErrorKind::OtherRun { changed: "prompt".into() });
    let error = batch(&driver).merge(files.table(), files.sink(), 0).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Data);
}

#[test]
fn a_shard_is_read_from_the_environment() {
    let read = |variables: &[(&str, &str)]| {
        Shard::from_variables(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    };
    assert_eq!(read(&[]).unwrap(), None);
    let kubernetes = [("JOB_COMPLETION_INDEX", "3"), ("JOB_COMPLETIONS", "8")];
    assert_eq!(read(&kubernetes).unwrap(), Some(Shard::new(3, 8).unwrap()));
    let slurm =
        [("SLURM_ARRAY_TASK_ID", "12"), ("SLURM_ARRAY_TASK_COUNT", "4"), ("SLURM_ARRAY_TASK_MIN", "10")];
    assert_eq!(read(&slurm).unwrap(), Some(Shard::new(2, 4).unwrap()));
    // `--array=1-13:4` has the ids 1, 5, 9 and 13.
    let steps = [
        ("SLURM_ARRAY_TASK_ID", "13"),
        ("SLURM_ARRAY_TASK_COUNT", "4"),
        ("SLURM_ARRAY_TASK_MIN", "1"),
        ("SLURM_ARRAY_TASK_STEP", "4"),
    ];
    assert_eq!(read(&steps).unwrap(), Some(Shard::new(3, 4).unwrap()));
    for (wrong, part) in [
        (&[("JOB_COMPLETION_INDEX", "3")][..], "JOB_COMPLETION_INDEX is set: set JOB_COMPLETIONS"),
        (&[("JOB_COMPLETION_INDEX", "8"), ("JOB_COMPLETIONS", "8")], "below the number of shards, 8"),
        (&[("SLURM_ARRAY_TASK_ID", "x"), ("SLURM_ARRAY_TASK_COUNT", "4")], "\"x\""),
        (&[("SLURM_ARRAY_TASK_ID", "5"), ("SLURM_ARRAY_TASK_COUNT", "4")], "below the number of shards, 4"),
    ] {
        let error = read(wrong).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
}
