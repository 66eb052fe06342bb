//! The HTML report in a browser: it asks for nothing, runs nothing of others, and is used by keyboard alone.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    time::Instant,
};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    npm,
    program::{egress_audit, folder, printed, said, scenario},
};

/// What is installed where the browser is.
const PACKAGES: [(&str, &str); 2] = [
    ("package.json", include_str!("../page/package.json")),
    ("package-lock.json", include_str!("../page/package-lock.json")),
];

/// What drives it.
const SCRIPTS: [(&str, &str); 3] = [
    ("browser.mjs", include_str!("../page/browser.mjs")),
    ("keys.mjs", include_str!("../page/keys.mjs")),
    ("look.mjs", include_str!("../page/look.mjs")),
];

/// A folder with the browser, its libraries and what drives it, pinned by a lock file; made by the first who asks.
fn browser() -> &'static Path {
    static HOME: OnceLock<PathBuf> = OnceLock::new();
    HOME.get_or_init(|| {
        let digest = PACKAGES.iter().fold(Sha256::new(), |hash, (_, text)| hash.chain_update(text)).finalize();
        let name = digest.iter().take(4).fold(String::from("page-"), |name, byte| format!("{name}{byte:02x}"));
        let made = npm::whole(&name, |half| {
            for (name, text) in PACKAGES {
                fs::write(half.join(name), text).map_err(|error| error.to_string())?;
            }
            // What the lock file names, by its hashes, and nothing else; no script of a package runs.
            let mut npm = Command::new("npm");
            npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(half);
            npm::run(&mut npm, "the browser of `tests/page/package-lock.json`")
        });
        let home = made.unwrap_or_else(|why| panic!("{why}"));
        for (name, text) in SCRIPTS {
            // Another test process may be reading it.
            let new = home.join(format!("{name}-{}", std::process::id()));
            fs::write(&new, text).and_then(|()| fs::rename(&new, home.join(name))).expect("the folder is ours");
        }
        home
    })
}

