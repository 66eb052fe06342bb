//! Inputs that are large, wide or endless, and small ones that grow while they are read.

use std::fs;

use crate::{
    case::{Case, HOLE, Ran, hold, run},
    good::{code_with, plan_with, rule, rule_with, snapshot_with, template_with},
};

/// Code that grows: `aws_vpc.a` hangs on the last line of it.
fn code(text: &str) -> String {
    format!(
        "{text}\nresource \"aws_vpc\" \"a\" {{\n  cidr_block = \"10.0.0.0/16\"\n  tags       = {{ x = local.x }}\n}}\n"
    )
}

/// Locals that each name the one before, so many times over.
fn doubling(first: &str, next: fn(&str) -> String) -> String {
    let lines = (1..=60).map(|nth| format!("  l{nth} = {}\n", next(&format!("local.l{}", nth - 1))));
    code(&format!("locals {{\n  l0 = {first}\n{}  x = local.l60\n}}", lines.collect::<String>()))
}

#[test]
fn code_that_grows_while_it_is_evaluated_stops_at_a_limit() {
    let local = |value: &str| code(&format!("locals {{\n  x = {value}\n}}"));
    let cases = [
        ("a text twice itself", doubling("\"xxxxxxxx\"", |it| format!("\"${{{it}}}${{{it}}}\""))),
        ("a list twice itself", doubling("[1]", |it| format!("concat({it}, {it})"))),
        ("a list of itself", doubling("[1]", |it| format!("[{it}, {it}]"))),
        ("a map of itself", doubling("{}", |it| format!("{{ a = {it}, b = {it} }}"))),
        ("JSON of JSON", doubling("\"\\\"\"", |it| format!("jsonencode({it})"))),
        ("base64 of base64", doubling("\"x\"", |it| format!("base64encode({it})"))),
        ("a join of itself", doubling("\"x\"", |it| format!("join({it}, [{it}, {it}, {it}])"))),
        ("a replaced text", doubling("\"xx\"", |it| format!("replace({it}, \"x\", {it})"))),
        ("products of itself", doubling("[1, 2]", |it| format!("setproduct({it}, {it})"))),
        ("loops over itself", doubling("[1, 2]", |it| format!("[for a in {it} : {it}]"))),
        ("flat loops over itself", doubling("[1, 2]", |it| format!("flatten([for a in {it} : {it}])"))),
        ("a power of itself", doubling("9", |it| format!("pow({it}, {it})"))),
        ("a product of itself", doubling("99999999999", |it| format!("{it} * {it}"))),
        ("format of itself", doubling("\"x\"", |it| format!("format(\"%s%s%s\", {it}, {it}, {it})"))),
        ("a range", local("range(1000000000)")),
        ("ranges in loops", local("[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]]")),
        ("a width", local("format(\"%1000000000d\", 1)")),
        ("a precision", local("format(\"%.1000000000f\", 1)")),
        ("an index of a format", local("format(\"%[1000000000]d\", 1)")),
        ("a list of widths", local("formatlist(\"%1000000d\", range(1000))")),
        ("a power", local("pow(10, 1000000000)")),
        ("a large exponent", local("1e1000000000")),
        ("a small exponent", local("1e-1000000000")),
        ("a long number", local(&"9".repeat(200_000))),
        ("a long fraction", local(&format!("0.{}", "1".repeat(200_000)))),
        ("an indent", local("indent(1000000000, \"a\\nb\")")),
        ("a product of sets", local("setproduct(range(1000), range(1000), range(1000))")),
        ("chunks", local("chunklist(range(1024), 0)")),
        ("subnets", local("[for a in range(1000) : cidrsubnets(\"10.0.0.0/8\", [for b in range(1000) : 24]...)]")),
        ("hosts", local("cidrhost(\"::/0\", 340282366920938463463374607431768211455)")),
        ("a pattern", local("regex(\"(a+)+$\", join(\"\", [for a in range(1000) : \"aaaaaaaaaaaaaaaa\"]))")),
        ("a pattern of patterns", local("regexall(\"(((a{1,100}){1,100}){1,100}){1,100}\", \"a\")")),
        ("a number in a base", local("parseint(\"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz\", 36)")),
        ("names in a circle", code("locals {\n  x = local.y\n  y = local.x\n}")),
        ("a name of itself", code("locals {\n  x = [local.x]\n}")),
        (
            "bindings of bindings",
            local("merge([for a in range(1000) : { for b in range(1000) : \"${a}-${b}\" => a }]...)"),
        ),
        (
            "a resource without number",
            format!("{}\nresource \"aws_vpc\" \"b\" {{\n  count = 1000000000\n}}", local("1")),
        ),
        (
            "a resource for each",
            format!(
                "{}\nresource \"aws_vpc\" \"b\" {{\n  for_each = toset([for a in range(100000) : tostring(a)])\n}}",
                local("1")
            ),
        ),
        (
            "blocks without number",
            format!(
                "{}\nresource \"aws_security_group\" \"b\" {{\n  dynamic \"ingress\" {{\n    for_each = range(100000)\n    content {{\n      from_port = ingress.value\n    }}\n  }}\n}}",
                local("1")
            ),
        ),
        (
            "blocks in blocks",
            format!(
                "{}\nresource \"aws_security_group\" \"b\" {{\n  dynamic \"a\" {{\n    for_each = range(1000)\n    content {{\n      dynamic \"b\" {{\n        for_each = range(1000)\n        content {{\n          x = a.value\n        }}\n      }}\n    }}\n  }}\n}}",
                local("1")
            ),
        ),
        (
            "a template in a loop",
            local("join(\"\", [for a in range(1000) : \"%{ for b in range(1000) }${b}%{ endfor }\"])"),
        ),
        ("a module of itself", format!("{}\nmodule \"m\" {{\n  source = \"./\"\n}}", local("1"))),
        (
            "two modules of itself",
            format!(
                "{}\nmodule \"m\" {{\n  source = \"../a\"\n}}\nmodule \"n\" {{\n  source = \"../a\"\n}}",
                local("1")
            ),
        ),
        (
            "a module without number",
            format!("{}\nmodule \"m\" {{\n  count  = 1000000\n  source = \"./m\"\n}}", local("1")),
        ),
        ("a template of itself", local("templatefile(\"main.tf\", {})")),
        ("a file of the system", local("file(\"/etc/passwd\")")),
        ("a file above", local("file(\"../../../../../../etc/passwd\")")),
        ("a file without end", local("file(\"/dev/zero\")")),
    ];
    let alone = cases.into_iter().map(|(name, text)| {
        let case = Case::new(name, "a/main.tf", text, &["collect", "a", "-o", "out"]);
        case.with("a/m/main.tf", "resource \"aws_vpc\" \"m\" {}\n").ends(&[0, 3])
    });
    // What is in a module is multiplied by its calls, and by those of the modules around it.
    let call =
        |count: usize, source: &str| format!("module \"m\" {{\n  count  = {count}\n  source = \"{source}\"\n}}\n");
    let all: String =
        (0..200).map(|nth| format!("resource \"aws_eip\" \"a{nth}\" {{\n}}\n")).collect::<Vec<_>>().concat();
    let multiplied = [
        ("a large module often", call(9_000, "./m"), all.clone()),
        ("modules of modules", call(100, "./m"), format!("{}{all}", call(100, "./n"))),
    ];
    let multiplied = multiplied.into_iter().map(|(name, text, module)| {
        let case = Case::new(name, "a/main.tf", text, &["collect", "a", "-o", "out"]);
        case.with("a/m/main.tf", module).with("a/m/n/main.tf", all.clone()).ends(&[3])
    });
    hold("code that grows", alone.chain(multiplied));
}

