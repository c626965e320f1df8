//! Random small infrastructures, right or wrong in one place, judged by this library, by `rustls-webpki` and by OpenSSL.
//!
//! Our own verdict is held against what the fault declares. Where another one differs from ours, `explained.rs` has to say why, by the kind of fault.

mod explained;
mod fault;
mod peers;
mod pki;
mod random;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use stella_chain_verify::{Anchor, Certificate, ChainPolicy, PeerName, Pool, Purpose};
use stella_crypto_providers::Registry;
use stella_vocabulary::{Code, Reason};

use self::explained::Peer;
use self::fault::FAULTS;
use self::pki::{AT, Keys, Pki};
use self::random::Random;

/// A run over many infrastructures.
#[derive(Debug)]
pub struct Differential {
    seed: u64,
    count: usize,
    with_openssl: usize,
}

/// What came of a run.
#[derive(Debug)]
pub struct Agreement {
    count: usize,
    openssl: Option<String>,
    rows: BTreeMap<usize, Row>,
}

/// Infrastructures with one kind of fault.
#[derive(Debug, Default)]
struct Row {
    count: usize,
    /// How often we gave which verdict.
    ours: BTreeMap<Option<Code>, usize>,
    webpki: Column,
    openssl: Column,
}

/// How one of the others judged them.
#[derive(Debug, Default)]
struct Column {
    judged: usize,
    /// Accepted what we refused, and what we accept for another reason.
    accepts_alone: usize,
    /// What it says where we accept, and how often.
    refuses_alone: BTreeMap<String, usize>,
}

impl Differential {
    /// `count` infrastructures from `seed`; the first `with_openssl` of them judged by OpenSSL as well, which costs a process each.
    #[must_use]
    pub fn new(seed: u64, count: usize, with_openssl: usize) -> Self {
        Self { seed, count, with_openssl }
    }

    /// Judges them. `directory` is for the files that OpenSSL reads.
    ///
    /// # Errors
    /// If OpenSSL cannot be run although it is installed.
    pub fn run(&self, directory: &Path) -> std::io::Result<Agreement> {
        let keys = Keys::new();
        let registry = Registry::rustcrypto();
        let version = if self.with_openssl > 0 { peers::openssl_version() } else { None };
        let mut rows: BTreeMap<usize, Row> = BTreeMap::new();
        for number in 0..self.count {
            // Each from a seed of its own, so that one of them can be made alone.
            let mut random = Random::new(self.seed.wrapping_mul(0x1_0000_0001).wrapping_add(number as u64));
            let at = random.below(FAULTS.len());
            let Some(fault) = FAULTS.get(at) else { continue };
            let mut drafts = pki::good(&keys, &mut random);
            (fault.apply)(&mut drafts, &mut random);
            let pki = drafts.finish(&mut random);
            let ours = judge(&registry, &pki);
            let row = rows.entry(at).or_default();
            row.count += 1;
            *row.ours.entry(ours).or_default() += 1;
            row.webpki.add(ours, peers::webpki(&pki));
            if version.is_some() && number < self.with_openssl {
                row.openssl.add(ours, peers::openssl(&pki, directory)?);
            }
        }
        Ok(Agreement { count: self.count, openssl: version, rows })
    }
}

impl Column {
    fn add(&mut self, ours: Option<Code>, theirs: peers::Verdict) {
        self.judged += 1;
        match (ours, theirs) {
            (Some(_), Ok(())) => self.accepts_alone += 1,
            (None, Err(error)) => *self.refuses_alone.entry(error).or_default() += 1,
            (None, Ok(())) | (Some(_), Err(_)) => {}
        }
    }

    fn differs(&self) -> bool {
        self.accepts_alone > 0 || !self.refuses_alone.is_empty()
    }
}

