//! What the present credentials lack, as Resource Manager tells it.

use serde_json::{Value, json};

use crate::{
    run::program,
    stub::{Reply, Request, Stub},
};

/// What the program says of a source, and how it ends.
fn check(source: &str, stub: &Stub, more: &[&str]) -> (Option<i32>, String) {
    let mut command = program(&stub.endpoint());
    let output = command.args(["permissions", source, "--check"]).args(more).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), said)
}

fn asked(request: &Request) -> Vec<String> {
    let body: Value = serde_json::from_str(&request.body).expect("JSON");
    serde_json::from_value(body["permissions"].clone()).expect("a list")
}

/// Grants all but those with these words in them.
fn all_but(words: &'static [&'static str]) -> Stub {
    Stub::start(move |request, _| {
        let mut held = asked(request);
        held.retain(|it| !words.iter().any(|word| it.contains(word)));
        Reply::ok(if held.is_empty() { json!({}) } else { json!({ "permissions": held }) })
    })
}

#[test]
fn credentials_that_hold_everything_are_said_to() {
    let stub = all_but(&[]);
    for (source, node) in [
        ("gcp:projects/shop", "projects/shop"),
        ("gcp:folders/12", "folders/12"),
        ("gcp:organizations/3", "organizations/3"),
    ] {
        let (code, said) = check(source, &stub, &[]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("permissions, all held"), "{said}");
        assert!(stub.count(&format!("POST cloudresourcemanager/v3/{node}:testIamPermissions")) > 0, "{node}");
    }
    let above = |request: &Request| asked(request).iter().any(|it| it == "resourcemanager.folders.getIamPolicy");
    let of = |node: &'static str| stub.seen().into_iter().filter(move |it| it.path.contains(node)).any(|it| above(&it));
    assert!(of("folders/12") && of("organizations/3") && !of("projects/shop"));
}

#[test]
fn what_is_lacking_is_named_with_the_rules_that_hang_on_it() {
    let (code, said) = check("gcp:projects/shop", &all_but(&["compute.routers.list", "getIamPolicy"]), &[]);
    assert_eq!(code, Some(3), "{said}");
    let line = said.lines().find(|line| line.contains("compute.routers.list")).expect("it is lacking");
    assert!(line.contains("not evaluated without it: ") && line.contains(" more rules"), "{said}");
    assert!(said.contains("resourcemanager.projects.getIamPolicy") && !said.contains("run.services.list"), "{said}");
    // Of one rule, only what that hangs on.
    let (code, said) = check("gcp:projects/shop", &all_but(&["getIamPolicy"]), &["--rule", "deprecated-runtime"]);
    assert_eq!((code, said.contains("4 permissions, all held")), (Some(0), true), "{said}");
}

#[test]
fn one_permission_that_cannot_be_tested_does_not_hide_the_others() {
    let stub = Stub::start(|request, _| {
        let held = asked(request);
        if held.iter().any(|it| it.starts_with("iap.")) {
            return Reply::error(
                400,
                "INVALID",
                "Permission iap.webServices.getIamPolicy is not valid for this resource.",
            );
        }
        let held: Vec<_> = held.into_iter().filter(|it| it != "run.jobs.list").collect();
        Reply::ok(json!({ "permissions": held }))
    });
    let (code, said) = check("gcp:projects/shop", &stub, &[]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("1 are lacking, and 1 could not be asked about"), "{said}");
    assert!(said.contains("not asked: 1 permission: ") && said.contains("is not valid for this resource"), "{said}");
}

#[test]
fn nothing_is_held_or_lacking_where_nobody_answers() {
    let denied = Stub::start(|_, _| Reply::error(403, "IAM_PERMISSION_DENIED", "no"));
    let (code, said) = check("gcp:projects/shop", &denied, &[]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("could not be asked about") && !said.contains("lacking"), "{said}");
    let strangers = Stub::start(|_, _| Reply::error(401, "ACCESS_TOKEN_EXPIRED", "no"));
    let (code, said) = check("gcp:projects/shop", &strangers, &[]);
    assert_eq!((code, said.contains("hint: ")), (Some(2), true), "{said}");
    let odd = Stub::start(|_, _| Reply::ok(json!({ "permissions": "all" })));
    let (code, said) = check("gcp:projects/shop", &odd, &[]);
    assert_eq!((code, said.contains("malformed")), (Some(3), true), "{said}");
}
