//! Documents: help, completions, manual pages, and the commands of the guide.

use crate::program::Home;

#[test]
fn help_fits_on_a_screen() {
    let run = Home::new().run(&["--help"]);
    assert_eq!(run.code, 0);
    assert!(run.out.lines().count() <= 45, "{}", run.out.lines().count());
    assert!(run.out.lines().all(|line| line.len() <= 100), "{}", run.out);
}

#[test]
fn every_command_has_help_completions_and_a_page() {
    let home = Home::new();
    let pages = home.path().join("man");
    assert_eq!(home.run(&["man", "-d", "man"]).code, 0);
    for command in botticelli_cli::command().get_subcommands() {
        let name = command.get_name();
        assert_eq!(home.run(&[name, "--help"]).code, 0, "{name}");
        assert!(pages.join(format!("botticelli-{name}.1")).exists(), "{name}");
        for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
            assert!(home.run(&["completions", shell]).out.contains(name), "{name} in {shell}");
        }
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
