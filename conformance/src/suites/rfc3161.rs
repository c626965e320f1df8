//! RFC 3161 responses and tokens, with the verdicts of `openssl ts`.

use std::path::Path;

use serde::Deserialize;
use stella_attest_verify::UnixTime;
use stella_chain_verify::{Anchor, Certificate, ChainPolicy, Pool, Purpose};
use stella_transparency::TimestampToken;
use stella_vocabulary::{Code, hex};

use crate::case::{Case, Expected, Observed, Reasons};
use crate::certificates;
use crate::files;
use crate::sink::Sink;
use crate::suite::{Input, Suite, SuiteError};

/// Time-stamp responses and tokens.
#[derive(Debug)]
pub(crate) struct Rfc3161;

/// One file and what is known about it.
#[derive(Deserialize)]
struct Row {
    id: String,
    kind: String,
    hash: Option<String>,
    imprint: Option<String>,
    expected: String,
    root: Option<String>,
}

impl Suite for Rfc3161 {
    fn name(&self) -> &'static str {
        "rfc3161"
    }

    fn about(&self) -> &'static str {
        "time-stamp responses and tokens, signature, imprint and path"
    }

    fn run(&self, input: &Input<'_>, sink: &mut Sink) -> Result<(), SuiteError> {
        let (table, directory) = if input.path.is_file() {
            (input.path.to_path_buf(), input.path.parent().unwrap_or(Path::new(".")))
        } else {
            (input.path.join("cases.json"), input.path)
        };
        for row in files::read_json::<Vec<Row>>(&table)? {
            let der = files::read(&directory.join(&row.id))?;
            let roots = row.root.as_ref().map(|root| files::read(&directory.join(root))).transpose()?;
            let mut tags =
                vec![format!("kind:{}", row.kind), format!("hash:{}", row.hash.as_deref().unwrap_or("none"))];
            if row.imprint_fits() == Some(false) {
                tags.push("imprint:wrong-length".to_owned());
            }
            let case = |expected| Case::new(&row.id, expected).in_group(&row.expected).tagged(tags.clone());
            match (row.expected.as_str(), &roots) {
                ("accept", Some(roots)) => {
                    sink.judge(case(Expected::Accept), || row.verify(input, &der, roots));
                }
                ("reject" | "not-a-token" | "unknown-root", roots) => {
                    // The reasons in the table are those of another program; some tokens are wrong in more ways than one.
                    let roots = roots.as_deref().unwrap_or_default();
                    sink.judge(case(Expected::Reject(Reasons::Any)), || row.verify(input, &der, roots));
                }
                ("parse-only", _) => {
                    sink.judge(case(Expected::Accept), || Observed::of(TimestampToken::parse(&der)));
                }
                _ => sink.skip(
                    case(Expected::Accept),
                    "accepted by whoever made the table, with a root that is not beside it",
                ),
            }
        }
        Ok(())
    }
}

impl Row {
    /// Everything a verifier must look at: form, signer, signature over the attributes, imprint, and the signer's path at the time stated.
    fn verify(&self, input: &Input<'_>, der: &[u8], roots: &[u8]) -> Observed {
        let token = match TimestampToken::parse(der) {
            Ok(token) => token,
            Err(error) => return Observed::refused(&error),
        };
        if let Some(refused) = self.compare_imprint(&token) {
            return refused;
        }
        let embedded: Vec<Certificate> =
            token.embedded_certificates().into_iter().filter_map(|der| Certificate::from_der(der).ok()).collect();
        let known = match certificates::all(roots) {
            Ok(known) => known,
            Err(error) => return Observed::refused(&error),
        };
        let signer = embedded.iter().chain(&known).find(|certificate| {
            token.signer_matches(certificate.issuer().der(), certificate.serial(), certificate.subject_key_identifier())
        });
        let Some(signer) = signer.cloned() else {
            return Observed::Refused(Code::TimeTsaUntrusted, "the certificate of the signer is not at hand".into());
        };
        let key = match signer.public_key() {
            Ok(key) => key,
            Err(error) => return Observed::refused(&error),
        };
        if let Err(error) = token.verify_signature(input.registry, signer.der(), &key) {
            return Observed::refused(&error);
        }
        self.find_path(input, &signer, &embedded, known, token.gen_time())
    }

    /// Whether the imprint has the length of its hash; `None` where the table tells no hash or no imprint.
    fn imprint_fits(&self) -> Option<bool> {
        let octets = match self.hash.as_deref()? {
            "sha256" => 32,
            "sha384" => 48,
            "sha512" => 64,
            _ => return None,
        };
        Some(self.imprint.as_ref()?.len() == 2 * octets)
    }

    fn compare_imprint(&self, token: &TimestampToken) -> Option<Observed> {
        let mismatch = |detail: String| Some(Observed::Refused(Code::TimeImprintMismatch, detail));
        if let Some(imprint) = self.imprint.as_deref().filter(|imprint| *imprint != hex::encode(token.imprint())) {
            return mismatch(format!("the imprint is {}, the table says {imprint}", hex::encode(token.imprint())));
        }
        // The table also has names of signature algorithms in this place; only hash names are comparable.
        let found = token.imprint_algorithm().name();
        let stated = self.hash.as_deref().filter(|name| matches!(*name, "sha256" | "sha384" | "sha512"))?;
        if stated == found { None } else { mismatch(format!("the imprint is of {found}, the table says {stated}")) }
    }

    fn find_path(
        &self,
        input: &Input<'_>,
        signer: &Certificate,
        embedded: &[Certificate],
        known: Vec<Certificate>,
        at: UnixTime,
    ) -> Observed {
        let (roots, intermediates): (Vec<_>, Vec<_>) = known.into_iter().partition(Certificate::is_self_issued);
        let anchors = roots.into_iter().map(Anchor::new).collect();
        let pool = Pool::new(input.registry, anchors, intermediates);
        let policy = ChainPolicy::new(Purpose::time_stamping());
        match pool.search(signer, embedded, &[at], &policy).into_result() {
            Ok(_) => Observed::Accepted,
            Err(refused) => Observed::refused(&refused.best),
        }
    }
}
