//! Rows for the types of tasks.

use crate::common::{scripted, settings};
use crate::search::calls::{builder_with, echoing};
use crate::search::printed::printed;
use crate::search::sources::public_types;
use crate::search::{PLAIN, SECRET, echoes};
use crate::table::{Row, Table, holds_none, path_of, shown};
use botticelli_core::tasks::TaskMetadata;
use botticelli_interface::tasks::{EmbeddingDriver, TaskDriver};
use botticelli_models::huggingface::{HuggingFaceTasks, JobObserver, JobProgress, SupportedTask, TaskApi};
use botticelli_sandbox::Script;
use std::sync::Arc;

pub(crate) async fn show_tasks(table: &mut Table) {
    for token in [SECRET, PLAIN] {
        for echo in echoes(token) {
            let script = Script::json(200, r#"{"data":[{"embedding":[1]}]}"#);
            let sandbox = scripted(echoing(script, &echo)).await;
            let driver = settings(&sandbox).token(token).build_tasks().unwrap();
            let response = driver.embed("text".into()).await.unwrap();
            shown!(table, HuggingFaceTasks => driver, TaskMetadata => *response.metadata());
            let refusing =
                scripted(echoing(Script::json(401, format!("{{\"error\":\"{echo}\"}}")), &echo)).await;
            let driver: Arc<dyn EmbeddingDriver> =
                Arc::new(builder_with(&refusing, token).build_tasks().unwrap());
            let error = driver.embed("text".into()).await.unwrap_err();
            table.shown::<dyn EmbeddingDriver>(vec![error.to_string(), format!("{error:?} {driver:?}")]);
        }
    }
    holds_none!(table, "a word of ours": SupportedTask, TaskApi);
    holds_none!(table, "a word of the provider, and a function of the caller": JobProgress, JobObserver);
    holds_none!(table, "verbs alone": dyn TaskDriver);
    table.add("botticelli_models::media_file::MediaFile", Row::HoldsNone("verbs alone"));
    let rows: Vec<String> = public_types().into_keys().collect();
    let is_of_tasks = |path: &String| {
        path.starts_with("botticelli_core::tasks::") || path.starts_with("botticelli_interface::tasks::")
    };
    let shown = [path_of::<TaskMetadata>(), path_of::<dyn EmbeddingDriver>(), path_of::<dyn TaskDriver>()];
    for path in rows.into_iter().filter(is_of_tasks).filter(|path| !shown.contains(path)) {
        table.add(path, Row::HoldsNone("what the caller asks and the model answers, and verbs"));
    }
}
