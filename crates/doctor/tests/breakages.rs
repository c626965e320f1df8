//! The world outside breaks in many ways; each time, one finding is to be mended, and it is the right one.
#![allow(clippy::unwrap_used)]

mod world;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use stella_attest_verify::{Code, UnixTime};
use stella_crypto_providers::{Profile, Scheme};
use stella_doctor::{
    Connectivity, Examination, Exposed, Facility, Mending, Module, Place, Runner, Selection, SigningKeyState,
    SigningKeyStatus, Space, Status, TestSignature, Trouble, World, checks,
};
use world::{Away, Pauses};

const DAY: i64 = 86_400;

fn key(left: i64, status: SigningKeyStatus, scheme: Scheme) -> SigningKeyState {
    let now = Away::default().now;
    SigningKeyState {
        name: "release".into(),
        key_id: "sha256:00".into(),
        scheme,
        bits: 256,
        from: now.checked_add(-400 * DAY).unwrap(),
        until: now.checked_add(left).unwrap(),
        status,
        is_chosen: true,
    }
}

fn signature() -> TestSignature {
    TestSignature {
        key: "release".into(),
        key_id: "sha256:00".into(),
        algorithm: "ecdsa-p256-sha256",
        locked: false,
        microseconds: 300,
    }
}

/// A place that signs, has room, and speaks to a server.
fn healthy() -> Away {
    Away {
        keys: Ok(vec![key(300 * DAY, SigningKeyStatus::Active, Scheme::EcdsaP256Sha256)]),
        signature: Mutex::new(Some(Ok(signature()))),
        space: Some(Space { place: "/srv/stella".into(), free: 20 << 30, total: 40 << 30, read_only: false }),
        modules: vec![Module { name: "softhsm".into(), about: Some("SoftHSM 2.6".into()), fault: None }],
        log: Connectivity::Answers { url: "https://rekor.example".into(), milliseconds: 80 },
        server: Some(Place { place: "rekor.example".into(), value: Away::default().now }),
        ..Away::default()
    }
}

fn ask(away: Away) -> Examination {
    let world: Arc<dyn World> = Arc::new(away);
    Runner::new(checks::all(), &Pauses).run(&world, &Selection::default()).unwrap()
}

fn trouble(facility: Facility, code: Code) -> Trouble {
    Trouble {
        facility,
        code,
        summary: "it cannot be used".into(),
        place: Some("/srv/stella/somewhere".into()),
        found: None,
        expected: None,
        mending: Box::new(Mending::new("mend it").command(&["stella", "config", "show"])),
    }
}

/// What breaks, which check says so, with which code, and how its first command begins.
struct Breakage {
    name: &'static str,
    broken: fn(&mut Away),
    root: &'static str,
    code: Option<Code>,
    command: &'static [&'static str],
}

