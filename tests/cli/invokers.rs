//! Who may call one workload, and whether one principal may.

use serde_json::Value;

use crate::program::{egress_audit, folder, printed, said, scenario};

/// The exit code and the answer for one principal.
fn by(name: &str, workload: &str, principal: &str) -> (Option<i32>, Value) {
    let arguments = ["invokers", workload, &scenario(name), "--by", principal, "--format", "json"];
    let output = egress_audit(folder().path(), &arguments);
    (output.status.code(), serde_json::from_str(&printed(&output)).expect("JSON"))
}

fn answers(name: &str, workload: &str, cases: &[(&str, &str, &str)]) {
    for (principal, answer, because) in cases {
        let (code, found) = by(name, workload, principal);
        let reasons = found["because"].to_string() + &found["gaps"].to_string();
        assert_eq!(found["may_call"], *answer, "{name} {principal}: {found}");
        assert!(reasons.contains(because), "{name} {principal}: {reasons}");
        assert_eq!(code, Some(if *answer == "unknown" { 3 } else { 0 }), "{name} {principal}");
    }
}

#[test]
fn in_one_account_either_side_is_enough_and_any_denial_too_much() {
    answers(
        "callers-by-both-sides",
        "orders",
        &[
            ("arn:aws:iam::123456789012:role/caller", "yes", "its own policies allow lambda:InvokeFunction: own"),
            ("arn:aws:sts::123456789012:assumed-role/caller/ci", "yes", "its own policies allow"),
            ("arn:aws:iam::123456789012:role/silent", "no", "none of its own policies allows it"),
            ("arn:aws:iam::123456789012:role/refused", "no", "a policy of its own denies it: own"),
            ("arn:aws:iam::123456789012:role/denied", "no", "statement not-denied of the policy"),
            ("arn:aws:iam::123456789012:role/nobody", "no", "nobody of that name"),
            ("123456789012", "yes", "the root user"),
            ("arn:aws:iam::123456789012:root", "yes", "the root user"),
        ],
    );
}

#[test]
fn a_boundary_holds_back_a_role_that_the_function_names_and_not_a_user() {
    answers(
        "callers-by-both-sides",
        "orders",
        &[
            ("arn:aws:iam::123456789012:role/bounded", "no", "its permissions boundary"),
            ("arn:aws:iam::123456789012:user/walker", "yes", "statement named"),
        ],
    );
}

#[test]
fn across_accounts_the_other_account_has_to_allow_it_too() {
    answers(
        "callers-by-both-sides",
        "orders",
        &[
            ("arn:aws:iam::111122223333:role/feed", "unknown", "111122223333 must allow it too"),
            ("arn:aws:iam::111122223333:role/other", "no", "no statement of the function's policies allows it"),
        ],
    );
    answers("named-callers", "orders", &[("111122223333", "yes", "statement partner")]);
}

#[test]
fn services_and_strangers_are_principals_too() {
    answers(
        "service-with-source",
        "orders",
        &[
            ("s3.amazonaws.com", "yes", "for the sources that its conditions name"),
            ("sns.amazonaws.com", "no", "no statement of its policies allows it"),
        ],
    );
    answers("service-without-source", "orders", &[("s3.amazonaws.com", "yes", "for any source")]);
    answers(
        "public-url",
        "orders",
        &[
            ("anonymous", "yes", "anyone on the internet may"),
            ("arn:aws:iam::111122223333:role/other", "yes", "anyone on the internet may"),
        ],
    );
    answers("sound", "orders", &[("anonymous", "no", "no door lets anyone in")]);
}

#[test]
fn what_was_not_read_makes_the_answer_unknown() {
    let caller = "arn:aws:iam::123456789012:role/caller";
    answers("identities-denied", "orders", &[(caller, "unknown", "GetAccountAuthorizationDetails")]);
    answers("denied-policy", "orders", &[(caller, "unknown", "GetPolicy")]);
    answers("gcp-folder-policy-unread", "orders", &[("ops@example.com", "unknown", "denied")]);
}

#[test]
fn on_google_cloud_the_answer_follows_chains_and_circles() {
    answers(
        "gcp-chain-of-two-accounts",
        "orders",
        &[
            ("checkout@shop-prod.iam.gserviceaccount.com", "yes", "roles/run.servicesInvoker on it"),
            (
                "serviceAccount:far@client-project.iam.gserviceaccount.com",
                "yes",
                "it can become serviceAccount:checkout@",
            ),
            ("ops@example.com", "no", "no grant of run.routes.invoke holds it"),
            ("allUsers", "no", "no door lets anyone in"),
        ],
    );
    answers(
        "gcp-any-google-account-invokes",
        "orders",
        &[("anyone@example.org", "yes", "allAuthenticatedUsers holds")],
    );
    answers(
        "gcp-organisation-invoker-of-whole-domain",
        "orders",
        &[("ops@example.com", "yes", "domain:example.com holds"), ("ops@example.org", "no", "no grant")],
    );
}

#[test]
fn the_own_side_is_listed_or_said_to_be_unread() {
    let list = |name: &str, format: &str| {
        printed(&egress_audit(folder().path(), &["invokers", "orders", &scenario(name), "--format", format]))
    };
    let text = list("callers-by-both-sides", "text");
    assert!(text.contains("own side   arn:aws:iam::123456789012:role/caller   by own"), "{text}");
    let json: Value = serde_json::from_str(&list("callers-by-both-sides", "json")).expect("JSON");
    let own = json["invokers"].as_array().expect("a list").iter().find(|it| it["via"][0]["kind"] == "identity-policy");
    assert_eq!(own.expect("it is listed")["principal"], "arn:aws:iam::123456789012:role/caller");
    let unread = list("identities-denied", "text");
    assert!(unread.contains("only the function's policies are"), "{unread}");
}

#[test]
fn what_is_no_principal_is_refused_with_the_forms_that_are() {
    for (name, wanted) in
        [("sound", "arn:aws:iam::ACCOUNT:role/NAME"), ("gcp-chain-of-two-accounts", "serviceAccount:A")]
    {
        let output = egress_audit(folder().path(), &["invokers", "orders", &scenario(name), "--by", "nonsense"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains(wanted), "{}", said(&output));
    }
}
