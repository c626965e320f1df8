//! `stella attest resign --signed-by`: whatever one key has signed, signed again. What cannot be is told, and the rest goes on.

use std::collections::BTreeMap;

use stella_attest_store::{Added, Arrival, Documents, EventKind, Filter, Level, Link, LinkKind};
use stella_attest_verify::{Attestation, AttestationId, Registry};
use stella_crypto_providers::{Scheme, VerifyingKey};
use stella_vocabulary::{Code, hex};

use super::source::{self, Judge, Source};
use super::{made, signed_again};
use crate::arguments::ResignArguments;
use crate::attestations::Attestations;
use crate::commands::attest::progress;
use crate::commands::keys;
use crate::complaint::Complaint;
use crate::context::{Context, Detail, Ticks};
use crate::evidence;
use crate::exit::Answer;
use crate::input::Inputs;
use crate::journal::{self, Telling as _};
use crate::json::Value;
use crate::key_ring::KeyRing;
use crate::render::Page;
use crate::selector;
use crate::signatory::{Signatory, Signed, has_signed};

/// How many are looked at before what was signed is written.
const PAGE: usize = 200;

/// How many refusals the text names.
const SHOWN: usize = 20;

/// How many refusals the JSON form names.
const LISTED: usize = 10_000;

/// The key whose signatures are meant.
struct Wanted {
    id: String,
    /// What its signatures verify with, if anybody here knows it.
    key: Option<VerifyingKey>,
}

/// What came of everything.
#[derive(Default)]
struct Counts {
    looked_at: u64,
    resigned: u64,
    known: u64,
    refused: u64,
    by_code: BTreeMap<&'static str, u64>,
    listed: Vec<(AttestationId, Complaint)>,
    made: Vec<(AttestationId, AttestationId)>,
    first: Option<Code>,
}

pub(super) fn run(said: &ResignArguments, key: &str, since: Ticks, context: &Context) -> Result<Answer, Complaint> {
    let mut store = Attestations::require(context)?;
    let wanted = Wanted::of(key, context)?;
    let judge = Judge::of(said, &Inputs::default(), context)?;
    let signatory = Signatory::of(&said.key, context)?;
    if signatory.key().key_id().to_string() == wanted.id {
        return Err(Complaint::new(Code::UsageConflict, "this is the key that has signed them already")
            .place("--key")
            .found(signatory.name())
            .expected("another key than --signed-by")
            .remedy("stella keys list"));
    }
    let batch = Batch { wanted: &wanted, judge: &judge, signatory: &signatory, dry_run: said.dry_run, context };
    // What is signed now arrives behind this, and is not looked at.
    let size = store.store().about()?.head.size;
    let bar = progress(size, "{bar:30} {pos}/{len} {per_sec} {eta}", context);
    let mut counts = Counts::default();
    let filter = Filter { documents: Documents::First, ..Filter::default() };
    let mut after = 0;
    let ended = loop {
        let arrivals = match store.store().find(&filter, after, PAGE) {
            Ok(arrivals) => arrivals,
            Err(error) => break Err(Complaint::from(error)),
        };
        let Some(last) = arrivals.last().filter(|_| after < size) else { break Ok(()) };
        after = last.sequence;
        let within: Vec<Arrival> = arrivals.into_iter().filter(|arrival| arrival.sequence <= size).collect();
        if let Err(complaint) = batch.page(&within, &mut store, &mut counts) {
            break Err(complaint);
        }
        bar.set_position(after.min(size));
    };
    bar.finish_and_clear();
    if !said.dry_run {
        let took = since.microseconds();
        let what = format!("signed {} again by {}: {}", wanted.id, signatory.name(), counts.tally());
        let event = journal::event(EventKind::Signing, what, context.now).took(took).detail("signed_by", &wanted.id);
        store.journal(counts.first.iter().fold(event, |event, code| event.because(Level::Warning, *code)), context);
    }
    let text = match context.format.is_json() {
        true => document(&counts, &wanted, &signatory, said.dry_run).line(),
        false => page(&counts, &wanted, &signatory, said.dry_run, context),
    };
    let mut answer = Answer::judged(text, counts.first);
    if let Err(complaint) = ended {
        let complaint = complaint.remedy("what is signed stays so; run the command again for the rest");
        answer.diagnostics.push_str(&complaint.line());
        answer.status = complaint.code().exit_status();
    }
    Ok(answer)
}

