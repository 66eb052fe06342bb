//! The main job on a real read: the built program reports on estates of the fake, and names exactly what is wrong.
#![expect(clippy::disallowed_methods, reason = "tests write an export")]

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::{Value, json};

use crate::fake::{Fake, estate_of, export_of, organisation_of};

const PROJECT: &str = "gcp:projects/shop-prod";
const ORGANIZATION: &str = "gcp:organizations/100200300400";

/// What the program said: its exit code, and the document.
struct Said {
    code: Option<i32>,
    document: Value,
    errors: String,
}

fn run(fake: &Fake, arguments: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_egress-audit"))
        .args(arguments)
        .args(["--format", "json"])
        .env_clear()
        .envs(fake.environment())
        .output()
        .expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let document = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"));
    Said { code: output.status.code(), document, errors }
}

fn report(fake: &Fake, sources: &[&str]) -> Said {
    run(fake, &[&["report", "--all"], sources].concat())
}

impl Said {
    fn evaluations(&self) -> impl Iterator<Item = &Value> {
        self.document["evaluations"].as_array().expect("a list").iter()
    }

    /// The rules with this verdict, once each.
    fn rules(&self, verdict: &str) -> BTreeSet<&str> {
        let all = self.evaluations().filter(|it| it["verdict"] == verdict);
        all.map(|it| it["rule"].as_str().expect("text")).collect()
    }

    /// What was found, by what identifies a finding across runs.
    fn findings(&self, but: &[&str]) -> BTreeMap<String, String> {
        let all = self.evaluations().filter(|it| !but.iter().any(|rule| it["rule"] == *rule));
        let entry = |it: &Value| {
            let of = |name: &str| it[name].as_str().unwrap_or_default().to_owned();
            (of("fingerprint"), format!("{} {} {} {}", it["rule"], it["subject"]["id"], of("verdict"), of("message")))
        };
        all.map(entry).collect()
    }
}

#[test]
fn the_sound_architectures_have_no_finding_and_no_open_question() {
    for estate in ["static-egress", "static-egress-direct", "secured-function", "cross-project"] {
        let fake = Fake::of(estate);
        let said = report(&fake, &[PROJECT]);
        assert_eq!((estate, said.rules("fail")), (estate, BTreeSet::new()));
        assert_eq!((estate, said.rules("not-evaluated")), (estate, BTreeSet::new()));
        assert_eq!((said.code, &said.document["complete"]), (Some(0), &json!(true)), "{estate}: {}", said.errors);
        assert!(said.rules("pass").len() > 10, "{estate}: {:?}", said.rules("pass"));
    }
}

#[test]
fn each_broken_form_is_named_exactly() {
    for (estate, expected) in [
        ("static-egress-private-ranges", &["idle-nat", "private-ranges-only-egress"][..]),
        ("static-egress-automatic", &["automatic-nat-address"]),
        ("static-egress-without-route", &["broken-egress-path"]),
        (
            "secured-function-public",
            &[
                "anonymous-invocation",
                "default-runtime-identity",
                "inherited-invoker",
                "load-balancer-bypass",
                "open-ingress",
                "privileged-runtime-identity",
            ],
        ),
        ("secured-function-with-dead-key", &["key-permission-missing", "registry-under-another-key", "unusable-key"]),
        ("cross-project-with-key", &["invoker-impersonation", "invoker-key"]),
        ("cross-project-for-whole-project", &["any-principal-invocation", "inherited-invoker"]),
    ] {
        let fake = Fake::of(estate);
        let said = report(&fake, &[PROJECT]);
        assert_eq!((estate, said.rules("fail")), (estate, expected.iter().copied().collect()));
        assert_eq!((estate, said.rules("not-evaluated")), (estate, BTreeSet::new()));
        assert_eq!(said.code, Some(1), "{estate}");
    }
}

