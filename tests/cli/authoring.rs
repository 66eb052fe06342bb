//! A rule of one's own, from the skeleton to a report; and the manual.

use std::{collections::BTreeSet, fs};

use crate::program::{egress_audit, folder, printed, said, scenario};

#[test]
fn a_new_rule_passes_its_cases_and_is_evaluated_as_it_is() {
    let folder = folder();
    let made = egress_audit(folder.path(), &["rules", "new", "my-rule", "--dir", "mine/network"]);
    assert_eq!(made.status.code(), Some(0), "{}", said(&made));
    assert_eq!(printed(&made), "mine/network/my-rule.yaml\nmine/network/my-rule.test.yaml\n");
    let tested = egress_audit(folder.path(), &["rules", "test", "mine"]);
    assert_eq!(printed(&tested), "4 passed, 0 failed\n");
    let cases = fs::read_to_string(folder.path().join("mine/network/my-rule.test.yaml")).expect("the cases");
    for verdict in ["expect: pass", "fail:", "not-evaluated:", "expect: not-applicable"] {
        assert!(cases.contains(verdict), "there is a case of `{verdict}`");
    }
    let source = scenario("sound");
    let arguments = ["report", &source, "--rules", "mine", "--format", "json", "--all", "--no-policy"];
    let report = egress_audit(folder.path(), &arguments);
    assert!(matches!(report.status.code(), Some(0 | 1)), "{}", said(&report));
    assert!(printed(&report).contains("\"my-rule\""), "the report has the rule");
}

#[test]
fn a_new_rule_overwrites_nothing_and_goes_by_a_name_that_is_free() {
    let folder = folder();
    let new = |id: &str| egress_audit(folder.path(), &["rules", "new", id]);
    fs::write(folder.path().join("mine.test.yaml"), "mine\n").expect("a file");
    let refused = new("mine");
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("is there already"), "{}", said(&refused));
    for (id, why) in [
        ("../escape", "kebab-case"),
        ("Camel", "kebab-case"),
        ("two\nlines: 1", "error"),
        ("anonymous-invocation", "anonymous-invocation"),
    ] {
        let refused = new(id);
        assert_eq!(refused.status.code(), Some(2), "{id}");
        assert!(said(&refused).contains(why), "{id}: {}", said(&refused));
    }
    let left: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(fs::read_to_string(folder.path().join("mine.test.yaml")).expect("a file"), "mine\n");
}

/// The commands that a help text lists.
fn commands(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    listed
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next().filter(|name| !name.is_empty()))
        .map(str::to_owned)
        .collect()
}

/// The pages that there must be: one for each command, found by asking for help.
fn expected(path: &[&str]) -> BTreeSet<String> {
    let folder = folder();
    let help = printed(&egress_audit(folder.path(), &[path, &["--help"]].concat()));
    let mut pages = BTreeSet::from([format!("{}.1", [&["egress-audit"], path].concat().join("-"))]);
    for command in commands(&help) {
        pages.extend(expected(&[path, &[command.as_str()]].concat()));
    }
    pages
}

#[test]
fn every_command_has_a_manual_page_with_its_name_use_and_options() {
    let folder = folder();
    let made = egress_audit(folder.path(), &["man", "share/man1"]);
    assert_eq!(made.status.code(), Some(0), "{}", said(&made));
    let pages = fs::read_dir(folder.path().join("share/man1")).expect("the pages");
    let pages: BTreeSet<_> =
        pages.map(|page| page.expect("a page").file_name().into_string().expect("a name")).collect();
    let expected = expected(&[]);
    assert!(expected.contains("egress-audit-rules-new.1") && expected.len() > 10, "{expected:?}");
    assert_eq!(pages, expected);
    for page in pages {
        let text = fs::read_to_string(folder.path().join("share/man1").join(&page)).expect("a page");
        let sections: Vec<_> = text.lines().filter_map(|line| line.strip_prefix(".SH ")).collect();
        assert!(sections.starts_with(&["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS"]), "{page}: {sections:?}");
        let name = page.strip_suffix(".1").expect("a page of section 1").replace('-', "\\-");
        assert!(text.contains(&format!(".SH NAME\n{name} \\- ")), "{page} says its name");
        assert!(
            text.contains(".TH egress-audit") && text.contains(env!("CARGO_PKG_VERSION")),
            "{page} says its version"
        );
        // A line that starts with a dot is a request, and these are all that such pages need.
        let requests = text.lines().filter_map(|line| line.strip_prefix('.')?.split(' ').next());
        for request in requests {
            assert!(
                ["TH", "SH", "TP", "br", "RS", "RE", "IP", "ie", "el", "PP"].contains(&request),
                "{page}: .{request}"
            );
        }
    }
}

#[test]
fn the_first_page_of_the_manual_goes_to_standard_output() {
    let folder = folder();
    let page = printed(&egress_audit(folder.path(), &["man"]));
    assert!(page.contains(".SH SUBCOMMANDS") && page.contains("exit codes:"), "{page}");
}
