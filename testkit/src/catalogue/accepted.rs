//! Inputs that must be accepted: A01 to A07, A14, A18, A20, A22 and A23.

use stella_vocabulary::{base64, hex};

use super::{
    item::Item,
    json_texts,
    scene::{
        self, ARTIFACT, BUILDER, bundle_item, bundle_with, envelope, envelope_item, envelope_with, fingerprint,
        key_item, replaced, signed, signer, statement_with, stranger, text,
    },
    statement::with_many_digests,
};
use crate::{
    authority::Authority,
    bundle::Version,
    certificate::{SubjectAltName, to_pem},
    dsse::{Envelope, IN_TOTO, Signature, pae},
    json::{self, Value},
    statement::{self, SLSA_PROVENANCE_V1, STATEMENT_V01, STATEMENT_V1},
};

pub(super) fn items() -> Vec<Item> {
    vec![
        alphabets(),
        unknown_members(),
        hints(),
        one_of_two(),
        second_subject(),
        only_sha512(),
        older_statement(),
        expired_certificate(),
        high_s(),
        well_formed(),
        large(),
        free_text(),
    ]
}

fn alphabets() -> Item {
    // Text whose base64 has both symbols in which the alphabets differ, and padding.
    let mut statement =
        statement_with(|statement| statement["predicate"]["text"] = json::text("?????? >>>>>>")).to_string();
    while statement.len() % 3 != 1 {
        statement.push(' ');
    }
    let good = signed(&statement);
    let standard = base64::encode(statement.as_bytes());
    let url_safe = standard.replace('+', "-").replace('/', "_");
    let sig = json_text(&good);
    let both =
        |payload: &str, change: fn(&str) -> String| replaced(&replaced(&good, &standard, payload), &sig, &change(&sig));
    let bare = |text: &str| text.trim_end_matches('=').to_owned();
    key_item("A01")
        .good(&good)
        .also_good(both(&url_safe, |sig| sig.replace('+', "-").replace('/', "_")))
        .also_good(both(&bare(&url_safe), |sig| {
            sig.replace('+', "-").replace('/', "_").trim_end_matches('=').to_owned()
        }))
        .also_good(both(&bare(&standard), |sig| sig.trim_end_matches('=').to_owned()))
}

/// The signature of an envelope as text.
fn json_text(envelope: &str) -> String {
    let value: Value = serde_json::from_str(envelope).expect("the fixture is JSON");
    value["signatures"][0]["sig"].as_str().expect("a signature is a string").to_owned()
}

fn unknown_members() -> Item {
    let extra = || json::object([("a", Value::Null), ("b", json::array([Value::from(1), json::text("x")]))]);
    let statement = statement_with(|statement| {
        statement["extra"] = extra();
        statement["subject"][0]["annotations"] = extra();
        statement["subject"][0]["downloadLocation"] = json::text("https://ci.example/artifact.txt");
    });
    let good = envelope_with(|envelope| {
        envelope["extra"] = extra();
        envelope["signatures"][0]["extra"] = extra();
    });
    let bundled = bundle_with(Version::V03, |bundle| {
        bundle["extra"] = extra();
        bundle["verificationMaterial"]["extra"] = extra();
        bundle["verificationMaterial"]["certificate"]["extra"] = extra();
        bundle["verificationMaterial"]["tlogEntries"][0]["extra"] = extra();
        bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["extra"] = extra();
        bundle["dsseEnvelope"]["extra"] = extra();
    });
    key_item("A02")
        .good(good)
        .also_good(signed(statement.to_string()))
        .file("trusted_root.json", scene::sigstore().trusted_root().to_json())
        .file("bundle.json", bundled)
        .also_good_with(vec![
            ("attestation", "bundle.json".into()),
            ("without", ["key"].into()),
            ("trusted_root", "trusted_root.json".into()),
            ("identity", crate::sigstore::IDENTITY.into()),
            ("issuer", crate::sigstore::OIDC_ISSUER.into()),
        ])
}

fn hints() -> Item {
    let hinted =
        |hint: &str| text(&Envelope::new(IN_TOTO, &scene::payload()).signed_with_hint(&signer(), hint).to_value());
    envelope_item("A03")
        .also_good(hinted(""))
        .also_good(hinted(&fingerprint(&signer())))
        .also_good(hinted(&fingerprint(&stranger())))
        .also_good(hinted("the key of somebody else"))
        .also_good(envelope_with(|envelope| envelope["signatures"][0]["keyid"] = Value::Null))
}