#[test]
fn every_way_to_read_an_estate_gives_the_same_findings() {
    for estate in ["static-egress", "secured-function-with-dead-key", "cross-project-with-key", "variety"] {
        let state = estate_of(estate);
        let fake = Fake::start(&state);
        let live = report(&fake, &[PROJECT]);
        let scope = "organizations/100200300400";
        let export = export_of(&state, scope, "RESOURCE") + &export_of(&state, scope, "IAM_POLICY");
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("export.ndjson");
        std::fs::write(&file, export).expect("the export is written");
        let file = file.display().to_string();
        // An export says nothing of what a NAT reports while it runs.
        let runtime: &[&str] = &["nat-port-exhaustion"];
        for (way, sources, but) in [
            ("assets", &[PROJECT, "--assets"][..], &[][..]),
            ("organisation", &[ORGANIZATION], &[]),
            ("export", &[&file], runtime),
        ] {
            let other = report(&fake, sources);
            assert_eq!((way, other.findings(but)), (way, live.findings(but)), "{estate}");
        }
    }
}

#[test]
fn an_organisation_of_400_projects_is_read_in_150_calls() {
    let fake = Fake::start(&organisation_of(400));
    let said = report(&fake, &[ORGANIZATION]);
    let calls: u64 = fake.stats().calls.values().sum();
    assert!(calls <= 150, "{calls} calls: {:#?}", fake.stats().calls);
    assert_eq!(said.code, Some(1), "every tenth project has something wrong");
    let open = said.evaluations().filter(|it| it["verdict"] == "fail" && it["rule"] == "anonymous-invocation");
    assert_eq!(open.count(), 40);
    let skipping =
        said.evaluations().filter(|it| it["verdict"] == "fail" && it["rule"] == "private-ranges-only-egress");
    assert_eq!(skipping.count(), 40);
    assert_eq!(said.document["complete"], true, "{:?}", said.rules("not-evaluated"));
}

#[test]
fn invokers_traces_and_addresses_are_told_of_a_real_read() {
    let fake = Fake::of("cross-project-with-key");
    let said = run(&fake, &["invokers", "private-api", PROJECT]);
    let text = said.document.to_string();
    for words in [
        "serviceAccount:cloud-invoke-test@client-project.iam.gserviceaccount.com",
        "group:developers@client.example",
        "roles/iam.serviceAccountTokenCreator",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let said = run(&fake, &["trace", "private-api", PROJECT]);
    assert_eq!((&said.document["verdict"], &said.document["addresses"]), (&json!("static"), &json!(["34.72.171.164"])));
    let said = run(&fake, &["ips", PROJECT]);
    assert!(said.document[0]["addresses"][0]["ip"] == "34.72.171.164", "{}", said.document);
    assert_eq!(said.code, Some(0));
}

#[test]
fn what_was_not_read_is_not_evaluated_and_never_a_pass() {
    let (guarded, direct, egress) = ("secured-function", "static-egress-direct", "broken-egress-path");
    for (estate, call, fault, rule) in [
        (guarded, r"run\.\S*services\.getIamPolicy", json!({"status": 403}), "anonymous-invocation"),
        (guarded, r"compute\.routers\.aggregatedList", json!({"unreachable": "us-central1"}), egress),
        (guarded, r"compute\.routers\.aggregatedList", json!({"token_loop": true}), egress),
        (guarded, r"compute\.networks\.getEffectiveFirewalls", json!({"status": 503}), egress),
        (guarded, r"compute\.routes\.list", json!({"body": "html"}), egress),
        (guarded, r"cloudkms\.\S*cryptoKeys\.get ", json!({"status": 403}), "unusable-key"),
        (direct, r"compute\.subnetworks\.aggregatedList", json!({"body": "truncated"}), egress),
    ] {
        let mut fault = fault;
        fault["match"] = json!(call);
        let fake = Fake::of(estate);
        fake.faults(&json!([fault]));
        let said = report(&fake, &[PROJECT]);
        assert_eq!(said.rules("fail"), BTreeSet::new(), "{fault}");
        assert!(said.rules("not-evaluated").contains(rule), "{fault}: {:?}", said.rules("not-evaluated"));
        let mut passed = said.evaluations().filter(|it| it["rule"] == rule && it["verdict"] == "pass");
        assert_eq!(passed.next(), None, "{fault}");
        assert_eq!((said.code, &said.document["complete"]), (Some(3), &json!(false)), "{fault}");
    }
}