const BREAKAGES: &[Breakage] = &[
    Breakage {
        name: "the clock is an hour away from that of a server",
        broken: |away| {
            away.server =
                Some(Place { place: "rekor.example".into(), value: UnixTime::from_seconds(away.now.seconds() + 3600) })
        },
        root: "check.attestation.clock.skew",
        code: Some(Code::TimeInFuture),
        command: &["timedatectl", "status"],
    },
    Breakage {
        name: "the disk is full",
        broken: |away| away.space.as_mut().unwrap().free = 1 << 20,
        root: "check.store.space",
        code: Some(Code::StoreNoSpace),
        command: &["stella", "attest", "logs", "--prune"],
    },
    Breakage {
        name: "the disk is read-only",
        broken: |away| away.space.as_mut().unwrap().read_only = true,
        root: "check.store.space",
        code: Some(Code::StoreReadOnly),
        command: &["chmod", "u+rwx", "/srv/stella"],
    },
    Breakage {
        name: "the module of hardware keys is gone, and with it signing",
        broken: |away| {
            away.modules[0].fault = Some((Code::CryptoProviderFailed, "the module is not there".into()));
            *away.signature.lock().unwrap() = Some(Err(trouble(Facility::Keys, Code::CryptoProviderFailed)));
        },
        root: "check.crypto.hsm-availability",
        code: Some(Code::CryptoProviderFailed),
        command: &["stella", "explain", "crypto.provider_failed"],
    },
    Breakage {
        name: "the settings cannot be read",
        broken: |away| away.settings = Some(trouble(Facility::Config, Code::ConfigInvalid)),
        root: "check.config",
        code: Some(Code::ConfigInvalid),
        command: &["stella", "config", "show"],
    },
    Breakage {
        name: "the trust log does not hold together",
        broken: |away| away.trust = Err(trouble(Facility::Trust, Code::AuditBroken)),
        root: "check.trust.log",
        code: Some(Code::AuditBroken),
        command: &["stella", "config", "show"],
    },
    Breakage {
        name: "the store of attestations does not answer",
        broken: |away| away.store = Some(trouble(Facility::Store, Code::StoreIo)),
        root: "check.store.health",
        code: Some(Code::StoreIo),
        command: &["stella", "config", "show"],
    },
    Breakage {
        name: "the directory of the keys cannot be read",
        broken: |away| away.keys = Err(trouble(Facility::Keys, Code::StorePermissions)),
        root: "check.attestor.key-expiration",
        code: Some(Code::StorePermissions),
        command: &["stella", "config", "show"],
    },
    Breakage {
        name: "a private key can be read by others",
        broken: |away| {
            let path = PathBuf::from("/srv/stella/keys/release.pem");
            away.exposed = vec![Exposed { path, found: "mode 0644".into(), expected: "0600".into() }];
        },
        root: "check.trust.permissions",
        code: Some(Code::StorePermissions),
        command: &["chmod", "0600", "/srv/stella/keys/release.pem"],
    },
    Breakage {
        name: "the signing key ends in a week",
        broken: |away| away.keys = Ok(vec![key(7 * DAY, SigningKeyStatus::Active, Scheme::EcdsaP256Sha256)]),
        root: "check.attestor.key-expiration",
        code: Some(Code::KeyExpired),
        command: &["stella", "keys", "generate"],
    },
    Breakage {
        name: "the signing key is over, and signs nothing",
        broken: |away| {
            away.keys = Ok(vec![key(-1, SigningKeyStatus::Expired, Scheme::EcdsaP256Sha256)]);
            let over =
                Trouble { place: Some("signing key release".into()), ..trouble(Facility::Keys, Code::KeyExpired) };
            *away.signature.lock().unwrap() = Some(Err(over));
        },
        root: "check.attestor.key-expiration",
        code: Some(Code::KeyExpired),
        command: &["stella", "keys", "generate"],
    },
    Breakage {
        name: "the signing key was revoked",
        broken: |away| {
            away.keys = Ok(vec![key(300 * DAY, SigningKeyStatus::Revoked, Scheme::EcdsaP256Sha256)]);
            let over =
                Trouble { place: Some("signing key release".into()), ..trouble(Facility::Keys, Code::KeyRevoked) };
            *away.signature.lock().unwrap() = Some(Err(over));
        },
        root: "check.attestor.key-expiration",
        code: Some(Code::KeyRevoked),
        command: &["stella", "keys", "generate"],
    },
    Breakage {
        name: "no signing key is active",
        broken: |away| {
            let other = key(300 * DAY, SigningKeyStatus::Inactive, Scheme::EcdsaP256Sha256);
            away.keys = Ok(vec![SigningKeyState { is_chosen: false, ..other }]);
        },
        root: "check.attestor.key-expiration",
        code: Some(Code::StoreNotFound),
        command: &["stella", "keys", "activate", "release"],
    },
    Breakage {
        name: "the private key is another one than its description says",
        broken: |away| *away.signature.lock().unwrap() = Some(Err(trouble(Facility::Keys, Code::StoreCorrupt))),
        root: "check.attestor.signing-health",
        code: Some(Code::StoreCorrupt),
        command: &["stella", "config", "show"],
    },
    Breakage {
        name: "the signing key is out of the profile",
        broken: |away| {
            away.profile = Profile::Fips;
            away.keys = Ok(vec![key(300 * DAY, SigningKeyStatus::Active, Scheme::EcdsaP384Sha256)]);
        },
        root: "check.crypto.fips",
        code: Some(Code::SigAlgorithmUnsupported),
        command: &["stella", "keys", "generate"],
    },
    Breakage {
        name: "nobody computes what the profile permits",
        broken: |away| away.profile = Profile::Gost,
        root: "check.crypto.gost",
        code: Some(Code::CryptoAlgorithmUnavailable),
        command: &["stella", "crypto", "providers", "list"],
    },
    Breakage {
        name: "the transparency log does not answer",
        broken: |away| {
            away.log = Connectivity::Silent {
                url: "https://rekor.example".into(),
                code: Code::FetchTimeout,
                why: "no answer".into(),
            };
        },
        root: "check.attestor.rekor-connectivity",
        code: Some(Code::FetchTimeout),
        command: &["stella", "explain", "fetch.timeout"],
    },
];