#[test]
fn a_template_that_grows_while_it_is_read_stops_at_a_limit() {
    let head =
        "AWSTemplateFormatVersion: '2010-09-09'\nTransform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]\n";
    let laughs = |last: &str| {
        let lines =
            (1..=30).map(|nth| format!("  a{nth}: &a{nth} [{}]\n", vec![format!("*a{}", nth - 1); 10].join(", ")));
        format!("{head}Metadata:\n  a0: &a0 [x]\n{}{last}Resources: {{}}\n", lines.collect::<String>())
    };
    let loops = |depth: usize| {
        let items: Vec<String> = (0..100).map(|nth| format!("i{nth}")).collect();
        let open: String = (0..depth)
            .map(|at| {
                let pad = "  ".repeat(at + 1);
                format!("{pad}Fn::ForEach::L{at}:\n{pad}- V{at}\n{pad}- [{}]\n{pad}-\n", items.join(", "))
            })
            .collect::<Vec<_>>()
            .concat();
        let name: String = (0..depth).map(|at| format!("${{V{at}}}")).collect::<Vec<_>>().concat();
        let pad = "  ".repeat(depth + 1);
        format!("{head}Resources:\n{open}{pad}R{name}:\n{pad}  Type: AWS::EC2::VPC\n")
    };
    let resource = |properties: &str| {
        format!("{head}Resources:\n  R:\n    Type: AWS::EC2::VPC\n    Properties:\n      {properties}\n")
    };
    let joined = (1..=40)
        .map(|nth| "!Sub ['${a}${a}', {a: ".to_owned() + if nth == 40 { "xxxx" } else { "" })
        .collect::<String>()
        + &"}]".repeat(40);
    let names = format!(
        "{head}Resources:\n  Fn::ForEach::L: [V, ['{}'], {{'R${{V}}': {{Type: AWS::EC2::VPC, Properties: {{Tags: '{}'}}}}}}]\n",
        "v".repeat(100_000),
        "${V}".repeat(100_000)
    );
    let cases: [(&str, String, &[i32]); 23] = [
        ("a loop over a long name", names, &[3]),
        ("a thousand million laughs", laughs(""), &[2]),
        ("laughs in a merge", laughs("  b: {<<: [{a: 1}, {b: *a30}]}\n"), &[2]),
        ("an alias of itself", format!("{head}Metadata: &a {{x: *a}}\nResources: {{}}\n"), &[2]),
        ("an alias of nothing", format!("{head}Metadata: {{x: *a}}\nResources: {{}}\n"), &[2]),
        ("a merge of itself", format!("{head}Metadata: &a {{<<: *a}}\nResources: {{}}\n"), &[2]),
        ("a long list", format!("{head}Metadata:\n  X: [{}]\nResources: {{}}\n", "a,".repeat(300_000)), &[2]),
        (
            "a long map",
            format!(
                "{head}Metadata:\n{}Resources: {{}}\n",
                (0..150_000).map(|nth| format!("  k{nth}: a\n")).collect::<Vec<_>>().concat()
            ),
            &[2],
        ),
        ("loops in loops", loops(4), &[3]),
        ("deep loops", loops(12), &[2, 3]),
        (
            "a loop over nothing known",
            format!(
                "{head}Parameters:\n  P: {{Type: CommaDelimitedList}}\nResources:\n  Fn::ForEach::L: [V, !Ref P, {{'R${{V}}': {{Type: AWS::EC2::VPC}}}}]\n"
            ),
            &[3],
        ),
        ("a text twice itself", resource(&format!("CidrBlock: {joined}")), &[0, 2, 3]),
        ("blocks of addresses", resource("Tags: !Cidr ['10.0.0.0/8', 1000000000, 8]"), &[0, 3]),
        ("a selection beyond all", resource("CidrBlock: !Select [99999999999999999999, [a]]"), &[0, 3]),
        ("a length", resource("CidrBlock: !Sub ['${a}', {a: {'Fn::Length': [1, 2]}}]"), &[0, 3]),
        ("a circle of attributes", resource("CidrBlock: !GetAtt R.CidrBlock"), &[0, 3]),
        (
            "conditions in a circle",
            format!(
                "{head}Conditions:\n  A: !Condition B\n  B: !Condition A\nResources:\n  R: {{Type: AWS::EC2::VPC, Condition: A}}\n"
            ),
            &[0, 3],
        ),
        (
            "a stack of itself",
            format!(
                "{head}Resources:\n  R:\n    Type: AWS::CloudFormation::Stack\n    Properties: {{TemplateURL: a.yaml}}\n"
            ),
            &[0, 3],
        ),
        (
            "an application of itself",
            format!(
                "{head}Resources:\n  R:\n    Type: AWS::Serverless::Application\n    Properties: {{Location: a.yaml}}\n"
            ),
            &[0, 3],
        ),
        ("a macro", format!("{head}Resources:\n  Fn::Transform: {{Name: M, Parameters: {{}}}}\n"), &[0, 3]),
        (
            "an include of a file",
            resource("Fn::Transform: {Name: AWS::Include, Parameters: {Location: /etc/passwd}}"),
            &[0, 3],
        ),
        ("a mapping of a mapping", resource("CidrBlock: !FindInMap [!FindInMap [A, B, C], B, C]"), &[0, 3]),
        ("an object of Python", resource("CidrBlock: !!python/object/apply:os.system ['true']"), &[0, 2, 3]),
    ];
    hold(
        "templates that grow",
        cases.into_iter().map(|(name, text, codes)| {
            Case::new(name, "a.yaml", text, &["collect", "a.yaml", "-o", "out"]).ends(codes)
        }),
    );
}