/// The code of our refusal, if we refuse.
fn judge(registry: &Registry, pki: &Pki) -> Option<Code> {
    let verdict = || -> Result<(), Code> {
        let read = |der: &[u8]| Certificate::from_der(der).map_err(|error| error.code());
        let anchor = Anchor::new(read(&pki.anchor)?);
        let leaf = read(&pki.leaf)?;
        // What cannot be read is no certificate, and its fault is told only if there is no path without it.
        let (mut extra, mut unreadable) = (Vec::new(), None);
        for der in &pki.extra {
            match read(der) {
                Ok(certificate) => extra.push(certificate),
                Err(code) => unreadable = Some(code),
            }
        }
        let policy = ChainPolicy::new(Purpose::server_auth());
        let pool = Pool::new(registry, vec![anchor], Vec::new());
        let found = pool.search(&leaf, &extra, &[AT], &policy).into_result();
        let chain = found.map_err(|refused| unreadable.unwrap_or_else(|| refused.code()))?;
        let host = PeerName::dns(&pki.host).map_err(|error| error.code())?;
        host.check(chain.leaf()).map_err(|error| error.code())
    };
    verdict().err()
}

impl Agreement {
    /// Everything that is not as it has to be: verdicts of ours that a fault does not declare, differences that nobody has explained, and
    /// explanations without a difference.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (at, row) in &self.rows {
            let Some(fault) = FAULTS.get(*at) else { continue };
            for (code, count) in &row.ours {
                let is_declared = match (code, fault.code) {
                    (None, None) => true,
                    (Some(code), Some(declared)) => declared.split('|').any(|one| one == code.as_str()),
                    _ => false,
                };
                if !is_declared {
                    let found = code.map_or("accepted", |code| code.as_str());
                    let expected = fault.code.unwrap_or("accepted");
                    faults.push(format!("{}: {count} times {found} instead of {expected}", fault.name));
                }
            }
            for (peer, column) in [(Peer::Webpki, &row.webpki), (Peer::OpenSsl, &row.openssl)] {
                let is_explained = explained::find(fault.name, peer).is_some();
                if column.differs() && !is_explained {
                    faults.push(format!(
                        "{}: {peer} accepts {} alone, refuses {:?} alone, of {}",
                        fault.name, column.accepts_alone, column.refuses_alone, column.judged
                    ));
                }
                // Rare shapes may be missing from a short run.
                if !column.differs() && is_explained && column.judged >= 100 {
                    faults.push(format!("{}: {peer} does not differ any more", fault.name));
                }
            }
        }
        faults
    }

    /// How many were judged by OpenSSL.
    #[must_use]
    pub fn judged_by_openssl(&self) -> usize {
        self.rows.values().map(|row| row.openssl.judged).sum()
    }
}

/// A table in Markdown, one row for a kind of fault over which there is no agreement.
impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let openssl = self.openssl.as_deref().unwrap_or("OpenSSL, which is not installed");
        let all = self.rows.len();
        writeln!(
            f,
            "{} infrastructures of {all} kinds; {} judged by {openssl}.",
            self.count,
            self.judged_by_openssl()
        )?;
        writeln!(f, "\n| fault | ours | rustls-webpki | OpenSSL | why |\n|---|---|---|---|---|")?;
        for (at, row) in &self.rows {
            let Some(fault) = FAULTS.get(*at) else { continue };
            if !row.webpki.differs() && !row.openssl.differs() {
                continue;
            }
            let ours =
                fault.code.map_or_else(|| "accepted".to_owned(), |code| format!("`{}`", code.replace('|', "` or `")));
            let cell = |column: &Column| match (column.accepts_alone, column.refuses_alone.values().sum::<usize>()) {
                _ if column.judged == 0 => "not judged".to_owned(),
                (0, 0) => "agrees".to_owned(),
                (accepts, 0) => format!("accepts {accepts} of {}", column.judged),
                (_, refuses) => {
                    let errors: Vec<&str> = column.refuses_alone.keys().map(String::as_str).collect();
                    format!("refuses {refuses} of {}: {}", column.judged, errors.join(", "))
                }
            };
            let why = [Peer::Webpki, Peer::OpenSsl].into_iter().find_map(|peer| explained::find(fault.name, peer));
            let (webpki, openssl, why) = (cell(&row.webpki), cell(&row.openssl), why.unwrap_or("UNEXPLAINED"));
            writeln!(f, "| {} ({}) | {ours} | {webpki} | {openssl} | {why} |", fault.name, row.count)?;
        }
        let agreed: Vec<&str> = self
            .rows
            .iter()
            .filter(|(_, row)| !row.webpki.differs() && !row.openssl.differs())
            .filter_map(|(at, _)| FAULTS.get(*at).map(|fault| fault.name))
            .collect();
        writeln!(f, "\nAgreement over: {}.", agreed.join("; "))
    }
}
