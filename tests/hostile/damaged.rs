//! Sound inputs that are damaged: cut off, of another coding, with a key twice, with numbers that are none, with parts of
//! another type.

use serde_json::Value;

use crate::{
    case::{Case, hold},
    good::{but, fixture, plan_with, rule, snapshot, snapshot_with, template_with},
};

/// A sound input: what it is, the name of its file, its text, the command that reads it.
type Sound = (&'static str, &'static str, fn() -> String, &'static [&'static str]);

const SOUND: [Sound; 10] = [
    ("a snapshot of AWS", "a.json", || snapshot("sound"), &["collect", "a.json", "-o", "out"]),
    (
        "a snapshot of Google Cloud",
        "a.json",
        || snapshot("gcp-sound-static-egress"),
        &["collect", "a.json", "-o", "out"],
    ),
    ("a plan", "a.json", || fixture("terraform/folders/network/plan.json"), &["collect", "a.json", "-o", "out"]),
    (
        "a shown state",
        "a.json",
        || fixture("terraform/folders/functions/shown.json"),
        &["collect", "a.json", "-o", "out"],
    ),
    (
        "a file of state",
        "a.json",
        || fixture("terraform/folders/functions/state.json"),
        &["collect", "a.json", "-o", "out"],
    ),
    ("code", "main.tf", || fixture("terraform/aws/wide/main.tf"), &["collect", ".", "-o", "out"]),
    (
        "code in JSON",
        "main.tf.json",
        || fixture("terraform/folders/mono/live/prod/main.tf.json"),
        &["collect", ".", "-o", "out"],
    ),
    ("a template", "a.yaml", || fixture("sam/inputs/sound.yaml"), &["collect", "a.yaml", "-o", "out"]),
    (
        "a rule",
        "rules/x/a-case.yaml",
        || rule("\"!nat.automatic || size(nat.workloads) == 0\""),
        &["rules", "test", "rules"],
    ),
    ("a policy", "p.yaml", policy, &["report", "demo", "--policy", "p.yaml"]),
];

/// A policy file with something of everything.
fn policy() -> String {
    "rules:\n  ephemeral-egress-address: {severity: high}\n  automatic-nat-address: {enabled: false}\ntrusted:\n  accounts: ['123456789012']\n\
     intent:\n- workload: 'orders*'\n  egress: static\n  public: false\nwaivers:\n- rule: ephemeral-egress-address\n  workload: orders\n\
     \x20 reason: because of it\n  owner: team-a\n  until: 2027-01-31\n"
        .into()
}

#[test]
fn an_input_that_is_cut_off_anywhere_is_answered() {
    hold(
        "cut inputs",
        SOUND.iter().flat_map(|(what, file, text, arguments)| {
            let text = text();
            (0..20).map(move |nth| {
                let at = text.len() * nth / 20;
                let case = Case::new(format!("{what}, cut at {at}"), file, &text.as_bytes()[..at], arguments);
                // JSON says where it ends; what is written in lines may be whole, or no code at all.
                if file == &"a.json" { case } else { case.ends(&[0, 1, 2, 3, 4]) }
            })
        }),
    );
}

/// A coding, how a text is put into it, and what is said of it.
type Coding = (&'static str, fn(&str) -> Vec<u8>, &'static str);

#[test]
fn an_input_of_another_coding_is_refused_and_told_so() {
    let codings: [Coding; 9] = [
        ("UTF-16, little end first", |text| utf16_of(text, false), "UTF-8"),
        ("UTF-16, big end first", |text| utf16_of(text, true), "UTF-8"),
        ("Latin-1", |text| [text.as_bytes(), b"# caf\xe9\n"].concat(), "UTF-8"),
        ("a byte that continues nothing", |text| [text.as_bytes(), b"\x80"].concat(), "UTF-8"),
        ("an overlong slash", |text| [text.as_bytes(), b"\xc0\xaf"].concat(), "UTF-8"),
        ("half a pair", |text| [text.as_bytes(), b"\xed\xa0\x80"].concat(), "UTF-8"),
        ("beyond the last character", |text| [text.as_bytes(), b"\xf4\x90\x80\x80"].concat(), "UTF-8"),
        ("an open end", |text| [text.as_bytes(), b"\xe2\x82"].concat(), "UTF-8"),
        (
            "gzip",
            |_| b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00\x43\xbf\xa6\xa3\x02\x00\x00\x00".to_vec(),
            "UTF-8",
        ),
    ];
    hold(
        "codings",
        SOUND.iter().flat_map(|(what, file, text, arguments)| {
            codings.iter().map(move |(coding, coded, words)| {
                let case = Case::new(format!("{what} in {coding}"), file, coded(&text()), arguments);
                if arguments[1] == "." { case.ends(&[3]) } else { case.says(*words) }
            })
        }),
    );
}

