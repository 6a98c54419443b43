//! The configuration: profiles, origins, folders.

use crate::program::{Home, Run, Server};
use botticelli::sandbox::Sandbox;

const CONFIG: &str = "\
[llm]
model = \"openai/gpt-oss-20b\"
[llm.generation]
max_tokens = 40
temperature = 0.5

[profile.exact.generation]
temperature = 0
";

const PLACE: &str = ".config/botticelli/config.toml";

fn show(home: &Home, arguments: &[&str]) -> serde_json::Value {
    home.run(&[&["config", "show", "--json"], arguments].concat()).json()
}

#[test]
fn a_profile_overrides_the_file_and_options_override_both() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    home.file(PLACE, CONFIG);
    home.run(&["hi"]);
    home.run(&["--profile", "exact", "hi"]);
    home.run(&["--profile", "exact", "-o", "temperature=1", "hi"]);
    let sent: Vec<_> = server
        .bodies()
        .iter()
        .map(|body| (body["temperature"].as_f64().unwrap(), body["max_tokens"].as_u64().unwrap()))
        .collect();
    assert_eq!(sent, [(0.5, 40), (0.0, 40), (1.0, 40)]);
}

#[test]
fn every_value_has_an_origin() {
    let home = Home::new();
    let path = home.file(PLACE, CONFIG);
    let json = show(&home, &["--profile", "exact"]);
    let origin = |key: &str| json[key]["origin"].as_str().unwrap().to_owned();
    assert_eq!(origin("llm.provider"), "default");
    assert_eq!(origin("llm.model"), format!("{}:2", path.display()));
    assert_eq!(origin("llm.generation.max_tokens"), format!("{}:4", path.display()));
    assert_eq!(origin("llm.generation.temperature"), format!("{}:8", path.display()));
}

#[test]
fn variables_name_the_file_and_the_profile() {
    let home = Home::new().with("BOTTICELLI_PROFILE", "exact").with("BOTTICELLI_CONFIG", "own.toml");
    home.file("own.toml", CONFIG);
    assert_eq!(show(&home, &[])["llm.generation.temperature"]["value"], 0);
    let home = Home::new();
    let home_config = home.path().join("xdg").display().to_string();
    home.file("xdg/botticelli/config.toml", "[llm]\nmodel = \"a/b\"");
    assert_eq!(show(&home.with("XDG_CONFIG_HOME", &home_config), &[])["llm.model"]["value"], "a/b");
}

#[test]
fn a_mistake_has_file_line_and_key() {
    let mistakes = [
        ("[llm]\nmodle = \"x\"", "config.toml, line 2, `llm.modle`: unknown key. Did you mean `model`?"),
        (
            "[llm]\n[profile.a.generation]\ntemperature = \"hot\"",
            "line 3, `profile.a.generation.temperature`",
        ),
        ("[lm]\n", "line 1, `lm`: unknown table"),
        ("[llm\n", "line 1"),
        ("[llm.budget]\nper_day = \"5 EUR\"", "line 2, `llm.budget.per_day`"),
    ];
    for (text, words) in mistakes {
        let home = Home::new();
        home.file(PLACE, text);
        let run = home.run(&["config", "check"]);
        assert_eq!(run.code, 3, "{run:?}");
        assert!(run.err.contains(words), "{words} is not in {run:?}");
    }
}

/// A file whose limits refuse every call is not valid.
#[test]
fn impossible_layers_are_refused_with_their_line() {
    let mistakes = [
        ("[llm.rate_limit]\nrequests_per_minute = 0", ":2: RateLimit: `requests_per_minute` cannot be 0"),
        ("[llm.budget]\nper_month = 1\nper_call = 2", ":3: Budget: `per_call` cannot be $2.00"),
        ("[llm.budget]\naccount = \"a\"", "config.toml: Budget: `per_month` is missing"),
        ("[llm.cache]\nmax_bytes = 0", ":2: Cache: `max_bytes` cannot be 0"),
        ("[llm]\nlayers = [\"cache\", \"cache\"]\n[llm.cache]", ":2: `layers`: it names `cache` twice"),
        ("[profile.a.rate_limit]\nmax_in_flight = 0", ":2: RateLimit: `max_in_flight` cannot be 0"),
    ];
    for (text, words) in mistakes {
        let home = Home::new();
        home.file(PLACE, text);
        let run = home.run(&["config", "check"]);
        assert_eq!(run.code, 3, "{text}: {run:?}");
        assert!(run.err.contains(words), "{words} is not in {run:?}");
    }
    // Nothing is opened or created.
    let home = Home::new();
    home.file(PLACE, "[llm.budget]\nper_month = 1\nledger = \"~/l\"\n[llm.cache]\nstore = \"~/c\"\n");
    assert_eq!(home.run(&["config", "check"]).code, 0);
    assert!(!home.path().join("l").exists() && !home.path().join("c").exists());
}

#[test]
fn a_missing_profile_or_file_is_named() {
    let home = Home::new();
    let run = home.run(&["--profile", "x", "hi"]);
    assert!(run.code == 3 && run.err.contains("profile `x`"), "{run:?}");
    home.file(PLACE, CONFIG);
    let run = home.run(&["--profile", "x", "hi"]);
    assert!(run.code == 3 && run.err.contains("Choose one of `exact`"), "{run:?}");
    let run = home.run(&["--config", "missing.toml", "hi"]);
    assert!(run.code == 3 && run.err.contains("missing.toml"), "{run:?}");
}

