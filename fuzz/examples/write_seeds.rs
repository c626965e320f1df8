//! Writes the seeds that are made and not found: what the test kit signs, and starting points for the targets that take decisions.
//! Run it in `fuzz/`; the same bytes come out every time.

use std::{fs, io, path::Path};

use sha2::{Digest as _, Sha256};
use stella_crypto_providers::Scheme;
use stella_fuzz::evidence::{Golden, timestamps};
use stella_fuzz::revocable::Revocable;
use stella_fuzz::store::golden;
use stella_testkit::key::TestKey;

/// Decisions to start from, for each of the targets that take any.
const DECIDING: [&str; 11] = [
    "approval",
    "audit_log",
    "bundle_mutation",
    "id_and_path",
    "inclusion_proof",
    "name_constraints",
    "pae",
    "path_build",
    "sig_verify",
    "store_file",
    "time_window",
];

fn main() -> io::Result<()> {
    for golden in Golden::all() {
        write("bundle", golden.json.to_string().as_bytes())?;
    }
    let (authority, responses) = timestamps();
    for response in &responses {
        write("rfc3161", response)?;
    }
    write("cert_parse", authority.certificate())?;
    write("cert_parse", authority.root().certificate())?;
    let revocable = Revocable::new();
    write("crl", revocable.list())?;
    write("ocsp", revocable.response())?;
    for scheme in Scheme::ALL.iter().filter(|scheme| !scheme.name().starts_with("rsa")) {
        write("spki", TestKey::new(*scheme, "fuzz seed").spki())?;
    }
    // Entries as they are; the first byte says so.
    for entry in golden().entries {
        write("audit_log", &[&[0], entry.as_slice()].concat())?;
    }
    for answer in answers() {
        write("fetch_response", answer.as_bytes())?;
    }
    for target in DECIDING {
        for number in 0_u8..24 {
            let mut bytes = Vec::new();
            for counter in 0..3 {
                bytes.extend_from_slice(&Sha256::digest([number, counter]));
            }
            // A target picks its case with the first byte.
            bytes[0] = if target == "audit_log" { 64 + number } else { number };
            write(target, &bytes)?;
        }
    }
    Ok(())
}

/// Answers of servers that publish keys, or say that they do.
fn answers() -> Vec<String> {
    let x = stella_vocabulary::base64::encode_url_unpadded(TestKey::ed25519("fuzz seed").public_key().raw());
    let jwk = |rest: &str| format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"k1","use":"sig","x":"{x}"{rest}}}"#);
    let set = |keys: &str| format!(r#"{{"keys":[{keys}]}}"#);
    let bodies = [
        set(&jwk("")),
        set(&[jwk(""), jwk("")].join(",")),
        set(&jwk(r#","d":"AAAA""#)),
        set(r#"{"kty":"oct","k":"AAAA"}"#),
        set(""),
        jwk(""),
        TestKey::p256("fuzz seed").public_pem(),
        r#"{"issuer":"https://ci.example","jwks_uri":"https://keys.example/jwks"}"#.to_string(),
        "<html>Log in</html>".to_string(),
    ];
    let whole = |body: &String| format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let mut responses: Vec<String> = bodies.iter().map(whole).collect();
    let body = &bodies[0];
    let (one, two) = body.split_at(9);
    responses.push(format!("HTTP/1.1 200 OK\r\n\r\n{body}"));
    responses.push(format!("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n{}", whole(body)));
    responses.push(format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9;a=b\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\nx: y\r\n\r\n",
        two.len()
    ));
    let rest = [
        "302 Found\r\nLocation: https://other.example/",
        "503 Busy\r\nRetry-After: 1",
        "200 OK\r\nContent-Encoding: gzip",
    ];
    responses.extend(rest.iter().map(|rest| format!("HTTP/1.1 {rest}\r\nContent-Length: 0\r\n\r\n")));
    responses
}

/// Writes one seed, named by its hash.
fn write(target: &str, bytes: &[u8]) -> io::Result<()> {
    let directory = Path::new("seeds").join(target);
    fs::create_dir_all(&directory)?;
    let name: String = Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    fs::write(directory.join(name), bytes)
}
