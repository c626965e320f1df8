//! Evidence that verifies, with some edits: if it still verifies, every authenticated field is unchanged.
#![no_main]

use std::collections::BTreeSet;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};
use stella_attest_verify::{Attestation, Binding, Certificate, Report, Verdict};
use stella_fuzz::{Input, check_reason, check_shown, evidence::Golden, shown::check_harmless};
use stella_transparency::Checkpoint;
use stella_vocabulary::{UnixTime, base64};

struct Subject {
    golden: Golden,
    facts: Facts,
}

/// What signatures, logs and authorities vouch for.
struct Facts {
    /// Payload type and payload, or the signature over the artifact.
    content: Vec<Vec<u8>>,
    /// Signed part of the signer's certificate.
    leaf: Option<Vec<u8>>,
    signer: String,
    statement: Option<(String, Option<String>)>,
    times: BTreeSet<UnixTime>,
    /// Signatures of the envelope. A log entry or a timestamp holds their exact bytes; nothing else does.
    signatures: Option<Vec<Vec<u8>>>,
    entries: Vec<Entry>,
}

#[derive(Debug, PartialEq)]
struct Entry {
    body: Vec<u8>,
    log_id: Vec<u8>,
    /// Index, time: what the promise covers.
    promised: Option<(u64, Option<i64>)>,
    proven: Option<Proven>,
}

#[derive(Debug, PartialEq)]
struct Proven {
    index: u64,
    size: u64,
    root: [u8; 32],
    hashes: Vec<[u8; 32]>,
    checkpoint: Option<String>,
}

fn subjects() -> &'static [Subject] {
    static SUBJECTS: OnceLock<Vec<Subject>> = OnceLock::new();
    SUBJECTS.get_or_init(|| {
        let subject = |golden: Golden| {
            let attestation = read(&golden.json).expect("it was read before");
            let facts = Facts::of(&attestation, &golden.judge(&attestation));
            Subject { golden, facts }
        };
        Golden::all().into_iter().map(subject).collect()
    })
}

fuzz_target!(|data: &[u8]| {
    let subjects = subjects();
    let mut input = Input::new(data);
    let subject = input.pick(subjects);
    let golden = &subject.golden;
    let mut json = golden.json.clone();
    for _ in 0..=input.below(3) {
        let donor = &input.pick(subjects).golden.json;
        edit(&mut json, donor, &mut input);
    }
    let attestation = match read(&json) {
        Ok(attestation) => attestation,
        Err(error) => return check_reason(&error),
    };
    let report = golden.judge(&attestation);
    check_report(&report);
    if report.verdict() == Verdict::Verified {
        let peers = subjects.iter().filter(|peer| peer.golden.group == golden.group);
        Facts::of(&attestation, &report).check_against(peers.map(|peer| &peer.facts), golden.name);
    } else {
        assert!(report.verified_statement().is_none());
    }
    // Without an artifact a message signature is never judged as good.
    if input.flag() && attestation.message_signature().is_some() {
        let report = golden.verifier.verify(&attestation, Binding::SubjectsAsListed, golden.at);
        assert_ne!(report.verdict(), Verdict::Verified);
    }
});

fn read(json: &Value) -> Result<Attestation, stella_attest_verify::DocumentError> {
    Attestation::from_json(json.to_string().as_bytes())
}

fn check_report(report: &Report) {
    assert_eq!(report.code().is_none(), report.verdict() == Verdict::Verified);
    check_harmless(&report.to_json());
    check_shown(report);
    for check in report.checks() {
        check_shown(check.summary().unwrap_or_default());
        check_shown(check.found().unwrap_or_default());
        check_shown(check.expected().unwrap_or_default());
    }
    report.notes().iter().for_each(check_shown);
}

impl Facts {
    fn of(attestation: &Attestation, report: &Report) -> Self {
        let content = match (attestation.envelope(), attestation.message_signature()) {
            (Some(envelope), _) => {
                vec![envelope.payload_type().as_bytes().to_vec(), envelope.unverified_payload().to_vec()]
            }
            (None, Some(message)) => vec![message.signature().to_vec()],
            (None, None) => panic!("neither envelope nor message signature"),
        };
        let witnessed = !attestation.log_entries().is_empty() || !attestation.timestamps().is_empty();
        let signatures = attestation
            .envelope()
            .filter(|_| witnessed)
            .map(|envelope| envelope.signatures().iter().map(|signature| signature.sig().to_vec()).collect());
        let leaf = attestation.certificates().first().map(|der| {
            Certificate::from_der(der).expect("a certificate that was verified can be read").tbs_der().to_vec()
        });
        Self {
            content,
            leaf,
            signer: format!("{:?}", report.signer()),
            statement: report.verified_statement().map(|statement| {
                (statement.predicate_type().to_owned(), statement.predicate_json().map(str::to_owned))
            }),
            times: report.trusted_times().iter().map(|time| time.time()).collect(),
            signatures,
            entries: attestation
                .log_entries()
                .iter()
                .map(|entry| Entry {
                    body: entry.canonicalized_body().to_vec(),
                    log_id: entry.log_id().to_vec(),
                    promised: entry.inclusion_promise().map(|_| (entry.log_index(), entry.integrated_time())),
                    proven: entry.inclusion_proof().map(|proof| Proven {
                        index: proof.log_index(),
                        size: proof.tree_size(),
                        root: *proof.root_hash(),
                        hashes: proof.hashes().to_vec(),
                        checkpoint: proof.checkpoint().map(|text| {
                            Checkpoint::parse(text).map_or_else(|_| text.to_owned(), |it| it.signed_text().to_owned())
                        }),
                    }),
                })
                .collect(),
        }
    }

