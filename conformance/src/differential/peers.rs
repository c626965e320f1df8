//! The other two who judge: `rustls-webpki` in this process, and the command `openssl`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::pki::{AT, Pki};

/// Accepted, or the name of the error.
pub(crate) type Verdict = Result<(), String>;

/// `rustls-webpki` with *ring*: a server of TLS, at the instant, of the host.
pub(crate) fn webpki(pki: &Pki) -> Verdict {
    let told = |error: webpki::Error| format!("{error:?}").split([' ', '(', '{']).next().unwrap_or("error").to_owned();
    let anchor = CertificateDer::from(pki.anchor.as_slice());
    let anchors = [anchor_from_trusted_cert(&anchor).map_err(told)?];
    let leaf = CertificateDer::from(pki.leaf.as_slice());
    let leaf = EndEntityCert::try_from(&leaf).map_err(told)?;
    let extra: Vec<CertificateDer<'_>> = pki.extra.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let at = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(AT.seconds()).unwrap_or(0)));
    leaf.verify_for_usage(ALL_VERIFICATION_ALGS, &anchors, &extra, at, KeyUsage::server_auth(), None, None)
        .map_err(told)?;
    let host = ServerName::try_from(pki.host.as_str()).map_err(|_| "InvalidServerName".to_owned())?;
    leaf.verify_is_valid_for_subject_name(&host).map_err(told)
}

/// Whether there is a command `openssl`, and which.
pub(crate) fn openssl_version() -> Option<String> {
    let output = Command::new("openssl").arg("version").stderr(Stdio::null()).output().ok()?;
    let version = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| version.split(" (").next().unwrap_or_default().trim().to_owned())
}

/// `openssl verify` for the same, with the checks of RFC 5280 that it leaves out otherwise (`-x509_strict`). `directory` is for its files.
pub(crate) fn openssl(pki: &Pki, directory: &Path) -> std::io::Result<Verdict> {
    let write = |name: &str, ders: &mut dyn Iterator<Item = &Vec<u8>>| {
        let pem: String = ders.map(|der| stella_vocabulary::pem::encode("CERTIFICATE", der)).collect();
        fs::write(directory.join(name), pem)
    };
    write("anchor.pem", &mut std::iter::once(&pki.anchor))?;
    write("extra.pem", &mut pki.extra.iter())?;
    write("leaf.pem", &mut std::iter::once(&pki.leaf))?;
    let mut command = Command::new("openssl");
    command.args(["verify", "-x509_strict", "-purpose", "sslserver", "-no-CApath", "-no-CAstore"]);
    command.args(["-attime", &AT.seconds().to_string(), "-verify_hostname", &pki.host, "-CAfile", "anchor.pem"]);
    if !pki.extra.is_empty() {
        command.args(["-untrusted", "extra.pem"]);
    }
    let output = command.arg("leaf.pem").current_dir(directory).stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(Ok(()));
    }
    // "error 10 at 0 depth lookup: certificate has expired"
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let error = text.lines().find_map(|line| line.strip_prefix("error ").and_then(|line| line.split_once(": ")));
    Ok(Err(error.map_or_else(|| "cannot be read".to_owned(), |(_, sentence)| sentence.trim().to_owned())))
}