#[test]
fn a_document_that_would_fill_the_memory_is_refused_before_it_does() {
    let cases = [
        ("objects in a plan", plan_with as fn(&str) -> String, "{\"a\":0},"),
        ("objects in a snapshot", snapshot_with, "{\"a\":0},"),
    ];
    hold(
        "documents that fill the memory",
        cases.into_iter().map(|(name, within, value)| {
            let text = within(&format!("[{HOLE}0]"));
            Case::source(name, "a.json", text).filled(value, 3_400_000).says("comes to more than 2048 MiB in memory")
        }),
    );
}

#[test]
fn a_template_or_code_in_json_has_a_limit_of_values() {
    hold(
        "values without number",
        ["0,", "[],", "\"\",", "{},"].into_iter().flat_map(|value| {
            let list = format!("[{HOLE}0]");
            let folder = ["collect", ".", "-o", "out"];
            [
                Case::source(format!("{value} in a template"), "a.json", template_with(&list))
                    .says("more than 100000 values"),
                Case::new(format!("{value} in code"), "a.tf.json", code_with(&list), &folder).ends(&[3]),
            ]
            .map(|case| case.filled(value, 1_000_000))
        }),
    );
}

#[test]
fn rules_and_policies_with_aliases_or_without_measure_are_refused() {
    let laughs = |head: &str| {
        let lines =
            (1..=20).map(|nth| format!("a{nth}: &a{nth} [{}]\n", vec![format!("*a{}", nth - 1); 10].join(", ")));
        format!("a0: &a0 [x]\n{}{head}", lines.collect::<String>())
    };
    let test = ["rules", "test", "rules"];
    let with_policy = ["report", "demo", "--policy", "p.yaml"];
    let pattern = |pattern: &str| rule_with(&format!("nat.name.matches({pattern:?})"));
    let file = "rules/x/a-case.yaml";
    hold(
        "rules and policies without measure",
        [
            Case::new("laughs in a rule", file, laughs(&rule("\"nat.automatic\"")), &test),
            Case::new("laughs in a policy", "p.yaml", laughs("rules: {}\n"), &with_policy),
            Case::new(
                "a long list in a rule",
                file,
                format!("{}tags: [{}]\n", rule("\"nat.automatic\""), "a,".repeat(300_000)),
                &test,
            ),
            Case::new(
                "a long list in a policy",
                "p.yaml",
                format!("intent: [{}]\n", "a,".repeat(300_000)),
                &with_policy,
            ),
            Case::new("a large rule", file, format!("# {HOLE}\n{}", rule("\"nat.automatic\"")), &test)
                .filled("x", 1 << 20)
                .says("larger than 1 MiB"),
            Case::new("a large policy", "p.yaml", format!("# {HOLE}\nrules: {{}}\n"), &with_policy)
                .filled("x", 1 << 20)
                .says("larger than 1 MiB"),
            Case::new("a pattern that backtracks", file, pattern("(a+)+$"), &test).ends(&[4]),
            Case::new("a pattern that is huge", file, pattern("((a{1,1000}){1,1000}){1,1000}"), &test)
                .says("not a pattern that can be used"),
            Case::new("a pattern of classes", file, pattern("\\w{1000}\\w{1000}\\w{1000}"), &test)
                .says("not a pattern that can be used"),
            Case::new("a long pattern", file, pattern(&"a".repeat(513)), &test).says("512 characters"),
            Case::new("a deep pattern", file, pattern(&format!("{}a{}", "(".repeat(250), ")".repeat(250))), &test)
                .ends(&[2, 4]),
            Case::new("an open pattern", file, pattern("("), &test).says("not a pattern that can be used"),
            Case::new("a pattern that looks back", file, pattern("(?<=a)b"), &test)
                .says("not a pattern that can be used"),
            Case::new("a pattern that nobody knows yet", file, rule_with("nat.name.matches(nat.name)"), &test),
            Case::new("loops in loops", file, rule_with(&"nat.workloads.all(a, ".repeat(20)), &test),
            Case::new(
                "a product of loops",
                file,
                rule_with(&format!("{}true{}", "nat.workloads.all(w, ".repeat(9), ")".repeat(9))),
                &test,
            )
            .ends(&[2, 4]),
        ],
    );
}