#[test]
fn init_writes_a_valid_file_once() {
    let home = Home::new();
    assert_eq!(home.run(&["config", "init"]).code, 0);
    assert_eq!(home.run(&["config", "check"]).code, 0);
    let written = std::fs::read_to_string(home.path().join(PLACE)).unwrap();
    let again = home.run(&["config", "init"]);
    assert!(again.code == 3 && again.err.contains("exists already"), "{again:?}");
    // Every commented line is valid too.
    let all: String = written
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(setting) if setting.starts_with('[') || setting.contains(" = ") => format!("{setting}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    home.file(PLACE, all);
    let run = home.run(&["config", "check"]);
    assert!(run.code == 0 && run.out.contains("offline"), "{run:?}");
}

#[test]
fn auth_names_the_place_and_the_owner_of_the_token_and_never_the_token() {
    let token = "hf_secretsecretsecretsecretsecret";
    let server = Server::start(Sandbox::builder().with_token(token));
    let hub = server.sandbox().hub_url();
    let home = Home::new().with("HF_TOKEN", token).with("HF_ENDPOINT", hub);
    let run = home.run(&["auth"]);
    assert!(run.code == 0 && run.out.contains("the variable HF_TOKEN"), "{run:?}");
    assert!(
        run.out.contains("owner   sandbox\n") && run.out.contains("inference.serverless.write"),
        "{run:?}"
    );
    let home = Home::new().with("HF_ENDPOINT", hub);
    home.file(".cache/huggingface/token", token);
    let from_file = home.run(&["auth"]);
    assert!(from_file.code == 0 && from_file.out.contains(".cache/huggingface/token"), "{from_file:?}");
    let named = Home::new().with("MINE", token).with("HF_ENDPOINT", hub);
    named.file("c.toml", "[llm.auth]\napi_key_env = \"MINE\"");
    let named = named.run(&["--config", "c.toml", "auth"]);
    assert!(named.code == 0 && named.out.contains("the variable MINE"), "{named:?}");
    let show = home.run(&["config", "show"]);
    for run in [run, from_file, named, show, home.run(&["doctor", "--sandbox", "-vv"])] {
        assert!(!run.out.contains(token) && !run.err.contains(token), "{run:?}");
    }
    assert_eq!(Home::new().run(&["auth"]).code, 3);
    assert_eq!(Home::new().with("HF_TOKEN", "hf_wrong").with("HF_ENDPOINT", hub).run(&["auth"]).code, 3);
}

#[test]
fn doctor_has_a_line_for_each_part() {
    let run = Home::new().run(&["doctor", "--sandbox"]);
    assert_eq!(run.code, 0, "{run:?}");
    for part in ["configuration", "proxy", "token", "local engine", "driver", "network", "catalog", "model"] {
        assert!(run.out.contains(&format!("ok  {part}")), "{part} is not in {run:?}");
    }
    let run = Home::new().run(&["doctor"]);
    assert!(run.code == 3 && run.out.contains("NO  driver"), "{run:?}");
}

fn without_home(arguments: &[&str]) -> Run {
    Run::of(Home::new().command(arguments).env_remove("HOME").output().unwrap())
}

#[test]
fn an_answer_needs_no_home() {
    assert_eq!(without_home(&["--sandbox", "hi"]).code, 0);
    let run = without_home(&["-c", "--sandbox", "hi"]);
    assert!(run.code == 3 && run.err.contains("XDG_STATE_HOME"), "{run:?}");
    assert_eq!(without_home(&["config", "path"]).code, 3);
    let server = Server::start(Sandbox::builder());
    let output = Home::at(&server).command(&["hi"]).env_remove("HOME").output().unwrap();
    assert_eq!(Run::of(output).code, 0);
}

#[test]
fn an_answer_needs_no_home_that_can_be_written() {
    let server = Server::start(Sandbox::builder());
    let run = Home::at(&server).with("HOME", "/proc/self").run(&["hi"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{run:?}");
}

#[test]
fn cached_answers_are_sent_once() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    let first = home.run(&["--cache", "on", "hi"]);
    let second = home.run(&["--cache", "on", "hi"]);
    assert_eq!((first.code, &first.out), (0, &second.out), "{first:?}");
    assert_eq!(server.bodies().len(), 1);
    home.run(&["hi"]);
    assert_eq!(server.bodies().len(), 2);
}

#[test]
fn the_cache_can_answer_alone_or_be_refreshed() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server);
    let unknown = home.run(&["--cache", "only", "hi"]);
    assert!(unknown.code == 1 && unknown.err.contains("no response to this request"), "{unknown:?}");
    assert_eq!(server.bodies().len(), 0);
    let first = home.run(&["--cache", "on", "hi"]);
    assert_eq!(home.run(&["--cache", "only", "hi"]).out, first.out);
    assert_eq!(server.bodies().len(), 1);
    assert_eq!(home.run(&["--cache", "refresh", "hi"]).code, 0);
    assert_eq!(server.bodies().len(), 2);
    assert_eq!(home.run(&["--cache", "only", "hi"]).code, 0);
    assert_eq!(server.bodies().len(), 2);
}

#[test]
fn another_locale_changes_nothing_and_a_broken_argument_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    for locale in ["C", "POSIX", "de_DE.ISO-8859-1"] {
        let run = Home::new().with("LANG", locale).with("LC_ALL", locale).run(&["--sandbox", "Grüße"]);
        assert!(run.code == 0 && run.out.contains("“Grüße”"), "{run:?}");
    }
    let home = Home::new();
    let mut command = home.command(&["--sandbox"]);
    command.arg(std::ffi::OsStr::from_bytes(b"sal\xe9"));
    let run = Run::of(command.output().unwrap());
    assert!(run.code == 2 && run.err.contains("UTF-8"), "{run:?}");
}
