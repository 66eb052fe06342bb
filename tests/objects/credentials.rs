//! Who asks: found before anything is read, and told of where nobody is.
#![expect(clippy::disallowed_methods, reason = "a test's own files")]

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    thread,
};

use crate::server::{Bucket, Store, said};

/// Answers so many requests on this machine with texts, each by the end of its path, and gives what was asked.
fn stub(answers: Vec<(&'static str, String)>, times: usize) -> (String, thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("bound"));
    let serving = thread::spawn(move || {
        let mut asked = Vec::new();
        for _ in 0..times {
            let (mut stream, _) = listener.accept().expect("somebody");
            let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
            let (mut line, mut length) = (String::new(), 0);
            reader.read_line(&mut line).expect("a line");
            loop {
                let mut header = String::new();
                reader.read_line(&mut header).expect("a line");
                let header = header.trim().to_ascii_lowercase();
                length = header.strip_prefix("content-length: ").map_or(length, |it| it.parse().expect("a number"));
                if header.is_empty() {
                    break;
                }
            }
            reader.read_exact(&mut vec![0; length]).expect("a body");
            let path = line.split(' ').nth(1).expect("a path").to_owned();
            let body = answers.iter().find(|(end, _)| path.contains(end)).map_or("", |(_, body)| body.as_str());
            let head = format!(
                "HTTP/1.1 200 OK\r\nMetadata-Flavor: Google\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(head.as_bytes()).expect("sent");
            asked.push(path);
        }
        asked
    });
    (address, serving)
}

fn without_keys(bucket: &Bucket) -> Vec<(&'static str, String)> {
    let mut environment = bucket.environment();
    environment.retain(|(name, _)| !name.contains("ACCESS_KEY") && *name != "GOOGLE_APPLICATION_CREDENTIALS");
    environment
}

#[test]
fn nobody_is_told_of_before_anything_is_read() {
    let bucket = Bucket::new(Store::S3, "nobody");
    let mut environment = without_keys(&bucket);
    environment.push(("AWS_EC2_METADATA_DISABLED", "true".into()));
    for arguments in [["report", "--color", "never"], ["collect", "demo", "-o"]] {
        let place = bucket.at("x.json");
        let output = bucket.run_with(&[&arguments[..], &[place.as_str()]].concat(), &environment);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains("no credentials for S3"), "{}", said(&output));
        assert!(said(&output).contains("export-credentials"), "{}", said(&output));
        assert!(!said(&output).contains("is kept in"), "nothing was read: {}", said(&output));
    }
    environment.push(("AWS_ACCESS_KEY_ID", "test-key".into()));
    let half = bucket.run_with(&["report", &bucket.at("x.json")], &environment);
    assert_eq!(half.status.code(), Some(2));
    assert!(said(&half).contains("S3 cannot be asked"), "{}", said(&half));
    environment.push(("AWS_SECRET_ACCESS_KEY", "x".into()));
    environment.push(("AWS_REGION", "us-east-1.example.com/".into()));
    let region = bucket.run_with(&["report", &bucket.at("x.json")], &environment);
    assert_eq!(region.status.code(), Some(2));
    assert!(said(&region).contains("is not the name of a region"), "{}", said(&region));
    assert!(bucket.seen().is_empty());
}

#[test]
fn a_task_a_pod_and_a_web_identity_are_who_they_are() {
    let made =
        r#"{"AccessKeyId": "test-key", "SecretAccessKey": "s", "Token": "t", "Expiration": "2100-01-01T00:00:00Z"}"#;
    let assumed = "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
        <AccessKeyId>test-key</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
        <Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>\
        </AssumeRoleWithWebIdentityResponse>";
    let bucket = Bucket::new(Store::S3, "roles");
    let run = |more: Vec<(&'static str, String)>| {
        let output = bucket.run_with(
            &["collect", "demo", "-o", &bucket.at("x.json"), "--allow-incomplete"],
            &[without_keys(&bucket), more].concat(),
        );
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    };
    let (address, pod) = stub(vec![("/v1/credentials", made.into())], 1);
    run(vec![
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{address}/v1/credentials")),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "key.json".into()),
    ]);
    assert_eq!(pod.join().expect("it ends"), ["/v1/credentials"]);
    let (address, sts) = stub(vec![("", assumed.into())], 1);
    run(vec![
        ("AWS_ENDPOINT_URL_STS", address),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "key.json".into()),
        ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/egress-audit".into()),
    ]);
    assert_eq!(sts.join().expect("it ends").len(), 1);
    let (address, machine) = stub(
        vec![
            ("/api/token", "t".into()),
            ("/security-credentials/role", made.into()),
            ("/security-credentials/", "role".into()),
        ],
        3,
    );
    run(vec![("AWS_EC2_METADATA_SERVICE_ENDPOINT", address)]);
    assert_eq!(machine.join().expect("it ends").len(), 3);
}

#[test]
fn google_is_asked_by_a_token_a_key_and_by_nothing_that_cannot_be_read() {
    let bucket = Bucket::new(Store::Google, "google");
    let run = |more: Vec<(&'static str, String)>| {
        let environment = [without_keys(&bucket), more].concat();
        bucket.run_with(&["collect", "demo", "-o", &bucket.at("x.json"), "--allow-incomplete"], &environment)
    };
    // The server takes what its own service account signed, and nothing else.
    let wrong = run(vec![("CLOUDSDK_AUTH_ACCESS_TOKEN", "a-token".into())]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(said(&wrong).contains("the credentials are not accepted"), "{}", said(&wrong));
    assert!(!said(&wrong).contains("a-token"), "{}", said(&wrong));
    let absent = run(vec![("GOOGLE_APPLICATION_CREDENTIALS", "nothing.json".into())]);
    assert_eq!(absent.status.code(), Some(2));
    assert!(said(&absent).contains("nothing.json"), "{}", said(&absent));
    fs::write(bucket.folder().join("other.json"), r#"{"type": "external_account", "audience": "x"}"#).expect("written");
    let other = run(vec![("GOOGLE_APPLICATION_CREDENTIALS", "other.json".into())]);
    assert_eq!(other.status.code(), Some(2));
    assert!(said(&other).contains("external_account"), "{}", said(&other));
    let key = run(vec![("GOOGLE_APPLICATION_CREDENTIALS", "key.json".into())]);
    assert_eq!(key.status.code(), Some(0), "{}", said(&key));
    // The metadata server of a machine: what it gives is sent on. A build that reads Google Cloud asks before whether it is there.
    let times = if cfg!(feature = "gcp") { 2 } else { 1 };
    let token = r#"{"access_token": "of-the-machine", "expires_in": 3600, "token_type": "Bearer"}"#;
    let (address, machine) = stub(vec![("/token", token.into())], times);
    let host = address.trim_start_matches("http://").to_owned();
    let machines = run(vec![("GCE_METADATA_HOST", host)]);
    assert!(said(&machines).contains("the credentials are not accepted"), "{}", said(&machines));
    assert_eq!(machine.join().expect("it ends").len(), times);
}