#[test]
fn a_healthy_world_has_nothing_to_mend() {
    let found = ask(healthy());
    assert_eq!(found.roots().count(), 0, "{found:#?}");
    assert!(!found.is_blind() && !found.has_failed());
    let warned: Vec<_> = found.findings.iter().filter(|finding| finding.status == Status::Warn).collect();
    assert!(warned.is_empty(), "{warned:#?}");
}

#[test]
fn each_breakage_is_one_finding_and_the_right_one() {
    for breakage in BREAKAGES {
        let mut away = healthy();
        (breakage.broken)(&mut away);
        let found = ask(away);
        let roots: Vec<&str> = found.roots().map(|root| root.check.as_str()).collect();
        assert_eq!(roots, [breakage.root], "{}", breakage.name);
        let root = found.roots().next().unwrap();
        assert_eq!(root.cause.as_ref().unwrap().code, breakage.code, "{}", breakage.name);
        let command = &root.mending.as_ref().unwrap().commands[0];
        assert!(
            command.iter().zip(breakage.command).all(|(word, wanted)| word == wanted),
            "{}: {command:?}",
            breakage.name
        );
        assert_eq!(root.recheck, ["stella", "doctor", "--check", breakage.root], "{}", breakage.name);
    }
}

#[test]
fn two_breakages_at_once_are_two_findings() {
    let mut away = healthy();
    away.space.as_mut().unwrap().free = 0;
    away.modules[0].fault = Some((Code::CryptoProviderFailed, "gone".into()));
    let found = ask(away);
    let roots: Vec<&str> = found.roots().map(|root| root.check.as_str()).collect();
    assert_eq!(roots, ["check.store.space", "check.crypto.hsm-availability"]);
}

#[test]
fn thresholds_hold_to_the_second() {
    let status = |left: i64| {
        let away = Away { keys: Ok(vec![key(left, SigningKeyStatus::Active, Scheme::EcdsaP256Sha256)]), ..healthy() };
        let found = ask(away);
        found.findings.iter().find(|finding| finding.check == "check.attestor.key-expiration").unwrap().status
    };
    assert_eq!(status(30 * DAY + 1), Status::Pass);
    assert_eq!(status(30 * DAY), Status::Warn);
    assert_eq!(status(7 * DAY + 1), Status::Warn);
    assert_eq!(status(7 * DAY), Status::Fail);
}

#[test]
fn the_table_in_the_papers_is_that_of_the_tests() {
    let paper = include_str!("../../../docs/doctor.md");
    for breakage in BREAKAGES {
        let row = paper.lines().find(|line| line.starts_with(&format!("| {} |", breakage.name)));
        let row = row.unwrap_or_else(|| panic!("no row for: {}", breakage.name));
        assert!(row.contains(breakage.root), "{row}");
    }
}
