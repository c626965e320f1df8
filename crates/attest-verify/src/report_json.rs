//! `stella.report/1` as text. Written by hand: the form is small, fixed and normative, and this keeps a serialiser out of embedders' trees.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;

use stella_vocabulary::text::is_unsafe_to_show;

use crate::check::Check;
use crate::report::{PathCertificate, PathFinding, Report, Signer, TriedPath, TrustedTime, Verdict};

/// The report in one line.
pub(crate) fn render(report: &Report) -> String {
    let mut out = Json::new();
    out.object(|out| {
        out.text("schema", "stella.report/1");
        out.text("verdict", report.verdict().as_str());
        out.maybe("code", report.code().map(|code| code.as_str()));
        out.text("at", &report.at().to_string());
        out.text("attestation", &report.attestation().to_string());
        out.text("form", report.form().as_str());
        out.key("signer");
        signer(out, report.signer());
        out.key("inputs");
        out.object(|out| {
            let inputs = report.inputs();
            out.text("envelope", &inputs.envelope);
            out.maybe("subject", inputs.subject.as_deref());
            out.key("trust");
            out.object(|out| {
                out.number("size", inputs.trust_size);
                out.text("root", &inputs.trust_root);
                if let (Some(store), Some(entry)) = (&inputs.trust_store, inputs.trust_entry) {
                    out.text("store", store);
                    out.number("entry", entry);
                }
            });
            out.text("policy", &inputs.policy);
        });
        out.key("checks");
        out.array(report.checks(), check);
        out.key("paths");
        out.array(report.paths(), path);
        out.key("trusted_times");
        out.array(report.trusted_times(), trusted_time);
        statement(out, report);
        out.key("also");
        out.array(&report.also(), |out, code| out.string(code.as_str()));
        out.key("notes");
        out.array(report.notes(), |out, note| out.string(note));
        out.key("remedy");
        match report.remedy() {
            None => out.null(),
            Some(remedy) => out.object(|out| {
                out.text("summary", remedy.summary());
                out.key("commands");
                out.array(remedy.commands(), |out, command| out.array(command, |out, word| out.string(word)));
                out.maybe("accepts", remedy.accepts());
                out.text("reference", remedy.reference());
            }),
        }
        // Last: without it, a report is the same with a memo and without.
        if let Some(remembered) = report.remembered() {
            out.key("remembered");
            out.object(|out| {
                out.number("signatures", remembered.signatures as u64);
                out.number("of", remembered.of as u64);
            });
        }
    });
    out.text
}

fn signer(out: &mut Json, signer: &Signer) {
    out.object(|out| {
        out.maybe("identity", signer.identity());
        out.key("identities");
        out.array(signer.identities(), |out, identity| out.string(identity));
        out.maybe("issuer", signer.issuer());
        out.maybe("key", signer.key());
        out.maybe("label", signer.label());
        out.maybe("algorithm", signer.algorithm());
    });
}

fn check(out: &mut Json, check: &Check) {
    out.object(|out| {
        out.text("id", check.id().as_str());
        out.text("status", check.status().as_str());
        for (name, value) in [
            ("code", check.code().map(|code| code.as_str())),
            ("summary", check.summary()),
            ("clause", check.clause()),
            ("where", check.place()),
            ("found", check.found()),
            ("expected", check.expected()),
            ("because", check.because().map(|id| id.as_str())),
        ] {
            if let Some(value) = value {
                out.text(name, value);
            }
        }
        if let Some(certificate) = check.certificate() {
            out.number("cert", certificate as u64);
        }
        out.key("evidence");
        out.object(|out| {
            // Several facts may have one name (keys that signed, logs that know the certificate), and an object has each name once.
            let mut rest: Vec<_> = check.evidence().collect();
            while let Some((name, _)) = rest.first().cloned() {
                let values: Vec<String> =
                    rest.extract_if(.., |(other, _)| *other == name).map(|(_, value)| value).collect();
                out.text(name, &values.join(", "));
            }
        });
    });
}

fn path(out: &mut Json, path: &TriedPath) {
    out.object(|out| {
        out.text("purpose", path.purpose.as_str());
        out.text("status", if path.findings.is_empty() { "accepted" } else { "refused" });
        out.maybe("anchor", path.anchor.as_deref());
        out.key("certificates");
        out.array(&path.certificates, path_certificate);
        out.key("findings");
        out.array(&path.findings, path_finding);
    });
}

