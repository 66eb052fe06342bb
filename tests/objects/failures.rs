//! A bucket that does not do what is asked is told of in words, with what would help, and by the exit code.

use std::fs;

use crate::server::{Bucket, Store, said};

/// How a store fails, what is said of it, and a word of what would help.
const READING: [(&str, &str, &str); 9] = [
    ("denied", "it is denied (`AccessDenied`)", "get"),
    ("slow", "the store answered 503 (`SlowDown`)", ""),
    ("cut", "cannot read", ""),
    // What is larger than any text may be a snapshot, whose beginning is read; what is larger than that, nothing of.
    ("cut&length=600000000", "cannot read", ""),
    ("cut&length=4294967297", "is larger than 4096 MiB", ""),
    ("page", "is not a snapshot", ""),
    ("large", "is larger than 512 MiB", ""),
    ("expired", "the credentials are not accepted (`ExpiredToken`)", "hint: "),
    ("elsewhere", "the bucket is in the region `eu-west-1`", "AWS_REGION=eu-west-1"),
];

#[test]
fn an_object_that_cannot_be_read_says_why() {
    for store in Store::BOTH {
        let bucket = Bucket::new(store, "reading");
        bucket.put("x.json", b"{}");
        for (kind, why, help) in READING {
            bucket.fail(kind, "");
            let output = bucket.run(&["report", &bucket.at("x.json")]);
            let said = said(&output);
            assert_eq!(output.status.code(), Some(2), "{kind}: {said}");
            let help = if help == "get" && store == Store::S3 { "s3:GetObject" } else { help };
            assert!(said.contains(why) && said.contains(help), "{kind}: {said}");
            assert!(!said.contains("panicked") && !said.contains("test-secret"), "{said}");
        }
        bucket.fail("", "");
        let absent = bucket.run(&["report", &bucket.at("nothing.json")]);
        assert_eq!(absent.status.code(), Some(2));
        assert!(said(&absent).contains("nothing.json`: it is not there"), "{}", said(&absent));
        let nowhere = format!("{}://no-such-bucket-here/x.json", store.scheme());
        let output = bucket.run(&["report", &nowhere]);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains("there is no bucket `no-such-bucket-here`"), "{}", said(&output));
        let output = bucket.run(&["report", &format!("{}://no-such-bucket-here/run/", store.scheme())]);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains("there is no bucket `no-such-bucket-here`"), "{}", said(&output));
    }
}

#[cfg(unix)]
#[test]
fn a_signal_to_stop_is_heard_while_a_snapshot_comes() {
    for store in Store::BOTH {
        let bucket = Bucket::new(store, "stopped");
        bucket.fail("silent", "");
        let output = crate::server::signalled(&bucket, &["report", &bucket.at("x.json")], "-INT");
        assert_eq!(output.status.code(), Some(130), "{}", said(&output));
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_folder_that_cannot_be_listed_to_its_end_says_why() {
    for store in Store::BOTH {
        let bucket = Bucket::new(store, "listing");
        for (kind, why) in [
            ("denied", "cannot list"),
            ("page", "the answer is no list of objects"),
            ("short", "a list of objects ends before its end"),
            ("endless", "holds more than"),
            ("malformed", "the bucket is in the region `eu-west-1`"),
        ] {
            bucket.fail(kind, "&of=list-type");
            let output = bucket.run(&["report", &bucket.at("run/")]);
            assert_eq!(output.status.code(), Some(2), "{kind}");
            assert!(said(&output).contains(why), "{kind}: {}", said(&output));
        }
    }
}

#[test]
fn what_cannot_be_written_is_an_error_and_what_was_read_is_kept() {
    for store in Store::BOTH {
        let bucket = Bucket::new(store, "writing");
        bucket.put("there.json", b"as it was");
        for (kind, why) in [("denied", "it is denied"), ("slow", "503"), ("elsewhere", "eu-west-1")] {
            bucket.fail(kind, "&method=PUT");
            for name in ["there.json", "new.json"] {
                let output = bucket.run(&["collect", "demo", "-o", &bucket.at(name), "--allow-incomplete"]);
                let said = said(&output);
                assert_eq!(output.status.code(), Some(2), "{kind}: {said}");
                assert!(said.contains("cannot write") && said.contains(why), "{kind}: {said}");
                assert!(output.stdout.is_empty() && !said.contains("records in"), "{said}");
                let kept = said.split("what was read is kept in `").nth(1).and_then(|rest| rest.split('`').next());
                let kept = kept.expect("it is kept");
                let again = bucket.run(&["report", kept, "--format", "json"]);
                assert!(matches!(again.status.code(), Some(1 | 3)), "{:?}", again.status);
                fs::remove_file(kept).expect("removed");
            }
        }
        bucket.fail("", "");
        assert_eq!(bucket.get("there.json").as_deref(), Some(&b"as it was"[..]));
        assert_eq!(bucket.get("new.json"), None);
    }
}

#[test]
fn a_store_that_is_not_there_is_told_of() {
    for (store, name) in
        [(Store::S3, "AWS_ENDPOINT_URL_S3"), (Store::Google, "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE")]
    {
        let bucket = Bucket::new(store, "absent");
        let mut environment = bucket.environment();
        environment.retain(|(own, _)| *own != name);
        // A port that nobody listens on any more.
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port").port();
        environment.push((name, format!("http://127.0.0.1:{port}")));
        let output = bucket.run_with(&["report", &bucket.at("x.json")], &environment);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains("no connection could be made"), "{}", said(&output));
    }
}
