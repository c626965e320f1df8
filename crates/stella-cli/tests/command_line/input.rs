//! What comes in: catalogue B001 to B007, as far as the command line has to do with it.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::{Room, Said, example, program, stella, stella_reading};

const AT: &str = "--at 2026-09-01T00:00:00Z";

/// Every way to name a file that is read whole.
fn every_input(path: &str) -> Vec<String> {
    let attestation = example("private-key/attestation.json");
    vec![
        format!("verify attestation --attestation {path}"),
        format!("attest show {path}"),
        format!("verify attestation {attestation} --key {path}"),
        format!("verify attestation {attestation} --anchor {path}"),
        format!("verify attestation {attestation} --intermediate {path}"),
        format!("verify attestation {attestation} --trusted-root {path}"),
        format!("verify cert --cert {path}"),
        format!("verify cert-chain --cert {path}"),
        format!("verify artifact --digest sha256:{} --attestation {path}", "0".repeat(64)),
    ]
}

#[test]
fn empty_input_is_named() {
    let room = Room::new();
    for (name, content) in [("empty", ""), ("blank", " \n\t\r\n")] {
        for command in every_input(&room.file(name, content)) {
            stella(&command).complained("input.empty", 2);
        }
    }
    stella_reading("attest show -", b"").complained("input.empty", 2);
}

#[test]
fn what_is_no_regular_file_is_refused_without_waiting() {
    let room = Room::new();
    let fifo = room.path("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let socket = room.path("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    let started = Instant::now();
    for path in
        [fifo.to_str().unwrap(), socket.to_str().unwrap(), room.path("").to_str().unwrap(), "/dev/zero", "/dev/null"]
    {
        for command in every_input(path) {
            stella(&command).complained("input.not_regular_file", 2);
        }
        let attestation = example("private-key/attestation.json");
        stella(&format!("verify attestation {attestation} --artifact {path}")).complained("input.not_regular_file", 2);
    }
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    for command in every_input("no/such/file") {
        let said = stella(&command).complained("input.not_regular_file", 2);
        assert!(said.err.contains("no/such/file") && said.err.contains("no such file"), "{}", said.err);
    }
}

#[test]
fn a_document_over_the_limit_is_refused_before_it_is_read() {
    const LIMIT: u64 = 16 << 20;
    let room = Room::new();
    for size in [LIMIT + 1, 1 << 30] {
        let path = room.path(&size.to_string());
        File::create(&path).unwrap().set_len(size).unwrap();
        let started = Instant::now();
        stella(&format!("attest show {}", path.display())).complained("input.too_large", 2);
        assert!(started.elapsed() < Duration::from_secs(20));
    }
    // The limit itself is read; that it holds no JSON is another matter.
    let path = room.path("limit");
    File::create(&path).unwrap().set_len(LIMIT).unwrap();
    let said = stella(&format!("attest show {}", path.display()));
    assert!(!said.err.contains("input.too_large"), "{}", said.err);
    // A pipe tells no size beforehand.
    stella_reading("attest show -", &vec![b' '; LIMIT as usize + 1]).complained("input.too_large", 2);
}

#[test]
fn a_key_or_certificate_over_a_mebibyte_is_refused() {
    let room = Room::new();
    let path = room.path("large");
    File::create(&path).unwrap().set_len((1 << 20) + 1).unwrap();
    stella(&format!("verify cert --cert {}", path.display())).complained("input.too_large", 2);
}

#[test]
fn other_formats_are_refused_by_their_own_code() {
    let room = Room::new();
    for (content, code, status) in [
        (&b"\x1f\x8b\x08\x00\x00\x00\x00\x00"[..], "input.unknown_format", 2),
        (b"PK\x03\x04\x00\x00", "input.unknown_format", 2),
        (b"\xef\xbb\xbf{}", "json.bom", 1),
        (b"\xff\xfe{\x00}\x00", "json.bom", 1),
        (b"{", "json.syntax", 1),
        (b"{\"a\":1,\"\\u0061\":2}", "json.duplicate_key", 1),
    ] {
        let file = room.file("x", content);
        stella(&format!("verify attestation {file}")).complained(code, status);
        let said = stella(&format!("verify attestation {file} -o json")).ended(status);
        assert_eq!(said.json()["schema"], "stella.error/1");
        assert_eq!(said.json()["code"], code);
    }
}

#[test]
fn a_private_key_is_refused_and_not_repeated() {
    let room = Room::new();
    let secret = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";
    let file = room.file("key.pem", format!("-----BEGIN PRIVATE KEY-----\n{secret}\n-----END PRIVATE KEY-----\n"));
    let attestation = example("private-key/attestation.json");
    let said =
        stella(&format!("verify attestation {attestation} --key {file}")).complained("key.private_key_supplied", 1);
    assert!(!said.err.contains(&secret[..16]), "{}", said.err);
}

#[test]
fn a_large_artifact_is_hashed_in_little_memory() {
    let room = Room::new();
    let path = room.path("large");
    File::create(&path).unwrap().set_len(256 << 20).unwrap();
    let attestation = example("private-key/attestation.json");
    // An address space of 128 MiB has no room for an artifact of 256 MiB.
    let script = format!(
        "ulimit -v 131072; exec {} verify attestation {attestation} --artifact {} --key {} {AT}",
        env!("CARGO_BIN_EXE_stella"),
        path.display(),
        example("private-key/key.pub"),
    );
    let said = Said::from(Command::new("sh").args(["-c", &script]).output().unwrap()).ended(1);
    assert!(said.first_line().contains("error[intoto.subject_mismatch]"), "{}", said.out);
}

#[test]
fn an_artifact_that_grows_while_it_is_judged_is_refused() {
    let room = Room::new();
    let path = room.path("growing");
    File::create(&path).unwrap().set_len(512 << 20).unwrap();
    let attestation = example("private-key/attestation.json");
    let child = program()
        .args(["verify", "attestation", &attestation, "--artifact", path.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_millis(100));
    OpenOptions::new().append(true).open(&path).unwrap().write_all(b"x").unwrap();
    Said::from(child.wait_with_output().unwrap()).complained("input.changed_during_read", 2);
}

#[test]
fn an_artifact_and_a_digest_that_disagree_are_a_conflict() {
    let attestation = example("private-key/attestation.json");
    let artifact = example("private-key/release.txt");
    let digest = crate::harness::expected("private-key", "digest");
    let base = format!(
        "verify attestation {attestation} --key {} {AT} --artifact {artifact} --digest",
        example("private-key/key.pub")
    );
    stella(&format!("{base} {digest}")).ended(0);
    stella(&format!("{base} sha256:{}", "0".repeat(64))).complained("usage.conflict", 2);
    for bad in ["sha256:00", "SHA256:00", "nonsense", "sha256:", "md9:00"] {
        stella(&format!("{base} {bad}")).complained("usage.digest_invalid", 2);
    }
}
