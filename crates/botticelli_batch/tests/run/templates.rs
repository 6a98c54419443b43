//! Templates over columns with unusual names.

use crate::common::{Files, batch, echo, prompt};
use botticelli_batch::{Batch, OutputOrder};
use botticelli_error::{BotticelliError, BotticelliErrorKind, DataErrorKind};

/// Runs a template in both orders, and returns the prompts. The first pass reads fewer columns than the second one.
async fn prompts(input: &str, template: &str) -> Result<Vec<String>, BotticelliError> {
    let mut found = Vec::new();
    for order in [OutputOrder::Input, OutputOrder::Completion] {
        let files = Files::with_input(input);
        let driver = echo();
        let batch = Batch::new(driver.clone()).with_prompt(template)?.with_concurrency(1).with_order(order);
        let report = files.run(&batch).await?;
        assert_eq!((report.answered, report.failed), (u64::try_from(input.lines().count()).unwrap(), 0));
        let prompts: Vec<_> = driver.requests().iter().map(prompt).collect();
        for (prompt, line) in prompts.iter().zip(files.output().lines()) {
            assert!(line.contains(&serde_json::to_string(&format!("re: {prompt}")).unwrap()), "{line}");
        }
        found.push(prompts);
    }
    assert_eq!(found[0], found[1]);
    Ok(found.remove(0))
}

#[tokio::test]
async fn a_column_may_have_the_name_of_a_function() {
    let input = "{\"range\":\"a\",\"dict\":1,\"namespace\":[2],\"debug\":\"d\",\"self\":\"s\",\"loop\":3}\n";
    let template = "{{ range }} {{ dict }} {{ namespace }} {{ debug }} {{ self }} {{ loop }}";
    assert_eq!(prompts(input, template).await.unwrap(), ["a 1 [2] d s 3"]);
    let input = "{\"items\":[7],\"i\":9}\n";
    let template = "{% for i in range(2) %}{{ i }}{{ loop.index }}{% endfor %}{{ i }}";
    assert_eq!(prompts(input, template).await.unwrap(), ["01129"]);
}

#[tokio::test]
async fn a_column_may_have_the_name_of_a_variable_that_is_set_in_some_cases() {
    let input = "{\"text\":\"long\",\"short\":\"\"}\n{\"text\":\"long\",\"short\":\"s\"}\n";
    let template = "{% if short %}{% set text = short %}{% endif %}{{ text }}";
    assert_eq!(prompts(input, template).await.unwrap(), ["long", "s"]);
}

#[tokio::test]
async fn the_variable_row_has_all_columns() {
    let input = "{\"Review text\":\"nice\",\"id\":1,\"text-en\":\"x\",\"Gr\u{f6}\u{df}e\":2.5}\n";
    let template = "{{ row[\"Review text\"] }} {{ row['text-en'] }} {{ row['Gr\u{f6}\u{df}e'] }} {{ id }}";
    assert_eq!(prompts(input, template).await.unwrap(), ["nice x 2.5 1"]);
    let all = "{\"b\":5,\"a\":null}\n";
    assert_eq!(prompts(all, "{{ row }}").await.unwrap(), ["{\"b\":5,\"a\":null}"]);
    let looped = "{% for name in row %}{{ name }}={{ row[name] }};{% endfor %}";
    assert_eq!(prompts(all, looped).await.unwrap(), ["b=5;a=;"]);
    // A column of this name replaces it.
    assert_eq!(prompts("{\"row\":\"mine\",\"b\":1}\n", "{{ row }}").await.unwrap(), ["mine"]);
}

#[tokio::test]
async fn an_error_says_that_a_column_hides_the_variable_row() {
    for column in ["5", "\"mine\"", "null", "{}"] {
        let input = format!("{{\"row\":{column},\"Review text\":\"nice\"}}\n");
        let error = prompts(&input, "{{ row['Review text'] }}").await.unwrap_err();
        assert!(error.to_string().contains("the column `row` hides the variable `row`"), "{column}: {error}");
    }
    // The template uses no other column, so nothing is hidden.
    let error = prompts("{\"row\":1,\"a\":2}\n", "{{ b }}").await.unwrap_err();
    assert!(!error.to_string().contains("hides"), "{error}");
}