fn one_of_two() -> Item {
    let ours_first = envelope(scene::payload()).signed_by(&stranger());
    let ours_last = Envelope::new(IN_TOTO, &scene::payload())
        .signed_with_hint(&stranger(), &fingerprint(&stranger()))
        .signed_with_hint(&signer(), &fingerprint(&signer()));
    let other_algorithm = Envelope::new(IN_TOTO, &scene::payload())
        .signed_by(&crate::key::TestKey::ed25519("stella catalogue other stranger TEST KEY"))
        .signed_by(&signer());
    // Anybody can append a signature, and with it a certificate of their own.
    let root = Authority::root("stella catalogue untrusted root TEST KEY");
    let identity = SubjectAltName::Uri("https://stranger.example".to_owned());
    let leaf = root.signer_leaf(&stranger(), &identity).sign(root.key());
    let certified = envelope(scene::payload()).signed_with_certificate(&stranger(), &to_pem(&leaf));
    key_item("A04")
        .good(text(&ours_first.to_value()))
        .also_good(text(&ours_last.to_value()))
        .also_good(text(&other_algorithm.to_value()))
        .file("certified.json", text(&certified.to_value()))
        .also_good_with(vec![
            ("attestation", "certified.json".into()),
            ("only", "library".into()),
            ("signer", "trusted".into()),
        ])
}

fn digest_of(contents: &[u8]) -> [u8; 32] {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(contents).into()
}

fn second_subject() -> Item {
    let (first, own, third) = (digest_of(b"first"), digest_of(ARTIFACT), digest_of(b"third"));
    let subjects: [(&str, &[u8]); 3] = [("first", &first), ("artifact.txt", &own), ("third", &third)];
    let statement =
        statement::statement(STATEMENT_V1, &subjects, SLSA_PROVENANCE_V1, statement::slsa_predicate(BUILDER));
    key_item("A05").good(signed(statement.to_string()))
}

fn only_sha512() -> Item {
    use sha2::{Digest as _, Sha512};
    let digest = hex::encode(&Sha512::digest(ARTIFACT));
    let statement = statement_with(|statement| {
        statement["subject"][0]["digest"] = json::object([("sha512", json::text(&digest))]);
    });
    key_item("A06")
        .good(signed(statement.to_string()))
        .also_good_with(vec![("without", ["artifact"].into()), ("digest", format!("sha512:{digest}").into())])
}

fn older_statement() -> Item {
    let statement = statement_with(|statement| statement["_type"] = json::text(STATEMENT_V01));
    key_item("A07").good(signed(statement.to_string()))
}

/// The leaf of the bundle is valid for ten minutes in January; the item is judged in June, and again in 2059.
fn expired_certificate() -> Item {
    bundle_item("A14").also_good_with(vec![("at", "2059-12-31T23:59:59Z".into())])
}

fn high_s() -> Item {
    let other = signer().sign_twin(&pae(IN_TOTO, &scene::payload()));
    let signatures = vec![Signature { keyid: None, sig: other, certificate_pem: None }];
    let twin = Envelope { signatures, ..Envelope::new(IN_TOTO, &scene::payload()) };
    envelope_item("A18").also_good(text(&twin.to_value()))
}

fn well_formed() -> Item {
    let texts = json_texts::well_formed();
    let list = format!("[{}]", texts.join(","));
    let outside = envelope_with(|envelope| envelope["ignored"] = Value::Null).replacen("null", &list, 1);
    let inside = statement_with(|statement| statement["predicate"]["value"] = Value::Null).to_string();
    key_item("A20").good(outside).also_good(signed(inside.replacen("null", &list, 1)))
}

fn large() -> Item {
    let generated = |recipe: &str| vec![("generate", recipe.into()), ("attestation", "generated".into())];
    let mut bundled = generated("log entries 32");
    bundled.extend([
        ("without", ["key"].into()),
        ("trusted_root", "trusted_root.json".into()),
        ("identity", crate::sigstore::IDENTITY.into()),
        ("issuer", crate::sigstore::OIDC_ISSUER.into()),
    ]);
    key_item("A22")
        .good(signed(with_many_digests(32).to_string()))
        .file("trusted_root.json", scene::sigstore().trusted_root().to_json())
        .also_good_with(generated("predicate of MiB 10"))
        .also_good_with(generated("subjects 1024"))
        .also_good_with(generated("signatures 32"))
        .also_good_with(bundled)
}

fn free_text() -> Item {
    let free = statement_with(|statement| {
        statement["predicate"]["text"] = json::text(
            "\u{202b}\u{5e9}\u{5dc}\u{5d5}\u{5dd}\u{202c} \u{645}\u{631}\u{62d}\u{628}\u{627} \u{202e}abc \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} \u{1f1e8}\u{1f1ed} \u{1b}[31m",
        );
        statement["subject"][0]["name"] = json::text("artifact \u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{1f600}.txt");
    });
    key_item("A23").good(signed(free.to_string()))
}