impl Wanted {
    /// A key of the home, of the trust store, or a key id that nobody here knows the key of.
    fn of(text: &str, context: &Context) -> Result<Self, Complaint> {
        let with = |key: &stella_attest_verify::PublicKey, scheme: Scheme| {
            let prepared = Registry::rustcrypto().prepare(scheme, key);
            prepared
                .map(|prepared| Self { id: key.key_id().to_string(), key: Some(prepared) })
                .map_err(|error| Complaint::of(&error, "--signed-by"))
        };
        if let Ok(key) = KeyRing::open(context)?.find(text) {
            return with(&key.key, key.scheme);
        }
        match keys::public_key(text, context) {
            Ok(key) => return with(&key, Scheme::for_key(&key)),
            Err(complaint) if complaint.code() == Code::StoreNotFound => {}
            Err(complaint) => return Err(complaint.place("--signed-by")),
        }
        let digits = text.strip_prefix("sha256:").unwrap_or(text);
        match hex::decode_exact::<32>(digits) {
            Some(id) => Ok(Self { id: format!("sha256:{}", hex::encode(&id)), key: None }),
            None => Err(Complaint::new(Code::StoreNotFound, "nobody here knows a key of this name")
                .place("--signed-by")
                .found(text)
                .expected("a key of the home or of the trust store, or sha256: and 64 hex digits")
                .remedy("stella keys list; stella trust-anchors list")),
        }
    }

    /// Whether this key has signed it: by the signature where the key is known, by the certificate, and at last by what the signature says.
    fn has_signed(&self, attestation: &Attestation) -> bool {
        if let Some(key) = &self.key
            && has_signed(attestation, key)
        {
            return true;
        }
        let certificates = evidence::certificates(attestation).unwrap_or_default();
        if let Some(leaf) = certificates.first() {
            return leaf.public_key().is_ok_and(|key| key.key_id().to_string() == self.id);
        }
        self.key.is_none()
            && attestation.envelope().is_some_and(|envelope| {
                let hints = envelope.signatures().iter().filter_map(|signature| signature.keyid_hint());
                let digits = self.id.trim_start_matches("sha256:");
                hints.into_iter().any(|hint| hint == self.id || hint == digits)
            })
    }
}

/// What stays the same from page to page.
struct Batch<'b> {
    wanted: &'b Wanted,
    judge: &'b Judge,
    signatory: &'b Signatory,
    dry_run: bool,
    context: &'b Context,
}

impl Batch<'_> {
    /// Judges a page, signs what may be, and writes that at once.
    fn page(&self, arrivals: &[Arrival], store: &mut Attestations, counts: &mut Counts) -> Result<(), Complaint> {
        let mut made: Vec<(AttestationId, Signed)> = Vec::new();
        for arrival in arrivals {
            let id = arrival.attestation;
            counts.looked_at += 1;
            match self.next(arrival, store) {
                Ok(None) => {}
                Ok(Some(Next::Known)) => counts.known += 1,
                Ok(Some(Next::Sign(_))) if self.dry_run => counts.resigned += 1,
                Ok(Some(Next::Sign(source))) => {
                    made.push((id, self.signatory.sign(source.payload_type(), source.payload(), self.context)?));
                }
                Err(complaint) if is_about_one(complaint.code()) => {
                    if !self.dry_run {
                        store.journal(made::failure(&complaint, self.context).about(id), self.context);
                    }
                    counts.refuse(id, complaint);
                }
                Err(complaint) => return Err(complaint),
            }
        }
        let (from, signed): (Vec<_>, Vec<_>) = made.into_iter().unzip();
        if signed.is_empty() {
            return Ok(());
        }
        let added = made::take_in(store, &signed, self.context)?;
        for ((from, signed), added) in from.into_iter().zip(&signed).zip(added) {
            let to = signed.attestation.id();
            store.store().keep_link(&Link { from, to, kind: LinkKind::Resigned, at: self.context.now })?;
            match added {
                // The signature was there, and only the link was missing.
                Added::Duplicate(_) => counts.known += 1,
                Added::Evidence(_) | Added::New(_) => counts.resigned += 1,
            }
            if counts.made.len() < LISTED {
                counts.made.push((from, to));
            }
        }
        Ok(())
    }

    fn next(&self, arrival: &Arrival, store: &mut Attestations) -> Result<Option<Next>, Complaint> {
        let attestation = match selector::read(store, arrival) {
            Ok(attestation) => attestation,
            Err(complaint) if complaint.code() == Code::StoreCorrupt => {
                // Whose it was cannot be seen any more: that it is told is all that can be done.
                return source::kept(store, &arrival.attestation).map(|_| None);
            }
            Err(complaint) => return Err(complaint),
        };
        if !self.wanted.has_signed(&attestation) || self.signatory.has_signed(&attestation) {
            return Ok(None);
        }
        if signed_again(store, &arrival.attestation, self.signatory)?.is_some() {
            return Ok(Some(Next::Known));
        }
        let documents = source::kept(store, &arrival.attestation)?;
        let source = self.judge.proven(&documents, &arrival.attestation.to_string())?;
        Ok(Some(Next::Sign(Box::new(source))))
    }
}

