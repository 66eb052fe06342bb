//! What goes into a bucket and comes out of it is what files are.
#![expect(clippy::disallowed_methods, reason = "a test's own files")]

use std::fs;

use serde_json::Value;

use crate::server::{Bucket, Store, json, said, scenario};

/// The report of a source without the name of the source.
fn report(bucket: &Bucket, source: &str) -> (Option<i32>, Value) {
    let output = bucket.run(&["report", source, "--format", "json", "--all"]);
    let mut report = json(&output);
    report.as_object_mut().expect("an object").remove("sources");
    (output.status.code(), report)
}

fn shards(bucket: &Bucket, source: &str, of: u32, into: &str) {
    for index in 1..=of {
        let part = format!("{index}/{of}");
        let output = bucket.run(&["collect", source, "--shard", &part, "-o", into, "--allow-incomplete"]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        assert!(said(&output).contains(&format!("shard-{index}-of-{of}.json")), "{}", said(&output));
    }
}

#[test]
fn eight_shards_in_a_bucket_make_the_report_of_one_run() {
    for store in Store::BOTH {
        let bucket = Bucket::new(store, "eight");
        shards(&bucket, "demo", 8, &bucket.at("night/run/"));
        // What is beside them is not of the run.
        bucket.put("night/run/shard-9-of-9.json.bak", b"no");
        bucket.put("night/run/below/shard-9-of-9.json", b"no");
        bucket.put("night/running/shard-9-of-9.json", b"no");
        let whole = report(&bucket, "demo");
        assert_eq!(report(&bucket, &bucket.at("night/run/")), whole, "{store:?}");
        // As on disk, a folder is one without its end too.
        assert_eq!(report(&bucket, &bucket.at("night/run")), whole, "{store:?}");
        // One by one, and with the other commands.
        let files: Vec<String> = (1..=8).map(|it| bucket.at(&format!("night/run/shard-{it}-of-8.json"))).collect();
        let arguments: Vec<&str> =
            ["report", "--format", "json", "--all"].into_iter().chain(files.iter().map(String::as_str)).collect();
        assert_eq!(json(&bucket.run(&arguments))["evaluations"], whole.1["evaluations"]);
        for command in ["ips", "invokers"] {
            let (of_run, of_demo) = (bucket.run(&[command, &bucket.at("night/run/")]), bucket.run(&[command, "demo"]));
            assert_eq!((of_run.status.code(), of_run.stdout), (of_demo.status.code(), of_demo.stdout), "{command}");
        }
        let same = bucket.run(&["diff", "demo", &bucket.at("night/run/")]);
        assert!(matches!(same.status.code(), Some(0 | 3)), "{}", said(&same));
    }
}

#[test]
fn a_whole_snapshot_is_the_same_in_a_bucket_and_in_a_file() {
    for store in Store::BOTH {
        let bucket = Bucket::new(store, "whole");
        let source = scenario("gcp-sound-cross-project");
        let there = bucket.at("a b/übersicht+1.json");
        for output in [&there, "here.json", &there] {
            let output = bucket.run(&["collect", &source, "-o", output]);
            assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        }
        assert_eq!(report(&bucket, &there), report(&bucket, "here.json"));
        let here = fs::read(bucket.folder().join("here.json")).expect("a file");
        bucket.put("plain.json", &here);
        let again = bucket.run(&["collect", &bucket.at("plain.json"), "-o", &bucket.at("again.json")]);
        assert_eq!(again.status.code(), Some(0), "{}", said(&again));
        let asked = |name: &str| bucket.seen().iter().filter(|it| it.starts_with("GET") && it.contains(name)).count();
        assert_eq!(asked("plain.json"), 1);
        // Of another layout than ours it is read whole, once it is known to be.
        let value: Value = serde_json::from_slice(&here).expect("JSON");
        bucket.put("pretty.json", serde_json::to_string_pretty(&value).expect("JSON").as_bytes());
        let pretty = bucket.run(&["collect", &bucket.at("pretty.json"), "-o", &bucket.at("same.json")]);
        assert_eq!(pretty.status.code(), Some(0), "{}", said(&pretty));
        let same = bucket.get("same.json").and_then(|same| serde_json::from_slice::<Value>(&same).ok());
        assert!(same == Some(value), "{store:?}");
        assert!(bucket.get("again.json") == Some(here), "a snapshot is one text, wherever it went");
        let names = fs::read_dir(bucket.folder()).expect("a folder").count();
        assert_eq!(names, 2, "nothing is left on disk but what was asked for, and the key");
    }
}

#[test]
fn a_missing_a_torn_a_denied_and_a_doubled_shard_are_never_silent() {
    for store in Store::BOTH {
        let bucket = Bucket::new(store, "shards");
        shards(&bucket, &scenario("gcp-sound-cross-project"), 8, &bucket.at("run/"));
        assert_eq!(report(&bucket, &bucket.at("run/")).0, Some(0));
        // The one that read the most.
        let named = |index: u32| format!("run/shard-{index}-of-8.json");
        let (largest, text) = (1..=8)
            .map(|index| (named(index), bucket.get(&named(index)).expect("an object")))
            .max_by_key(|(_, text)| text.len())
            .expect("shards");
        let gap = |words: &str| {
            let (code, report) = report(&bucket, &bucket.at("run/"));
            let report = report.to_string();
            assert!(matches!(code, Some(3 | 4)), "{store:?}: {words}: {code:?}");
            assert!(report.contains(words) && report.contains("\"complete\":false"), "{store:?}: {words}: {report}");
        };
        bucket.delete(&largest);
        gap("is missing");
        bucket.put(&largest, &text[..text.len() / 2]);
        gap("cannot be read: ");
        bucket.put(&largest, &text);
        for (kind, words) in
            [("denied", "it is denied (`AccessDenied`)"), ("cut", "cannot be read: "), ("large", "larger than 512 MiB")]
        {
            bucket.fail(kind, &format!("&of={largest}"));
            gap(words);
        }
        bucket.fail("", "");
        assert_eq!(report(&bucket, &bucket.at("run/")).0, Some(0));
        let first = bucket.at(&named(1));
        let twice = bucket.run(&["report", &first, &first]);
        assert_eq!(twice.status.code(), Some(2));
        assert!(said(&twice).contains("are both shard 1 of 8"), "{}", said(&twice));
        let other = bucket.run(&[
            "collect",
            "demo",
            "--shard",
            "1/2",
            "--run",
            "b",
            "-o",
            &bucket.at("run/"),
            "--allow-incomplete",
        ]);
        assert_eq!(other.status.code(), Some(0), "{}", said(&other));
        let mixed = bucket.run(&["report", &bucket.at("run/")]);
        assert_eq!(mixed.status.code(), Some(2));
        assert!(said(&mixed).contains("are not of one run"), "{}", said(&mixed));
    }
}

#[test]
fn what_no_shard_can_be_read_of_is_an_error() {
    for store in Store::BOTH {
        let bucket = Bucket::new(store, "none");
        shards(&bucket, "demo", 2, &bucket.at("run/"));
        bucket.fail("denied", "&of=shard-&method=GET");
        let output = bucket.run(&["report", &bucket.at("run/")]);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains("it is denied"), "{}", said(&output));
        bucket.fail("", "");
        let empty = bucket.run(&["report", &bucket.at("elsewhere/")]);
        assert_eq!(empty.status.code(), Some(2));
        assert!(said(&empty).contains("holds no shards"), "{}", said(&empty));
    }
}

#[test]
fn names_that_would_lose_shards_are_refused_before_anything_is_read() {
    let bucket = Bucket::new(Store::S3, "names");
    for (arguments, words) in [
        (["collect", "demo", "--shard", "1/8", "-o", "s3://names-s3/run"], "a shard goes into a folder"),
        (
            ["collect", "demo", "--color", "never", "-o", "s3://names-s3/run/"],
            "is a folder, and a snapshot is an object",
        ),
        (["collect", "demo", "--color", "never", "-o", "s3://names-s3/a//b.json"], "names no object"),
        (["collect", "demo", "--color", "never", "-o", "s3://"], "names no bucket"),
        (["report", "demo", "--write", "json=s3://names-s3/r.json", "--color", "never"], "snapshots alone to buckets"),
        (["collect", "aws", "--resume", "--allow-incomplete", "-o", "s3://names-s3/x.json"], "keeps no journal"),
    ] {
        let output = bucket.run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(said(&output).contains(words), "{arguments:?}: {}", said(&output));
    }
    assert_eq!(bucket.seen(), Vec::<String>::new(), "nothing is asked");
}
