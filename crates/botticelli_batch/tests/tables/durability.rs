//! Outputs that cannot be written.

use crate::support::{Folder, answer, answer_columns, data_error, table, written};
use botticelli_batch::Sink;
use botticelli_error::{DataError, DataErrorKind};

#[test]
fn a_failed_answer_leaves_the_old_output_and_no_other_file() {
    let folder = Folder::new();
    let table = table(&folder, "in.jsonl", "{\"a\": 1}\n{\"a\": 2}\n");
    for name in ["out.jsonl", "out.csv"] {
        folder.write(name, "old");
        let before = folder.names();
        let mut count = 0;
        let failed = Sink::create(folder.path(name)).unwrap().write_rows(&table, &answer_columns(), |row| {
            count += 1;
            if count == 2 {
                Err(DataError::new("output", "here", DataErrorKind::Locked).into())
            } else {
                answer(row)
            }
        });
        assert_eq!(data_error(&failed.unwrap_err()).kind(), &DataErrorKind::Locked);
        assert_eq!(std::fs::read_to_string(folder.path(name)).unwrap(), "old");
        assert_eq!(folder.names(), before);
    }
}

#[test]
fn an_existing_output_is_replaced_at_the_end() {
    let folder = Folder::new();
    let table = table(&folder, "in.jsonl", "{\"a\": 1}\n");
    let path = folder.write("out.jsonl", "old");
    Sink::create(&path)
        .unwrap()
        .write_rows(&table, &answer_columns(), |row| {
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
            answer(row)
        })
        .unwrap();
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("{\"a\": 1,"));
    assert_eq!(folder.names(), ["in.jsonl", "out.jsonl"]);
}

#[test]
fn a_folder_that_does_not_exist_is_named_before_the_run() {
    let folder = Folder::new();
    let error = Sink::create(folder.path("none/out.jsonl")).unwrap_err().to_string();
    assert!(error.contains("none, which does not exist. Create the folder."), "{error}");
    std::fs::create_dir(folder.path("dir.jsonl")).unwrap();
    let error = Sink::create(folder.path("dir.jsonl")).unwrap_err().to_string();
    assert!(error.contains("is a folder"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_link_keeps_pointing_to_the_output() {
    let folder = Folder::new();
    let table = table(&folder, "in.jsonl", "{\"a\": 1}\n");
    let place = folder.write("data/real.jsonl", "old");
    std::os::unix::fs::symlink(&place, folder.path("out.jsonl")).unwrap();
    written(&table, &folder.path("out.jsonl"));
    assert!(std::fs::symlink_metadata(folder.path("out.jsonl")).unwrap().is_symlink());
    assert!(std::fs::read_to_string(place).unwrap().starts_with("{\"a\": 1,"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_old_output_and_no_other_file() {
    let folder = Folder::new();
    // More than the buffer of the writer, and less.
    for rows in [10_000, 1] {
        let table = table(&folder, "in.jsonl", "{\"a\": 1}\n".repeat(rows));
        let names: &[&str] = if cfg!(feature = "parquet") {
            &["out.jsonl", "out.csv", "out.parquet"]
        } else {
            &["out.jsonl", "out.csv"]
        };
        for name in names {
            let path = folder.write(name, "old");
            std::os::unix::fs::symlink("/dev/full", folder.path(&format!("{name}.tmp"))).unwrap();
            let error =
                Sink::create(&path).unwrap().write_rows(&table, &answer_columns(), answer).unwrap_err();
            assert_eq!(data_error(&error).kind(), &DataErrorKind::Full, "{name} {error}");
            assert!(error.to_string().contains("Free some space"), "{error}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
            assert!(!folder.names().contains(&format!("{name}.tmp")));
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_is_written_in_place() {
    let folder = Folder::new();
    let table = table(&folder, "in.jsonl", "{\"a\": 1}\n");
    for (device, expected) in [("/dev/null", true), ("/dev/full", false)] {
        let path = folder.path("out.jsonl");
        std::os::unix::fs::symlink(device, &path).unwrap();
        let result = Sink::create(&path).unwrap().write_rows(&table, &answer_columns(), answer);
        assert_eq!(result.is_ok(), expected);
        assert!(std::fs::symlink_metadata(&path).unwrap().is_symlink());
        std::fs::remove_file(path).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_read_only_output_or_folder_is_an_error() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let table = table(&folder, "in.jsonl", "{\"a\": 1}\n");
    let path = folder.write("out.jsonl", "old");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
    let error = Sink::create(&path).unwrap_err();
    assert_eq!(data_error(&error).kind(), &DataErrorKind::ReadOnly);

    // Permissions do not stop root, but no user writes to /sys.
    let inner = folder.path("inner");
    std::fs::create_dir(&inner).unwrap();
    std::fs::set_permissions(&inner, std::fs::Permissions::from_mode(0o555)).unwrap();
    let is_stopped = std::fs::File::create(inner.join("probe")).is_err();
    let place = if is_stopped { inner.join("out.jsonl") } else { "/sys/out.jsonl".into() };
    if is_stopped || cfg!(target_os = "linux") {
        let error = Sink::create(place).unwrap().write_rows(&table, &answer_columns(), answer).unwrap_err();
        assert_eq!(data_error(&error).kind(), &DataErrorKind::ReadOnly, "{error}");
    }
}

#[cfg(unix)]
#[test]
fn an_output_has_the_usual_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let table = table(&folder, "in.jsonl", "{\"a\": 1}\n");
    let mode = |name: &str| std::fs::metadata(folder.path(name)).unwrap().permissions().mode();
    written(&table, &folder.path("out.jsonl"));
    assert_eq!(mode("out.jsonl"), mode("in.jsonl"));
}
