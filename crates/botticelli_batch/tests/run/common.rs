//! Helpers of the tests.

use crate::tokio_clock::TokioClock;
use botticelli_batch::{Batch, BatchReport, Sink, Table};
use botticelli_core::GenerateRequest;
use botticelli_error::BotticelliError;
use botticelli_layers::mock::{MockDriver, MockReply};
use std::path::PathBuf;
use std::sync::Arc;

/// A folder with an input and an output.
pub(crate) struct Files {
    folder: tempfile::TempDir,
}

impl Files {
    pub(crate) fn with_input(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("in.jsonl"), text).unwrap();
        Self { folder }
    }

    /// Rows `{"id":0,"text":"t0"}` and so on.
    pub(crate) fn with_rows(count: usize) -> Self {
        let rows: Vec<_> = (0..count).map(|id| format!("{{\"id\":{id},\"text\":\"t{id}\"}}\n")).collect();
        Self::with_input(&rows.concat())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn table(&self) -> Table {
        Table::open(self.path("in.jsonl")).unwrap()
    }

    pub(crate) fn sink(&self) -> Sink {
        Sink::create(self.path("out.jsonl")).unwrap()
    }

    pub(crate) async fn run(&self, batch: &Batch) -> Result<BatchReport, BotticelliError> {
        batch.run(self.table(), self.sink()).await
    }

    pub(crate) fn output(&self) -> String {
        self.read("out.jsonl")
    }

    pub(crate) fn journal(&self) -> String {
        self.read("out.jsonl.journal")
    }
}

/// A driver that answers with its prompt.
pub(crate) fn echo() -> MockDriver {
    MockDriver::replying(|call| MockReply::text(format!("re: {}", prompt(call.chat().unwrap()))))
}

/// Returns the text of the last message.
pub(crate) fn prompt(request: &GenerateRequest) -> String {
    let last = request.messages().last().unwrap();
    let text = |input: &botticelli_core::Input| match input {
        botticelli_core::Input::Text(text) => text.clone(),
        other => other.describe().to_owned(),
    };
    last.content().iter().map(text).collect()
}

pub(crate) fn batch(driver: &MockDriver) -> Batch {
    let batch = Batch::new(driver.clone()).with_prompt("{{ text }}").unwrap();
    // Tests that stop the time do not wait for the pauses of a run.
    batch.with_clock(Arc::new(TokioClock))
}

/// Rows with equal ones, an invalid one and one without the column.
pub(crate) fn mixed() -> String {
    let mut rows: Vec<_> =
        (0..200).map(|id| format!("{{\"id\":{id},\"text\":\"t{}\"}}\n", id % 150)).collect();
    rows.insert(77, "oops\n".to_owned());
    rows.insert(99, "{\"id\":0}\n".to_owned());
    rows.concat()
}