fn path_certificate(out: &mut Json, certificate: &PathCertificate) {
    out.object(|out| {
        out.text("subject", &certificate.subject());
        out.text("issuer", &certificate.issuer());
        out.text("serial", &certificate.serial());
        out.text("not_before", &certificate.not_before().to_string());
        out.text("not_after", &certificate.not_after().to_string());
        out.text("sha256", &certificate.fingerprint());
    });
}

fn path_finding(out: &mut Json, finding: &PathFinding) {
    out.object(|out| {
        out.text("code", finding.code().as_str());
        if let Some(certificate) = finding.certificate() {
            out.number("cert", certificate as u64);
        }
        out.text("summary", &finding.summary());
        for (name, value) in [("found", finding.found()), ("expected", finding.expected())] {
            if let Some(value) = value {
                out.text(name, &value);
            }
        }
        if let Some(clause) = finding.clause() {
            out.text("clause", clause);
        }
    });
}

fn trusted_time(out: &mut Json, time: &TrustedTime) {
    out.object(|out| {
        out.text("time", &time.time().to_string());
        out.text("source", time.source().as_str());
        out.text("name", time.name());
    });
}

/// Only of a verified report: nobody is shown the content of an attestation through its refusal.
fn statement(out: &mut Json, report: &Report) {
    out.key("statement");
    match report.verified_statement() {
        None => out.null(),
        Some(statement) => {
            debug_assert_eq!(report.verdict(), Verdict::Verified);
            out.object(|out| {
                out.text("predicate_type", statement.predicate_type());
                out.key("subjects");
                out.array(statement.subjects(), |out, subject| {
                    out.object(|out| {
                        out.maybe("name", subject.name());
                        out.key("digests");
                        out.array(subject.digests(), |out, digest| out.string(&digest.to_string()));
                    });
                });
            });
        }
    }
}

/// A JSON text under construction. Members and elements take care of their commas themselves.
struct Json {
    text: String,
    fresh: bool,
}

impl Json {
    fn new() -> Self {
        Self { text: String::with_capacity(4096), fresh: true }
    }

    fn comma(&mut self) {
        if !self.fresh {
            self.text.push(',');
        }
        self.fresh = true;
    }

    fn object(&mut self, body: impl FnOnce(&mut Self)) {
        self.text.push('{');
        self.fresh = true;
        body(self);
        self.text.push('}');
        self.fresh = false;
    }

    fn array<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        self.text.push('[');
        self.fresh = true;
        for item in items {
            self.comma();
            each(self, item);
            self.fresh = false;
        }
        self.text.push(']');
        self.fresh = false;
    }

    fn key(&mut self, name: &str) {
        self.comma();
        self.string(name);
        self.text.push(':');
        self.fresh = true;
    }

    fn text(&mut self, name: &str, value: &str) {
        self.key(name);
        self.string(value);
    }

    fn maybe(&mut self, name: &str, value: Option<&str>) {
        self.key(name);
        match value {
            Some(value) => self.string(value),
            None => self.null(),
        }
    }

    fn number(&mut self, name: &str, value: u64) {
        self.key(name);
        self.text.push_str(&value.to_string());
        self.fresh = false;
    }

    fn null(&mut self) {
        self.text.push_str("null");
        self.fresh = false;
    }

    /// A JSON string without any character that could move a terminal's cursor or turn its text around, should somebody print it raw.
    fn string(&mut self, value: &str) {
        self.text.push('"');
        for character in value.chars() {
            match character {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                ' '..='~' => self.text.push(character),
                _ if character.is_alphanumeric() && !is_unsafe_to_show(character) => self.text.push(character),
                _ => {
                    let mut units = [0; 2];
                    for unit in character.encode_utf16(&mut units) {
                        // Writing to a string cannot fail.
                        let _ = write!(self.text, "\\u{unit:04x}");
                    }
                }
            }
        }
        self.text.push('"');
        self.fresh = false;
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn strings_hold_no_raw_control_or_direction_character() {
        let mut json = Json::new();
        json.string("a\u{1b}[31m\n\u{202e}\u{200b}\"\\é\u{1f600}");
        assert_eq!(json.text, "\"a\\u001b[31m\\u000a\\u202e\\u200b\\\"\\\\é\\ud83d\\ude00\"");
    }

    #[test]
    fn commas_stand_between_members_and_elements_only() {
        let mut json = Json::new();
        json.object(|json| {
            json.text("a", "b");
            json.key("c");
            json.array(&[1, 2], |json, _| json.object(|_| {}));
            json.maybe("d", None);
        });
        assert_eq!(json.text, r#"{"a":"b","c":[{},{}],"d":null}"#);
    }
}