    /// The signed content is that of a golden one under the same trust and policy. Evidence for it may be left out as far as the policy
    /// does without it, be given twice, or come from another golden one for the same signature; none may be different.
    fn check_against<'f>(&self, golden: impl Iterator<Item = &'f Self>, name: &str) {
        let same: Vec<&Self> = golden
            .filter(|golden| {
                self.content == golden.content
                    && self.leaf == golden.leaf
                    && self.signer == golden.signer
                    && self.statement == golden.statement
                    && (self.signatures.is_none() || self.signatures == golden.signatures)
            })
            .collect();
        assert!(!same.is_empty(), "{name}: what was signed is not what verified");
        for time in &self.times {
            assert!(same.iter().any(|golden| golden.times.contains(time)), "{name}: {time} was never stated");
        }
        for entry in &self.entries {
            let is = |original: &Entry| {
                entry.body == original.body
                    && entry.log_id == original.log_id
                    && (entry.promised.is_none() || entry.promised == original.promised)
                    && (entry.proven.is_none() || entry.proven == original.proven)
            };
            let known = same.iter().flat_map(|golden| &golden.entries).any(is);
            assert!(known, "{name}: {entry:?} was never logged");
        }
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

/// The value with number `at`, counted from the outermost one inwards.
fn node<'v>(value: &'v mut Value, at: &mut usize) -> Option<&'v mut Value> {
    if *at == 0 {
        return Some(value);
    }
    *at -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| node(item, at)),
        Value::Object(members) => members.values_mut().find_map(|member| node(member, at)),
        _ => None,
    }
}

fn edit(json: &mut Value, donor: &Value, input: &mut Input<'_>) {
    let mut at = input.below(count(json));
    let mut from = input.below(count(donor));
    let Some(target) = node(json, &mut at) else { return };
    match input.below(10) {
        0 => {
            // A part of other evidence, from anywhere.
            let mut donor = donor.clone();
            if let Some(part) = node(&mut donor, &mut from) {
                *target = part.take();
            }
        }
        1 => *target = Value::Null,
        2 => *target = Value::from(input.number()),
        3 => *target = Value::from(input.number().to_string()),
        4 => *target = Value::from(input.text(20)),
        _ => match target {
            Value::Array(items) => edit_list(items, input),
            Value::Object(members) => edit_members(members, donor, input),
            Value::String(text) => edit_text(text, input),
            Value::Bool(value) => *value = !*value,
            Value::Number(number) => {
                let by = i64::from(input.byte() as i8);
                *target = number.as_i64().and_then(|number| number.checked_add(by)).map_or(Value::Null, Value::from);
            }
            Value::Null => *target = Value::Array(Vec::new()),
        },
    }
}

fn edit_list(items: &mut Vec<Value>, input: &mut Input<'_>) {
    let at = input.below(items.len());
    match input.below(4) {
        0 if !items.is_empty() => drop(items.remove(at)),
        1 if items.len() > 1 => {
            let other = input.below(items.len());
            items.swap(at, other);
        }
        2 => items.clear(),
        _ => {
            let item = items.get(at).cloned().unwrap_or(Value::Null);
            items.insert(at, item);
        }
    }
}

fn edit_members(members: &mut Map<String, Value>, donor: &Value, input: &mut Input<'_>) {
    let names: Vec<String> = members.keys().cloned().collect();
    let name = names.get(input.below(names.len())).cloned().unwrap_or_default();
    match input.below(4) {
        0 => drop(members.remove(&name)),
        1 => {
            let value = members.remove(&name).unwrap_or_default();
            members.insert(input.text(12), value);
        }
        2 => {
            // All the members that other evidence has at the top, on top of these.
            for (name, value) in donor.as_object().into_iter().flatten() {
                members.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        _ => drop(members.insert(input.text(12), Value::from(input.number()))),
    }
}

fn edit_text(text: &mut String, input: &mut Input<'_>) {
    // Most strings are base64; what it holds may in turn be JSON with base64 in it.
    if input.below(4) > 0
        && let Ok(mut bytes) = base64::decode(text)
    {
        let inner = serde_json::from_slice::<Value>(&bytes).ok().filter(|value| value.is_object());
        match inner {
            Some(mut value) if input.flag() => {
                let donor = value.clone();
                edit(&mut value, &donor, input);
                bytes = value.to_string().into_bytes();
            }
            _ => edit_bytes(&mut bytes, input),
        }
        *text = if input.below(8) == 7 { base64::encode_url_unpadded(&bytes) } else { base64::encode(&bytes) };
        return;
    }
    let mut bytes = std::mem::take(text).into_bytes();
    edit_bytes(&mut bytes, input);
    *text = String::from_utf8_lossy(&bytes).into_owned();
}

fn edit_bytes(bytes: &mut Vec<u8>, input: &mut Input<'_>) {
    let at = input.below(bytes.len());
    match input.below(6) {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, input.byte()),
        2 if !bytes.is_empty() => drop(bytes.remove(at)),
        3 => bytes.extend_from_slice(input.bytes(8)),
        4 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = input.byte();
            }
        }
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << input.below(8);
            }
        }
    }
}
