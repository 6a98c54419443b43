//! Question answering with a text or a table.

use super::body::Parameters;
use super::call::{Reply, TaskCall};
use super::driver::HuggingFaceTasks;
use super::lists::flat;
use super::task::Task;
use async_trait::async_trait;
use botticelli_core::tasks::{
    Answer, QuestionAnsweringRequest, QuestionAnsweringResponse, Table, TableAnswer, TableQuestionRequest,
    TableQuestionResponse,
};
use botticelli_error::BotticelliError;
use botticelli_interface::tasks::QuestionAnsweringDriver;
use serde::{Deserialize, Serialize};

pub(super) const TEXT: Task = Task::hosted("question-answering");
pub(super) const TABLE: Task = Task::hosted("table-question-answering");

#[derive(Serialize)]
struct Question<'a> {
    question: &'a str,
    context: &'a str,
}

/// A question about a table. The field is `query`, although the specification has `question`.
#[derive(Serialize)]
struct TableQuestion<'a> {
    query: &'a str,
    table: &'a Table,
}

/// An answer, as servers write it. Some models of documents write only the text.
#[derive(Debug, Deserialize)]
pub(super) struct AnswerDto {
    answer: String,
    #[serde(default)]
    score: Option<f64>,
    #[serde(default)]
    start: Option<usize>,
    #[serde(default)]
    end: Option<usize>,
}

impl From<AnswerDto> for Answer {
    fn from(dto: AnswerDto) -> Self {
        Self::new(dto.answer, dto.score).with_span(dto.start, dto.end)
    }
}

#[derive(Debug, Deserialize)]
struct TableAnswerDto {
    answer: String,
    #[serde(default)]
    coordinates: Vec<(usize, usize)>,
    #[serde(default)]
    cells: Vec<String>,
    #[serde(default)]
    aggregator: Option<String>,
}

#[async_trait]
impl QuestionAnsweringDriver for HuggingFaceTasks {
    async fn answer(
        &self,
        request: QuestionAnsweringRequest,
    ) -> Result<QuestionAnsweringResponse, BotticelliError> {
        request.validate()?;
        let call = TaskCall::start(self, &TEXT, "QuestionAnsweringRequest", request.options()).await?;
        let parameters = Parameters::default()
            .with("top_k", request.top_k())
            .with("doc_stride", request.doc_stride())
            .with("max_answer_len", request.max_answer_len())
            .with("max_seq_len", request.max_seq_len())
            .with("max_question_len", request.max_question_len())
            .with("handle_impossible_answer", request.handle_impossible_answer())
            .with("align_to_words", request.align_to_words());
        let inputs = Question { question: request.question(), context: request.context() };
        let body = call.json(&parameters.body(inputs), Some("parameters"))?;
        let (answers, facts) = call.post(&call.hosted_url()?, &body, flat::<AnswerDto>).await?;
        let answers = answers.into_iter().map(Answer::from).collect();
        Ok(QuestionAnsweringResponse::new(answers).with_metadata(call.with_usage(facts, None, None)))
    }

    async fn answer_from_table(
        &self,
        request: TableQuestionRequest,
    ) -> Result<TableQuestionResponse, BotticelliError> {
        request.validate()?;
        let call = TaskCall::start(self, &TABLE, "TableQuestionRequest", request.options()).await?;
        let parameters = Parameters::default()
            .with("padding", request.padding())
            .with("sequential", request.sequential())
            .with("truncation", request.truncation());
        let inputs = TableQuestion { query: request.question(), table: request.table() };
        let body = call.json(&parameters.body(inputs), Some("parameters"))?;
        let read = |reply: &Reply<'_>| flat::<TableAnswerDto>(reply);
        let (answers, facts) = call.post(&call.hosted_url()?, &body, read).await?;
        let answer = |dto: TableAnswerDto| {
            TableAnswer::new(dto.answer, dto.coordinates, dto.cells).with_aggregator(dto.aggregator)
        };
        let answers = answers.into_iter().map(answer).collect();
        Ok(TableQuestionResponse::new(answers).with_metadata(call.with_usage(facts, None, None)))
    }
}
