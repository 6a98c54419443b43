//! Errors about the tables `[[llm.fallback]]` name that table, and its line.

use botticelli::{BotticelliErrorKind, config_from_toml, driver_from_config};
use std::io::Write;

/// Returns the message, the key and the line of the error about these tables.
fn error(tables: &str) -> (String, Option<String>, Option<usize>) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let text = "[llm]\nprovider = \"huggingface\"\nmodel = \"org/model\"\n[llm.huggingface]\n\
                base_url = \"http://127.0.0.1:1/v1\"\nbill_to = \"org\"\n";
    file.write_all(format!("{text}{tables}\n").as_bytes()).unwrap();
    let error = driver_from_config(file.path()).unwrap_err();
    let BotticelliErrorKind::Config(config) = error.kind() else { panic!("{error}") };
    (error.to_string(), config.key().map(str::to_owned), config.line())
}

#[test]
fn an_error_about_a_route_has_the_line_of_its_table() {
    let route = "[[llm.fallback]]\nmodel = \"org/other\"\n";
    for (tables, key, line, words) in [
        (format!("{route}base_url = \"nowhere\""), "base_url", Some(9), "is not a URL"),
        (format!("{route}bill_to = \"\""), "bill_to", Some(9), "organization name"),
        (
            format!("{route}api_key_env = \"\""),
            "api_key_env",
            Some(9),
            "not a name of an environment variable",
        ),
        ("[[llm.fallback]]\nmodel = \"\"".to_owned(), "model", Some(8), "it is empty"),
        // The line is not known if several routes have the key.
        (
            format!("{route}base_url = \"http://127.0.0.1:2\"\n{route}base_url = \"nowhere\""),
            "base_url",
            None,
            "URL",
        ),
    ] {
        let (message, found, at) = error(&tables);
        assert_eq!((found, at), (Some(format!("llm.fallback.{key}")), line), "{message}");
        assert!(message.contains(words), "{message}");
    }
    let (message, key, _) = error(&format!("{route}max_tokens = 1"));
    assert_eq!(key.as_deref(), Some("llm.fallback"), "{message}");
    assert!(message.contains("unknown field `max_tokens`"), "{message}");
}

#[test]
fn an_error_about_a_value_that_is_a_token_does_not_show_it() {
    let token = "hf_abcdefghijklmnopqrstuvwxyz";
    for table in [
        format!("[[llm.fallback]]\nmodel = \"a/b\"\non = [\"{token}\"]"),
        format!("[[llm.fallback]]\nmodel = \"a/b\"\napi_key_env = \"{token}\""),
        format!("[llm.budget]\nper_month = \"{token}\""),
    ] {
        let (message, ..) = error(&table);
        assert!(!message.contains("abcdefgh"), "{message}");
    }
}

#[test]
fn an_error_about_an_amount_has_one_remedy() {
    for (amount, words) in [
        ("nan", "because it is not a decimal number. Write dollars, for example \"0.10\"."),
        ("-3", "`-3` is not an amount, because it is negative. Give 0 or more."),
        ("1e-10", "because it has more than nine decimals. Round it to whole nano-dollars."),
        ("\"3 EUR\"", "because it is not a number of US dollars. Convert it to US dollars"),
    ] {
        let text =
            format!("[llm]\nprovider = \"huggingface\"\nmodel = \"m\"\n[llm.budget]\nper_month = {amount}");
        let error = config_from_toml(&text).unwrap_err().to_string();
        assert!(error.contains("`llm.budget.per_month`: ") && error.contains(words), "{error}");
    }
}
