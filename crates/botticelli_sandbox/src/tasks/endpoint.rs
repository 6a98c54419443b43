//! Paths of tasks.

use super::models::{Task, find};

/// The server that a path of a task belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TaskServer {
    /// hf-inference, with the Hub id of the model.
    Hosted(String),
    /// A server with `OpenAI`'s API.
    OpenAi,
    /// text-embeddings-inference.
    Tei,
    /// A provider, with its own id of the model in the body.
    Provider { name: String, is_direct: bool },
}

/// A path of a task. The form of the request follows from the server and the task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TaskEndpoint {
    pub(crate) server: TaskServer,
    pub(crate) task: Task,
    /// `true` for text-embeddings-inference's vectors of all tokens.
    pub(crate) is_unpooled: bool,
    /// `true` for text-embeddings-inference's sparse vectors.
    pub(crate) is_sparse: bool,
}

const EMBEDDINGS: &str = "/v1/embeddings";

impl TaskEndpoint {
    /// Returns the target of a path, or `None` if it belongs to no task.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        let at = |server, task| Some(Self { server, task, is_unpooled: false, is_sparse: false });
        match path {
            EMBEDDINGS => return at(TaskServer::OpenAi, Task::FeatureExtraction),
            "/v1/rerank" => return at(TaskServer::OpenAi, Task::TextRanking),
            "/embed" => return at(TaskServer::Tei, Task::FeatureExtraction),
            "/embed_all" => {
                let (server, task) = (TaskServer::Tei, Task::FeatureExtraction);
                return Some(Self { server, task, is_unpooled: true, is_sparse: false });
            }
            "/embed_sparse" => {
                let (server, task) = (TaskServer::Tei, Task::FeatureExtraction);
                return Some(Self { server, task, is_unpooled: false, is_sparse: true });
            }
            "/rerank" => return at(TaskServer::Tei, Task::TextRanking),
            "/predict" => return at(TaskServer::Tei, Task::TextClassification),
            "/similarity" => return at(TaskServer::Tei, Task::SentenceSimilarity),
            _ => {}
        }
        if let Some(rest) = path.strip_prefix("/hf-inference/models/") {
            for task in [Task::FeatureExtraction, Task::SentenceSimilarity] {
                if let Some(model) = rest.strip_suffix(&format!("/pipeline/{}", task.name())) {
                    return at(TaskServer::Hosted(model.to_owned()), task);
                }
            }
            let model = find(rest)?;
            return at(TaskServer::Hosted(rest.to_owned()), model.task);
        }
        let (rest, is_direct) = match path.strip_prefix("/direct/") {
            Some(rest) => (rest, true),
            None => (path.strip_prefix('/')?, false),
        };
        let (name, path) = rest.split_at_checked(rest.find('/')?)?;
        let server = TaskServer::Provider { name: name.to_owned(), is_direct };
        match (name, path) {
            ("together" | "scaleway" | "sandbox-vectors", EMBEDDINGS)
            | ("deepinfra", "/v1/openai/embeddings") => at(server, Task::FeatureExtraction),
            _ => None,
        }
    }

    /// Returns whether the path belongs to a provider that is called without the router.
    pub(crate) fn is_direct(&self) -> bool {
        matches!(self.server, TaskServer::Provider { is_direct: true, .. })
    }

    /// Returns whether the router passes the request on.
    pub(crate) fn is_routed(&self) -> bool {
        matches!(self.server, TaskServer::Hosted(_) | TaskServer::Provider { is_direct: false, .. })
    }
}