/// A run on what is no case of bytes: the folder is made here.
fn ended(arguments: &[&str], make: impl FnOnce(&std::path::Path)) -> Ran {
    let folder = tempfile::tempdir().expect("a folder");
    make(folder.path());
    let arguments: Vec<String> = arguments.iter().map(|it| (*it).to_owned()).collect();
    run(folder.path(), &arguments)
}

#[test]
fn what_never_ends_or_is_no_file_is_refused_wherever_a_file_is_named() {
    let huge = |folder: &std::path::Path| {
        let file = fs::File::create(folder.join("x")).expect("a file");
        // Sparse: it takes no room, and would take all memory if it were read.
        file.set_len(2 << 30).expect("its length");
        fs::write(folder.join("main.tf"), code("locals {\n  x = 1\n}")).expect("a file");
    };
    let pipe = |folder: &std::path::Path| {
        fs::remove_file(folder.join("x")).expect("removed");
        assert!(std::process::Command::new("mkfifo").arg(folder.join("x")).status().expect("mkfifo").success());
    };
    let places: [&[&str]; 9] = [
        &["collect", "x", "-o", "out"],
        &["report", "x", "--no-policy"],
        &["report", "demo", "--policy", "x"],
        &["report", "demo", "--lock", "x"],
        &["report", "demo", "--baseline", "x"],
        &["diff", "demo", "x"],
        &["report", "demo", "--map", "x"],
        &["collect", "main.tf", "--parameters", "x", "-o", "out"],
        &["collect", ".", "--var-file", "x", "-o", "out"],
    ];
    for place in places {
        for kind in ["sparse", "pipe", "device", "folder"] {
            if cfg!(not(unix)) && kind != "sparse" {
                continue;
            }
            // A folder is a source too.
            if kind == "folder" && (matches!(place[0], "collect" | "diff") || place.len() < 4) {
                continue;
            }
            let arguments: Vec<&str> =
                place.iter().map(|it| if *it == "x" && kind == "device" { "/dev/zero" } else { it }).collect();
            let ran = ended(&arguments, |folder| {
                huge(folder);
                match kind {
                    "pipe" => pipe(folder),
                    "folder" => {
                        fs::remove_file(folder.join("x")).expect("removed");
                        fs::create_dir(folder.join("x")).expect("a folder");
                    }
                    _ => {}
                }
            });
            assert_eq!(ran.code, Some(2), "{place:?} of a {kind}: {}{}", ran.said, ran.printed);
            assert!(ran.is_small(0), "{place:?} of a {kind}: {} MiB", ran.memory >> 20);
        }
    }
}

