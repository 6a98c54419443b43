//! Documents: help, completions, manual pages, and the commands of the guide.

use crate::program::{Home, Server};
use botticelli::sandbox::Sandbox;
use std::path::Path;
use std::process::Command;

/// The commands in the blocks `sh` of a document.
fn shell_blocks(text: &str) -> Vec<&str> {
    let blocks = text.split("```sh\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap()).collect()
}

#[test]
fn every_command_of_the_guide_runs() {
    let server = Server::start(Sandbox::builder());
    let home = Home::new();
    let program = env!("CARGO_BIN_EXE_botticelli");
    // The tasks are at the router, whose address the sandbox does not have. Its own process has one.
    let wrapper = format!(
        "#!/bin/sh\ncase $1 in classify|image) set -- \"$@\" --sandbox;; esac\nexec {program} \"$@\"\n"
    );
    let path = home.file("bin/botticelli", wrapper);
    make_executable(&path);
    let blocks = shell_blocks(include_str!("../../README.md"));
    assert!(blocks.len() >= 5, "{blocks:?}");
    for block in blocks {
        let output = Command::new("sh")
            .args(["-ec", block])
            .env_clear()
            .env("HOME", home.path())
            .env("PATH", format!("{}:/usr/bin:/bin", path.parent().unwrap().display()))
            .env("HF_TOKEN", Sandbox::TOKEN)
            .env("HUGGINGFACE_BASE_URL", server.sandbox().base_url())
            .env(
                "XDG_CONFIG_HOME",
                home.file("config/botticelli/config.toml", "[llm.huggingface]\ncatalog_prices = true\n")
                    .parent()
                    .unwrap()
                    .parent()
                    .unwrap(),
            )
            .current_dir(home.path())
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        let run = crate::program::Run::of(output);
        assert_eq!(run.code, 0, "{block}: {run:?}");
    }
    let labels = std::fs::read_to_string(home.path().join("labels.csv")).unwrap();
    assert!(labels.starts_with("id,text,mood,error\n1,Strong colors,good,\n"), "{labels}");
}

#[test]
fn the_commands_of_the_first_page_label_a_table_without_a_token() {
    let home = Home::new();
    let blocks = shell_blocks(include_str!("../../../../README.md"));
    let block = blocks.iter().find(|block| block.contains("batch run")).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_botticelli")).parent().unwrap();
    let output = Command::new("sh")
        .args(["-ec", block])
        .env_clear()
        .env("HOME", home.path())
        .env("PATH", format!("{}:/usr/bin:/bin", program.display()))
        .current_dir(home.path())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let run = crate::program::Run::of(output);
    assert_eq!((run.code, run.out.lines().count()), (0, 3), "{run:?}");
    assert!(run.out.starts_with("id,text,mood,error\n1,Strong colors,good,\n"), "{run:?}");
}

fn make_executable(path: &Path) {
    let done = Command::new("chmod").arg("+x").arg(path).status().unwrap();
    assert!(done.success());
}

#[test]
fn help_fits_on_a_screen() {
    let run = Home::new().run(&["--help"]);
    assert_eq!(run.code, 0);
    assert!(run.out.lines().count() <= 43, "{}", run.out.lines().count());
    assert!(run.out.lines().all(|line| line.len() <= 100), "{}", run.out);
}

#[test]
fn every_command_has_help_completions_and_a_page() {
    let home = Home::new();
    let pages = home.path().join("man");
    assert_eq!(home.run(&["man", "-d", "man"]).code, 0);
    let shells =
        ["bash", "zsh", "fish", "powershell", "elvish"].map(|shell| home.run(&["completions", shell]).out);
    for command in botticelli_cli::command().get_subcommands() {
        let name = command.get_name();
        assert_eq!(home.run(&[name, "--help"]).code, 0, "{name}");
        assert!(pages.join(format!("botticelli-{name}.1")).exists(), "{name}");
        assert!(shells.iter().all(|script| script.contains(name)), "{name}");
    }
    assert!(home.run(&["man"]).out.contains(".TH botticelli 1"));
}

#[test]
fn a_call_without_words_and_without_a_pipe_is_wrong_usage() {
    let run = Home::new().run(&[]);
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{run:?}");
}

#[test]
fn a_typo_in_an_option_names_the_right_one() {
    let run = Home::new().run(&["--sandbx", "hi"]);
    assert!(run.code == 2 && run.err.contains("--sandbox"), "{run:?}");
}