fn utf16_of(text: &str, big: bool) -> Vec<u8> {
    let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect()
}

#[test]
fn a_mark_of_the_byte_order_changes_nothing() {
    hold(
        "marks of the byte order",
        SOUND.iter().map(|(what, file, text, arguments)| {
            let marked = format!("\u{feff}{}", text());
            Case::new(*what, file, marked, arguments).ends(if what == &"a rule" { &[4] } else { &[0, 1, 3] })
        }),
    );
}

#[test]
fn a_key_that_stands_twice_is_refused_however_it_is_spelled() {
    let pairs = [
        ("Effect", "\"Effect\":\"Deny\",\"Effect\":\"Allow\""),
        ("Effect with an escape", "\"Effect\":\"Deny\",\"\\u0045ffect\":\"Allow\""),
        ("Effect with escapes alone", "\"\\u0045\\u0066\\u0066\\u0065\\u0063\\u0074\":\"Deny\",\"Effect\":\"Allow\""),
        ("Principal", "\"Principal\":{},\"Principal\":\"*\""),
        ("a slash", "\"a/b\":1,\"a\\/b\":2"),
        ("nothing", "\"\":1,\"\":2"),
        ("three", "\"a\":1,\"b\":2,\"a\":3"),
        ("a pair of surrogates", "\"\u{1f600}\":1,\"\\ud83d\\ude00\":2"),
    ];
    hold(
        "keys that stand twice",
        pairs.into_iter().flat_map(|(name, pair)| {
            let (object, deep) = (format!("{{{pair}}}"), format!("[[{{\"x\":{{{pair}}}}}]]"));
            let words = "stands twice in one";
            [
                Case::source(format!("{name} in a snapshot"), "a.json", snapshot_with(&object)).says(words),
                Case::source(format!("{name} deep in a snapshot"), "a.json", snapshot_with(&deep)).says(words),
                Case::source(format!("{name} in a plan"), "a.json", plan_with(&object)).says(words),
                Case::source(format!("{name} in a template"), "a.json", template_with(&object)).says(words),
                Case::source(format!("{name} deep in a template"), "a.json", template_with(&deep)).says(words),
            ]
        }),
    );
    let yaml = |text: &str| format!("AWSTemplateFormatVersion: '2010-09-09'\nResources: {{}}\nMetadata:\n{text}");
    hold(
        "names that stand twice in YAML",
        [
            ("plain", "  a: 1\n  a: 2\n"),
            ("quoted", "  a: 1\n  'a': 2\n"),
            ("escaped", "  Effect: 1\n  \"\\x45ffect\": 2\n"),
            ("in braces", "  x: {a: 1, a: 2}\n"),
            ("a number and its text", "  1: a\n  '1': b\n"),
            ("by tag", "  a: 1\n  !!str a: 2\n"),
        ]
        .map(|(name, text)| Case::source(name, "a.yaml", yaml(text)).says("stands twice in one map")),
    );
    hold(
        "attributes that stand twice in code",
        ["a = 1\n  a = 2", "a = 1\n  \"a\" = 2"].map(|text| {
            let text = format!("resource \"aws_vpc\" \"a\" {{\n  {text}\n}}\n");
            Case::new(text.clone(), "main.tf", text, &["collect", ".", "-o", "out"]).ends(&[3])
        }),
    );
}

/// Numbers as text in JSON, some of which are none.
const NUMBERS: [&str; 41] = [
    "0",
    "-0",
    "00",
    "012",
    "1e400",
    "-1e400",
    "1e-400",
    "1E5",
    "1e+5",
    "0.1",
    ".1",
    "1.",
    "1.e1",
    "+1",
    "--1",
    "0x10",
    "0b1",
    "0o7",
    "1_000",
    "1,000",
    "NaN",
    "Infinity",
    "-Infinity",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "18446744073709551616",
    "123456789012345678901234567890",
    "65535",
    "65536",
    "-1",
    "4294967296",
    "1e1000000",
    "0e99999999",
    "1.0",
    "443.0",
    "443.5",
    "\"443\"",
];

