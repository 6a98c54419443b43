//! Fault names, descriptions and FAULTS.md.

use std::collections::HashSet;

use botticelli_sandbox::{Fault, FaultGroup, UnknownFault};

#[test]
fn there_are_many_faults_and_every_group_has_some() {
    assert!(Fault::all().count() > 150);
    for group in FaultGroup::ALL {
        assert!(Fault::all().any(|fault| fault.group() == *group), "{group}");
    }
}

#[test]
fn names_are_unique_and_in_kebab_case() {
    let mut seen = HashSet::new();
    for fault in Fault::all() {
        let name = fault.name();
        assert!(seen.insert(name.to_owned()), "{name} appears twice");
        let is_kebab = name.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
        assert!(is_kebab, "{name}");
    }
}

#[test]
fn descriptions_are_unique_short_sentences() {
    let mut seen = HashSet::new();
    for fault in Fault::all() {
        let sentence = fault.describe();
        assert!(seen.insert(sentence.to_owned()), "{fault}");
        assert!(sentence.ends_with('.') && sentence.chars().count() < 120, "{fault}: {sentence}");
        assert!(!sentence.contains(['|', '\n']), "{fault}: {sentence}");
    }
}

#[test]
fn every_fault_parses_from_its_display() {
    for fault in Fault::all() {
        assert_eq!(Fault::named(fault.name()), Ok(fault));
        assert_eq!(fault.to_string().parse(), Ok(fault));
        assert_eq!(format!("{fault:?}"), format!("Fault({fault})"));
    }
}

#[test]
fn faults_with_different_numbers_differ() {
    let three = Fault::named("cut-after-events=3").unwrap();
    assert_eq!((three.name(), three.number()), ("cut-after-events", Some(3)));
    assert_eq!(three, Fault::cut_after(3));
    assert_ne!(three, Fault::cut_after(4));
    assert_ne!(three, Fault::end_after(3));
    assert_eq!(Fault::named("crlf").unwrap().number(), None);
}

#[test]
fn constructors_equal_parsed_names() {
    for (made, word) in [
        (Fault::cut_after(7), "cut-after-events=7"),
        (Fault::end_after(7), "end-after-events=7"),
        (Fault::silence_after(7), "silence-after-events=7"),
        (Fault::error_after(7), "error-after-events=7"),
        (Fault::status(418), "status=418"),
        (Fault::retry_after(7), "retry-after-429=7"),
    ] {
        assert_eq!(made.to_string(), word);
        assert_eq!(Fault::named(word), Ok(made));
    }
}

#[test]
fn an_unknown_name_suggests_the_nearest_fault() {
    let wrong = |word: &str| Fault::named(word).unwrap_err().to_string();
    for (word, nearest) in
        [("cut-after-event", "cut-after-events"), ("CRLF", "crlf"), ("overloaded", "overloaded-429")]
    {
        assert_eq!(
            wrong(word),
            format!(
                "unknown fault `{word}`: did you mean `{nearest}`? `Fault::all()` and \
                 `botticelli_sandbox --list-faults` list them all"
            )
        );
    }
    assert_eq!(wrong("crlf=2"), "fault `crlf=2`: this one takes no number");
    for word in ["cut-after-events=", "cut-after-events=-1", "cut-after-events=x", "cut-after-events=1000001"]
    {
        assert_eq!(wrong(word), format!("fault `{word}`: the number must be a whole one from 0 to 1000000"));
    }
    assert!(wrong("status=99").ends_with("from 200 to 599"));
}

#[test]
fn the_error_is_send_and_sync() {
    fn passable<T: std::error::Error + Send + Sync + 'static>() {}
    passable::<UnknownFault>();
}

#[test]
fn faults_md_lists_every_fault_once_in_order() {
    let page = include_str!("../../FAULTS.md");
    let listed: Vec<_> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let expected = FaultGroup::ALL.iter().flat_map(|group| {
        Fault::all().filter(move |fault| fault.group() == *group).map(|fault| {
            let mark = if fault.is_harmless() { "✓" } else { "" };
            format!("| `{fault}` | {mark} | {} |", fault.describe())
        })
    });
    assert_eq!(listed, expected.collect::<Vec<_>>());
    for group in FaultGroup::ALL {
        assert!(page.to_lowercase().contains(&format!("\n## {group}\n")), "{group}");
    }
}
