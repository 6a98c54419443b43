//! A real engine, such as `llama-server` (`just test-engine`).

use crate::program::Home;

/// Returns a home and the options for the engine that the environment names.
fn engine() -> (Home, Vec<String>) {
    let variable = |name: &str| std::env::var(name).ok();
    let url =
        variable("BOTTICELLI_ENGINE_URL").unwrap_or_else(|| panic!("BOTTICELLI_ENGINE_URL names no server"));
    let model = variable("BOTTICELLI_ENGINE_MODEL")
        .unwrap_or_else(|| panic!("BOTTICELLI_ENGINE_MODEL names no model"));
    let home = match variable("BOTTICELLI_ENGINE_KEY") {
        Some(key) => Home::new().with("HUGGINGFACE_API_TOKEN", &key),
        None => Home::new(),
    };
    (home, vec!["--endpoint".to_owned(), url, "-m".to_owned(), model])
}

#[test]
#[ignore = "needs a server: set BOTTICELLI_ENGINE_URL and BOTTICELLI_ENGINE_MODEL"]
fn an_engine_answers_streams_and_fills_a_schema() {
    let (home, options) = engine();
    let run = |arguments: &[&str]| {
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let run = home.run(&[&options[..], &["-o", "max_tokens=60"], arguments].concat());
        assert!(matches!(run.code, 0 | 7), "{run:?}");
        run
    };
    assert!(!run(&["-o", "temperature=0", "Say hello"]).out.trim().is_empty());
    assert!(run(&["--no-stream", "-u", "Say hello"]).err.contains("completion tokens"));
    assert!(run(&["--json", "Say hello"]).json()["usage"]["completion_tokens"].as_u64() > Some(0));
    let typed = run(&["--schema", "color red|blue", "The sky is blue. Which color has it?"]);
    assert!(matches!(typed.json()["color"].as_str(), Some("red" | "blue")), "{typed:?}");
    let doctor = home.run(&["doctor", "--endpoint", &options[1], "-m", &options[3]]);
    assert!(doctor.out.contains("ok  network"), "{doctor:?}");
}