#[test]
fn a_number_where_one_is_used_is_read_or_is_a_gap_and_never_another_number() {
    hold("numbers", NUMBERS.into_iter().flat_map(|number| {
        let rule = format!("{{\"CidrBlock\":\"0.0.0.0/0\",\"Egress\":true,\"Protocol\":\"6\",\"RuleAction\":\"allow\",\"RuleNumber\":{number},\"PortRange\":{{\"From\":{number},\"To\":{number}}}}}");
        let whole = snapshot("sound");
        let with = but(&whole, "\"Entries\":[", &format!("\"Entries\":[{rule},"));
        let group = format!("{{\"FromPort\":{number},\"ToPort\":{number},\"IpProtocol\":\"tcp\",\"IpRanges\":[{{\"CidrIp\":\"0.0.0.0/0\"}}]}}");
        let code = format!("resource \"aws_security_group\" \"a\" {{\n  egress {{\n    from_port = {number}\n    to_port = {number}\n    protocol = \"tcp\"\n  }}\n}}\n");
        [
            Case::new(format!("{number} in a network ACL"), "a.json", with, &["ips", "a.json"]).ends(&[0, 2, 3]),
            Case::source(format!("{number} in a plan"), "a.json", plan_with(&format!("[{group}]"))).ends(&[0, 2]),
            Case::new(format!("{number} in code"), "main.tf", code, &["collect", ".", "-o", "out"]).ends(&[0, 3]),
        ]
    }));
}

#[test]
fn a_snapshot_of_which_a_part_is_of_another_type_or_gone_is_refused() {
    let whole: Value = serde_json::from_str(&snapshot("sound")).expect("JSON");
    let ways = [
        "/schema",
        "/tool",
        "/tool/name",
        "/tool/version",
        "/taken_at",
        "/scopes",
        "/scopes/0/id",
        "/coverage",
        "/coverage/0/scope",
        "/coverage/0/kind",
        "/coverage/0/call",
        "/coverage/0/state",
        "/coverage/0/count",
        "/gaps",
        "/records",
        "/records/0/kind",
        "/records/0/id",
        "/records/0/scope",
        "/records/0/body",
        "/records/0",
    ];
    let others = ["null", "true", "-1", "\"\"", "[]", "{}", "\"egress-audit/snapshot/v2\"", "18446744073709551616"];
    let changed = move |way: &str, put: Option<&str>| -> String {
        let mut all = whole.clone();
        let (parent, name) = way.rsplit_once('/').expect("a way");
        match (all.pointer_mut(parent).expect("it is there"), put) {
            (Value::Object(object), None) => drop(object.remove(name)),
            (Value::Array(list), None) => drop(list.remove(name.parse().expect("an index"))),
            (parent, Some(put)) => {
                let old = if let Some(list) = parent.as_array_mut() {
                    &mut list[name.parse::<usize>().expect("an index")]
                } else {
                    &mut parent[name]
                };
                *old = Value::String("@put@".into());
                return all.to_string().replace("\"@put@\"", put);
            }
            _ => panic!("a parent holds values"),
        }
        all.to_string()
    };
    hold(
        "parts of a snapshot",
        ways.into_iter().flat_map(|way| std::iter::once(None).chain(others.map(Some)).map(move |put| (way, put))).map(
            move |(way, put)| {
                let name = format!("{way} is {}", put.unwrap_or("gone"));
                let case = Case::source(name, "a.json", changed(way, put));
                // What anybody may have written: a name, a call, an id, a body.
                let free = ["/tool/name", "/tool/version", "/coverage/0/call", "/coverage/0/kind", "/records/0/id"];
                match (way, put) {
                    (way, Some("\"\"" | "\"egress-audit/snapshot/v2\"")) if free.contains(&way) => case.ends(&[0, 2]),
                    ("/records/0/body", Some(_)) | ("/gaps" | "/scopes", Some("[]")) => case.ends(&[0, 2]),
                    ("/coverage", Some("[]")) => case.ends(&[0]),
                    _ => case,
                }
            },
        ),
    );
}