/// What a reader of the page meets.
fn look(page: &Path, search: &str) -> Value {
    let output = Command::new("node").arg("look.mjs").arg(page).arg(search).current_dir(browser()).output();
    let output = output.unwrap_or_else(|error| panic!("this needs node, 20.19 or newer: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// What holds of every page.
fn sound(found: &Value) {
    let silence = json!({ "requests": [], "dialogs": [], "console": [], "errors": [], "violations": [] });
    assert_eq!(found["seen"], silence);
    assert_eq!(found["html"], json!([]), "a validator of HTML");
    for theme in ["axe_light", "axe_dark"] {
        assert_eq!(found[theme]["violations"], json!([]), "{theme}");
        assert_eq!(found[theme]["unsure"], json!([]), "{theme}");
        assert_eq!(found[theme]["contrast"], true, "{theme}");
        assert!(found[theme]["pictures"].as_f64().is_none_or(|ratio| ratio >= 4.5), "{theme}: {}", found[theme]);
    }
    assert_eq!(found["tab"]["missing"], json!([]), "Tab comes to everything");
    assert_eq!(found["tab"]["unseen"], json!([]), "where one is can be seen");
    for form in ["light", "narrow", "bare"] {
        let seen = &found[form];
        assert_eq!(seen["scripts"], 1, "{form}");
        assert_eq!(seen["handlers"], 0, "{form}: nothing has a handler, a style or a source of its own");
        assert_eq!(seen["ids"], 0, "{form}: every name is given once");
        assert_eq!(seen["wider"], false, "{form}: the page itself does not scroll sideways");
        assert_eq!(seen["drawn"], true, "{form}: pictures have their style");
        assert_eq!(seen["cards"], found["light"]["cards"], "{form}");
        assert_eq!(seen["findings"], found["light"]["findings"], "{form}");
        let elements: BTreeSet<&str> =
            seen["elements"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        assert!(
            ["img", "iframe", "object", "embed", "link", "form", "base", "image", "use"]
                .iter()
                .all(|it| !elements.contains(it)),
            "{form}: {elements:?}"
        );
        let links = seen["links"].as_array().expect("a list");
        assert!(links.iter().all(|link| link == "#" || link == "https://"), "{form}: {links:?}");
    }
    assert_eq!((&found["light"]["filters"], &found["light"]["theme"]), (&json!(1), &json!(1)));
    assert_eq!((&found["bare"]["filters"], &found["bare"]["theme"]), (&json!(0), &json!(0)), "without scripts");
    assert_ne!(found["light"]["background"], found["narrow"]["background"], "light and dark");
    assert_eq!(found["light"]["background"], found["toggled"], "the button turns dark to light");
    assert_eq!(found["printed"], json!({ "hops": true, "search": 0 }), "what is folded is printed, filters are not");
}

fn strings(value: &Value) -> BTreeSet<&str> {
    value.as_array().expect("a list").iter().filter_map(Value::as_str).collect()
}

#[test]
fn the_page_asks_for_nothing_is_accessible_and_is_used_by_keyboard_alone() {
    let folder = folder();
    let output = egress_audit(folder.path(), &["report", "demo", "--write", "html=demo.html", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let report: Value = serde_json::from_str(&printed(&output)).expect("JSON");
    let found = look(&folder.path().join("demo.html"), "52.43.112.142");
    sound(&found);

    let all = report["evaluations"].as_array().expect("a list");
    let count = |field: &str, value: &str| all.iter().filter(|it| it[field] == value).count();
    let filters = &found["filters"];
    assert_eq!(filters["all"]["findings"], all.len());
    assert_eq!(filters["reset"], filters["all"]);
    let listed = printed(&egress_audit(folder.path(), &["ips", "demo", "--format", "json"]));
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    let leaving =
        listed.as_array().expect("a list").iter().filter(|it| it["addresses"].to_string().contains("52.43.112.142"));
    let leaving: BTreeSet<&str> = leaving.filter_map(|it| it["workload"].as_str()).collect();
    assert_eq!(strings(&filters["search"]["names"]), leaving);
    assert_eq!((&filters["none"]["cards"], &filters["none"]["nothing"]), (&json!(0), &json!(true)));
    assert_eq!(filters["rule"]["findings"], count("rule", "invoker-key"));
    assert_eq!(filters["severity"]["findings"], count("severity", "critical"));
    assert_eq!(filters["verdict"]["findings"], count("verdict", "not-evaluated"));
    for (filter, field, value) in [
        ("rule", "rules", "invoker-key"),
        ("severity", "severities", "critical"),
        ("verdict", "verdicts", "not-evaluated"),
        ("family", "families", "encryption"),
        ("cloud", "clouds", "gcp"),
        ("egress", "egress", "none"),
    ] {
        let own = &filters[filter];
        assert_eq!(strings(&own[field]), BTreeSet::from([value]), "{filter}");
        let said = format!(
            "Showing {} of {} cards, with {} of {} findings",
            own["cards"], filters["all"]["cards"], own["findings"], filters["all"]["findings"]
        );
        assert_eq!(own["said"], said, "{filter}");
    }
    assert!(filters["explained"].as_u64().is_some_and(|length| length > 200), "what a rule says is shown in place");

    let text = found["light"]["text"].as_str().expect("text");
    let s = &report["summary"];
    let numbers = format!(
        "failed{} passed{} not evaluated{} not applicable{} waived{}",
        s["fail"], s["pass"], s["not_evaluated"], s["not_applicable"], s["waived"]
    );
    let said = ["Incomplete", "this is not a clean bill", "lambda:GetPolicy in aws 123456789012 us-west-2", &numbers];
    for said in said {
        assert!(text.contains(said), "{said}: {text}");
    }
    for evaluation in all {
        let said = evaluation["message"].as_str().unwrap_or_default();
        assert!(text.contains(said), "{said}");
    }
}

/// A name that wants to be more than a name, in the forms that pages fall for.
const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'{{7*7}}{%raw%}</style></title>-->\
                       <svg onload=alert(3)>&lt;\u{202e}\u{1b}[31m\u{0}javascript:alert(4)";

#[test]
fn a_hostile_name_is_text_in_the_page() {
    let folder = folder();
    let saved = egress_audit(folder.path(), &["collect", "demo", "-o", "demo.json"]);
    assert!(matches!(saved.status.code(), Some(0 | 3)), "{}", said(&saved));
    let demo = fs::read_to_string(folder.path().join("demo.json")).expect("a file");
    let hostile = serde_json::to_string(HOSTILE).expect("JSON");
    let hostile = hostile.trim_matches('"');
    // Names of every kind that the page shows: workloads, networks, NATs, keys, people, regions, what a service said.
    let names = [
        "payments",
        "checkout",
        "partner-hook",
        "report-job",
        "legacy-fn",
        "nat-a",
        "rtb-private-c",
        "subnet-private-c",
        "igw-main",
        "legacy-connector",
        "legacy-vpc-nat",
        "default-route-legacy-vpc",
        "my-vpc",
        "integrations@",
        "legacy-caller@",
        "acl-strict",
        "tgw-hub",
        "key/billing",
        "is not authorized",
        "GITHUB_TOKEN",
        "fraud-api",
        "auditor",
    ];
    let mut changed = demo.clone();
    for name in names {
        assert!(demo.contains(name), "{name} is in no record of the demo");
        changed = changed.replace(name, &format!("{name}{hostile}"));
    }
    let name = "x\"><script>alert(5)<.json";
    fs::write(folder.path().join(name), changed).expect("a file");
    let policy = json!({ "waivers": [{
        "rule": "anonymous-invocation", "workload": "public-report", "reason": HOSTILE.replace('\u{0}', ""), "owner": "<b onclick=alert(6)>",
        "until": "2027-05-01",
    }] });
    fs::write(folder.path().join("policy'><script>.yaml"), policy.to_string()).expect("a file");
    let arguments = ["report", name, "--policy", "policy'><script>.yaml", "--write", "html=hostile.html"];
    let output = egress_audit(folder.path(), &arguments);
    assert!(matches!(output.status.code(), Some(1 | 3)), "{}", said(&output));
    let found = look(&folder.path().join("hostile.html"), "");
    sound(&found);
    let text = found["light"]["text"].as_str().expect("text");
    assert!(text.contains("<script>alert(1)</script>") && text.contains("{{7*7}}"), "{text}");
    assert!(!text.contains(['\u{202e}', '\u{1b}', '\u{0}']), "{text}");
    assert!(text.contains("accepted by <b onclick=alert(6)> until 2027-05-01"), "{text}");
}

#[test]
fn a_page_without_findings_and_one_without_workloads_are_sound_too() {
    for name in ["sound", "no-functions", "denied-functions"] {
        let folder = folder();
        egress_audit(folder.path(), &["report", &scenario(name), "--write", "html=page.html"]);
        let found = look(&folder.path().join("page.html"), "");
        sound(&found);
        let text = found["light"]["text"].as_str().expect("text");
        assert_eq!(text.contains("Incomplete"), name == "denied-functions", "{name}: {text}");
    }
}

#[test]
fn a_report_of_two_thousand_workloads_stays_small_and_quick() {
    let folder = folder();
    let text = fs::read_to_string(scenario("function-in-public-subnet")).expect("a file");
    let mut snapshot: Value = serde_json::from_str(&text).expect("JSON");
    let records = snapshot["records"].as_array().expect("records").clone();
    let function = records.iter().find(|record| record["kind"] == "lambda:function").expect("a function").to_string();
    let many = (0..2000).map(|nth| -> Value {
        serde_json::from_str(&function.replace("orders", &format!("orders-{nth}"))).expect("JSON")
    });
    snapshot["records"].as_array_mut().expect("records").extend(many);
    fs::write(folder.path().join("many.json"), snapshot.to_string()).expect("a file");
    let start = Instant::now();
    let page = printed(&egress_audit(folder.path(), &["report", "many.json", "--format", "html"]));
    assert!(page.matches("<article class=\"card\"").count() > 2000);
    assert!(page.len() < 30_000_000, "{}", page.len());
    assert!(start.elapsed().as_secs() < 120, "{:?}", start.elapsed());
}