#[test]
#[cfg(unix)]
fn a_folder_of_traps_is_read_around_them() {
    use std::os::unix::fs::symlink;
    let ran = ended(&["collect", ".", "-o", "out"], |folder| {
        fs::write(folder.join("main.tf"), code("locals {\n  x = 1\n}")).expect("a file");
        symlink("/etc/passwd", folder.join("out-of-here.tf")).expect("a link");
        symlink("/dev/zero", folder.join("zero.tf")).expect("a link");
        symlink(".", folder.join("round")).expect("a link");
        symlink("self.tf", folder.join("self.tf")).expect("a link");
        assert!(std::process::Command::new("mkfifo").arg(folder.join("pipe.tf")).status().expect("mkfifo").success());
        fs::File::create(folder.join("large.tf")).expect("a file").set_len(1 << 30).expect("its length");
        let mut deep = folder.to_path_buf();
        for _ in 0..60 {
            deep.push("d");
        }
        fs::create_dir_all(&deep).expect("folders");
        fs::write(deep.join("main.tf"), "resource \"aws_vpc\" \"b\" {}\n").expect("a file");
    });
    assert_eq!(ran.code, Some(3), "{}", ran.said);
    assert!(ran.is_small(0));
}

#[test]
fn a_folder_of_more_files_than_are_looked_at_says_so() {
    let ran = ended(&["collect", ".", "-o", "out"], |folder| {
        for nth in 0..20_050 {
            fs::File::create(folder.join(format!("f{nth:05}.tf"))).expect("a file");
        }
        fs::write(folder.join("a.tf"), code("locals {\n  x = 1\n}")).expect("a file");
    });
    assert_eq!(ran.code, Some(3), "{}", ran.said);
}