/// What is to be done about one attestation.
enum Next {
    Known,
    Sign(Box<Source>),
}

/// Whether the others can go on.
const fn is_about_one(code: Code) -> bool {
    matches!(code, Code::ResignSourceUnverified | Code::UsageConflict)
}

impl Counts {
    fn refuse(&mut self, id: AttestationId, complaint: Complaint) {
        self.refused += 1;
        self.first.get_or_insert(complaint.code());
        *self.by_code.entry(complaint.code().as_str()).or_default() += 1;
        if self.listed.len() < LISTED {
            self.listed.push((id, complaint));
        }
    }

    fn tally(&self) -> String {
        format!("{} signed, {} known, {} refused", self.resigned, self.known, self.refused)
    }
}

fn page(counts: &Counts, wanted: &Wanted, signatory: &Signatory, dry_run: bool, context: &Context) -> String {
    let mut page = Page::new(context);
    page.field(if dry_run { "would sign again" } else { "signed again" }, counts.tally());
    if context.detail == Detail::Quiet {
        return page.finish();
    }
    page.field("looked at", format!("{} attestations", counts.looked_at));
    page.field("signed before by", &wanted.id);
    if wanted.key.is_none() {
        page.field(
            "note",
            "the key itself is not known here: those without a certificate are found by what they say of their key",
        );
    }
    page.field("signed by", format!("{} ({})", signatory.name(), signatory.key().key_id()));
    if dry_run {
        page.field("made", "nothing: this was a dry run");
    }
    let shown = if context.detail == Detail::Verbose { LISTED } else { SHOWN };
    for (id, complaint) in counts.listed.iter().take(shown) {
        page.field("refused", format!("{id} [{}]: {}", complaint.code(), complaint.sentence()));
    }
    let more = counts.refused.saturating_sub(counts.listed.len().min(shown) as u64);
    if more > 0 {
        page.field("refused", format!("and {more} more: stella attest logs --filter signing --level error"));
    }
    page.finish()
}

fn document(counts: &Counts, wanted: &Wanted, signatory: &Signatory, dry_run: bool) -> Value {
    let made = counts.made.iter().map(|(from, to)| {
        Value::object([("from", Value::text(from.to_string())), ("attestation", Value::text(to.to_string()))])
    });
    let refused = counts.listed.iter().map(|(id, complaint)| {
        Value::object([("attestation", Value::text(id.to_string())), ("error", complaint.json())])
    });
    let by_code = counts.by_code.iter().map(|(code, count)| ((*code).to_string(), Value::number(*count))).collect();
    Value::object([
        ("schema", Value::text("stella.resigned-all/1")),
        ("signed_by", Value::text(&wanted.id)),
        ("signer", made::signer(signatory)),
        ("dry_run", Value::Bool(dry_run)),
        ("looked_at", Value::number(counts.looked_at)),
        ("resigned", Value::number(counts.resigned)),
        ("known", Value::number(counts.known)),
        ("refused", Value::number(counts.refused)),
        ("codes", Value::Map(by_code)),
        ("made", Value::list(made)),
        ("errors", Value::list(refused)),
    ])
}