#[tokio::test]
async fn many_equal_rows_that_use_all_columns_share_a_request() {
    let input = "{\"a b\":1}\n".repeat(20_000);
    let files = Files::with_input(&input);
    for order in [OutputOrder::Input, OutputOrder::Completion] {
        let driver = echo();
        let batch = Batch::new(driver.clone()).with_prompt("{{ row['a b'] }}").unwrap().with_order(order);
        let report = files.run(&batch.restart()).await.unwrap();
        assert_eq!((report.answered, driver.requests().len()), (20_000, 1));
    }
}

#[tokio::test]
async fn a_name_that_is_not_a_word_is_an_error_that_says_how_to_write_it() {
    let input = "{\"Review text\":\"nice\",\"text-en\":\"x\"}\n";
    for template in ["{{ Review text }}", "{{ text-en }}", "{{ text.en }}"] {
        let error = prompts(input, template).await.unwrap_err();
        assert!(error.to_string().contains("row[\"Review text\"]"), "{template}: {error}");
    }
    let error = prompts(input, "{{ row['Review txt'] }}").await.unwrap_err();
    let BotticelliErrorKind::Data(data) = error.kind() else { panic!("{error:?}") };
    assert!(matches!(data.kind(), DataErrorKind::Template { .. }), "{error}");
    assert_eq!(error.to_string().matches("does not fit the template").count(), 1, "{error}");
}

#[test]
fn the_function_that_prints_all_variables_is_unknown() {
    // Its result would depend on the columns that a pass reads.
    assert!(Batch::new(echo()).with_prompt("{{ debug() }}").is_ok());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = runtime.block_on(prompts("{\"a\":1}\n", "{{ debug() }}")).unwrap_err();
    assert!(error.to_string().contains("debug"), "{error}");
}

#[tokio::test]
async fn each_row_has_its_own_prompt_whatever_the_lengths_of_its_neighbors_are() {
    // Neighbors share memory up to 16 KiB. `ß` has two bytes.
    let lengths = [1, 0, 8_191, 1, 16_384, 16_383, 1, 16_385, 0, 40_000, 3, 16_384, 0];
    let texts: Vec<_> =
        lengths.iter().enumerate().map(|(at, length)| format!("{at} {}", "ß".repeat(length / 2))).collect();
    let rows = texts.iter().map(|text| format!("{{\"text\":\"{text}\"}}\n"));
    assert_eq!(prompts(&rows.collect::<String>(), "{{ text }}").await.unwrap(), texts);
}

#[tokio::test]
async fn a_prompt_without_a_column_is_refused() {
    // In Python, single braces would do.
    let files = Files::with_rows(3);
    let driver = echo();
    let batch = Batch::new(driver.clone()).with_prompt("Classify: {text}").unwrap();
    let error = files.run(&batch).await.unwrap_err().to_string();
    assert!(error.contains("Classify: {text}") && error.contains("{{ text }}"), "{error}");
    assert!(batch.estimate(&files.table(), &files.sink()).await.is_err() && driver.requests().is_empty());
    let report = files.run(&batch.clone().with_repeats(true)).await.unwrap();
    assert_eq!((report.answered, driver.requests().len()), (3, 3));
    let with_system = Batch::new(driver).with_prompt("Classify.").unwrap().with_system("{{ text }}").unwrap();
    assert_eq!(files.run(&with_system.restart()).await.unwrap().answered, 3);
}

#[tokio::test]
async fn a_template_that_renders_for_no_row_is_refused_before_the_journal_is_touched() {
    let files = Files::with_rows(3);
    let report = files.run(&batch(&echo())).await.unwrap();
    let journal = files.journal();
    for template in ["{{ text | nofilter }}", "{{ nofunction(text) }}", "{{ text is notest }}"] {
        let driver = echo();
        let wrong = Batch::new(driver.clone()).with_prompt(template).unwrap();
        let error = files.run(&wrong.restart()).await.unwrap_err();
        assert_eq!(error.category(), botticelli_error::ErrorCategory::Data, "{template}: {error}");
        assert_eq!((files.journal(), driver.requests().len()), (journal.clone(), 0), "{template}");
    }
    assert_eq!(report.answered, 3);
}
