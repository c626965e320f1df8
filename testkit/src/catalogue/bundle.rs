//! Items B066 to B078: Sigstore bundles.

use stella_vocabulary::base64;

use super::{
    item::{Bad, Item, Layer},
    scene::{
        self, ARTIFACT, OTHER_ARTIFACT, bundle, bundle_item, bundle_with, fingerprint, key_bundle, key_item, remove,
        second_signer, signer, sigstore, sigstore_item, text,
    },
};
use crate::{
    bundle::{Bundle, Content, Signer, Version},
    json::{self, Value},
    sigstore::{Evidence, Sigstore},
};

pub(super) fn items() -> Vec<Item> {
    vec![
        media_types(),
        contents(),
        no_material(),
        timestamp_alone(),
        no_certificates(),
        root_in_chain(),
        chain_in_v03(),
        signature_count(),
        message_digest(),
        key_material(),
        too_many_entries(),
        unknown_enums(),
        other_instance(),
    ]
}

/// A document refused after `edit` of the good bundle.
fn edited(code: &'static str, place: &str, change: &str, edit: impl FnOnce(&mut Value)) -> Bad {
    Bad::document(code, place, change, bundle_with(Version::V03, edit))
}

fn media_types() -> Item {
    let code = "bundle.media_type_unsupported";
    let bad = |kind: &'static str| {
        edited(code, "$.mediaType", &format!("media type \"{kind}\""), |bundle| bundle["mediaType"] = json::text(kind))
    };
    bundle_item("B066")
        .also_good(bundle_with(Version::V03, |bundle| {
            bundle["mediaType"] = json::text("application/vnd.dev.sigstore.bundle+json;version=0.3");
        }))
        .bads(
            [
                "application/vnd.dev.sigstore.bundle.v0.4+json",
                "application/vnd.dev.sigstore.bundle+json;version=0.4",
                "application/vnd.dev.sigstore.bundle+json;version=9.1",
                "application/vnd.dev.sigstore.bundle+json",
                "application/vnd.dev.sigstore.bundle.v0.3+JSON",
                "application/vnd.dev.sigstore.bundle.v0.3+json ",
                "application/vnd.dev.sigstore.bundle.v0.2+json",
                "application/json",
                "",
            ]
            .map(bad),
        )
        .bad(edited(code, "$", "no media type", |bundle| remove(bundle, "mediaType")))
}

fn contents() -> Item {
    let code = "bundle.content_ambiguous";
    let message = sigstore().ceremony().sign_artifact(ARTIFACT).to_value();
    bundle_item("B067")
        .bad(edited(code, "$", "a message signature next to the envelope", |bundle| {
            bundle["messageSignature"] = message["messageSignature"].clone();
        }))
        .bad(edited(code, "$", "neither envelope nor message signature", |bundle| remove(bundle, "dsseEnvelope")))
        .bad(edited(code, "$", "the members of the envelope around the bundle", |bundle| {
            for name in ["payload", "payloadType", "signatures"] {
                bundle[name] = bundle["dsseEnvelope"][name].clone();
            }
        }))
}

const NO_MATERIAL: &str = "bundle.no_verification_material";

fn no_material() -> Item {
    bundle_item("B068")
        .bad(edited(NO_MATERIAL, "$", "no verification material", |bundle| remove(bundle, "verificationMaterial")))
        .bad(edited(NO_MATERIAL, "$.verificationMaterial", "verification material without members", |bundle| {
            bundle["verificationMaterial"] = json::object([]);
        }))
        .bad(edited(NO_MATERIAL, "$.verificationMaterial", "no certificate, though log entries", |bundle| {
            remove(&mut bundle["verificationMaterial"], "certificate");
        }))
}

fn timestamp_alone() -> Item {
    let everything = [Evidence::InclusionProof, Evidence::Promise, Evidence::Sct, Evidence::Timestamp];
    let good = sigstore().ceremony().evidence(&everything).sign_statement(&scene::statement());
    let mut bad = good.to_value();
    remove(&mut bad["verificationMaterial"], "certificate");
    let mut alone = bad.clone();
    remove(&mut alone["verificationMaterial"], "tlogEntries");
    let place = "$.verificationMaterial";
    sigstore_item("B069")
        .good(text(&good.to_value()))
        .bad(Bad::document(NO_MATERIAL, place, "a timestamp and a log entry, and no certificate", text(&bad)))
        .bad(Bad::document(NO_MATERIAL, place, "a timestamp, and nothing else", text(&alone)))
}

fn no_certificates() -> Item {
    let code = "bundle.certificate_missing";
    let chained = |place: &str, change: &str, edit: fn(&mut Value)| {
        Bad::document(code, place, change, bundle_with(Version::V02, edit))
    };
    let chain = "$.verificationMaterial.x509CertificateChain";
    sigstore_item("B070")
        .good(text(&bundle(Version::V02).to_value()))
        .bad(chained(&format!("{chain}.certificates"), "an empty list of certificates", |bundle| {
            bundle["verificationMaterial"]["x509CertificateChain"]["certificates"] = json::array([]);
        }))
        .bad(chained(chain, "no list of certificates", |bundle| {
            bundle["verificationMaterial"]["x509CertificateChain"] = json::object([]);
        }))
        .bad(chained(&format!("{chain}.certificates[0]"), "a certificate without bytes", |bundle| {
            bundle["verificationMaterial"]["x509CertificateChain"]["certificates"][0] = json::object([]);
        }))
        .bad(chained(&format!("{chain}.certificates[0].rawBytes"), "a certificate of no bytes", |bundle| {
            bundle["verificationMaterial"]["x509CertificateChain"]["certificates"][0]["rawBytes"] = json::text("");
        }))
        .bad(Bad::document(
            code,
            "$.verificationMaterial.certificate",
            "a single certificate without bytes",
            bundle_with(Version::V03, |bundle| bundle["verificationMaterial"]["certificate"] = json::object([])),
        ))
}

fn root_in_chain() -> Item {
    let good = bundle(Version::V02);
    let with_chain = |edit: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut bad = good.clone();
        if let Signer::Certificates(chain) = &mut bad.signer {
            edit(chain);
        }
        text(&bad.to_value())
    };
    let root = sigstore().root().certificate().to_vec();
    let own = crate::authority::Authority::root("stella catalogue untrusted root TEST KEY").certificate().to_vec();
    let refused =
        |place: &str, change: &str, bad: String| Bad::judged("bundle.chain_contains_root", place, change, bad);
    sigstore_item("B071")
        .good(text(&good.to_value()))
        .bad(refused(
            "certificate 2",
            "the trusted root behind the intermediate",
            with_chain(&|chain| chain.push(root.clone())),
        ))
        .bad(refused(
            "certificate 1",
            "the trusted root in place of the intermediate",
            with_chain(&|chain| {
                chain.truncate(1);
                chain.push(root.clone());
            }),
        ))
        .bad(refused(
            "certificate 2",
            "another root behind the intermediate",
            with_chain(&|chain| chain.push(own.clone())),
        ))
}

fn chain_in_v03() -> Item {
    let code = "bundle.shape_invalid";
    bundle_item("B072")
        .bad(edited(
            code,
            "$.verificationMaterial.x509CertificateChain",
            "a chain in place of the certificate",
            |bundle| {
                let certificate = bundle["verificationMaterial"]["certificate"].clone();
                remove(&mut bundle["verificationMaterial"], "certificate");
                bundle["verificationMaterial"]["x509CertificateChain"] =
                    json::object([("certificates", json::array([certificate]))]);
            },
        ))
        .bad(edited(code, "$.verificationMaterial", "a chain next to the certificate", |bundle| {
            let certificate = bundle["verificationMaterial"]["certificate"].clone();
            bundle["verificationMaterial"]["x509CertificateChain"] =
                json::object([("certificates", json::array([certificate]))]);
        }))
        .bad(edited(code, "$.verificationMaterial.tlogEntries[0]", "no inclusion proof", |bundle| {
            remove(&mut bundle["verificationMaterial"]["tlogEntries"][0], "inclusionProof");
        }))
        .bad(edited(code, "$.verificationMaterial.tlogEntries[0]", "an inclusion proof without checkpoint", |bundle| {
            remove(&mut bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"], "checkpoint");
        }))
}

fn signature_count() -> Item {
    let code = "bundle.signature_count";
    let place = "$.dsseEnvelope.signatures";
    let own = json::text(&base64::encode(&second_signer().sign(b"something else")));
    bundle_item("B073")
        .bad(edited(code, place, "no signature", |bundle| bundle["dsseEnvelope"]["signatures"] = json::array([])))
        .bad(edited(code, place, "the signature twice", |bundle| {
            let signature = bundle["dsseEnvelope"]["signatures"][0].clone();
            bundle["dsseEnvelope"]["signatures"] = json::array([signature.clone(), signature]);
        }))
        .bad(edited(code, place, "another signature in front", |bundle| {
            let signature = bundle["dsseEnvelope"]["signatures"][0].clone();
            bundle["dsseEnvelope"]["signatures"] = json::array([json::object([("sig", own)]), signature]);
        }))
}

fn message_bundle() -> Bundle {
    sigstore().ceremony().sign_artifact(ARTIFACT)
}

fn message_digest() -> Item {
    use sha2::{Digest as _, Sha256};
    let code = "bundle.message_digest_mismatch";
    let mut bad = message_bundle();
    if let Content::Message { sha256, .. } = &mut bad.content {
        *sha256 = Sha256::digest(OTHER_ARTIFACT).into();
    }
    sigstore_item("B074")
        .file("other.txt", OTHER_ARTIFACT)
        .good(text(&message_bundle().to_value()))
        .bad(Bad::judged(code, "message.digest", "the digest of another artifact", text(&bad.to_value())))
        .bad(Bad::new(code, Layer::AttestVerify, "message.digest", "another artifact").with("artifact", "other.txt"))
}

fn key_material() -> Item {
    let code = "bundle.key_material_mismatch";
    let certified = bundle(Version::V03).to_value();
    let place = "$.verificationMaterial";
    let mut both = key_bundle().to_value();
    both["verificationMaterial"]["certificate"] = certified["verificationMaterial"]["certificate"].clone();
    key_item("B075")
        .file("other.pub", second_signer().public_pem())
        .file("trusted_root.json", sigstore().trusted_root().to_json())
        .good(text(&key_bundle().to_value()))
        .bad(
            Bad::new(code, Layer::AttestVerify, "material.key", "no key supplied")
                .with("without", ["key"])
                .with("trusted_root", "trusted_root.json"),
        )
        .bad(Bad::new(code, Layer::AttestVerify, "envelope.signature", "another key supplied").with("key", "other.pub"))
        .bad(Bad::document(code, place, "a certificate next to the key", text(&both)))
        .bad(
            Bad::judged(code, "material.key", "a certificate where a key is asked for", text(&certified))
                .with("trusted_root", "trusted_root.json"),
        )
        .bad(
            Bad::new(code, Layer::AttestVerify, "material.key", "a key where an identity is asked for")
                .with("without", ["key"])
                .with("trusted_root", "trusted_root.json")
                .with("identity", crate::sigstore::IDENTITY)
                .with("issuer", crate::sigstore::OIDC_ISSUER)
                .with("shows", [fingerprint(&signer()).as_str()]),
        )
}

fn too_many_entries() -> Item {
    let bad = |recipe: &str, name: &str| {
        let place = format!("$.verificationMaterial.{name}");
        Bad::new("bundle.too_many_entries", Layer::AttestModel, &place, &format!("{recipe} instead of one"))
            .generated("attestation", recipe)
    };
    bundle_item("B076")
        .also_good_with(vec![("generate", "log entries 32".into()), ("attestation", "generated".into())])
        .also_good_with(vec![("generate", "timestamps 32".into()), ("attestation", "generated".into())])
        .bad(bad("log entries 33", "tlogEntries"))
        .bad(bad("timestamps 33", "timestampVerificationData.rfc3161Timestamps"))
}

fn unknown_enums() -> Item {
    let bad = |value: Value| {
        let mut bad = message_bundle().to_value();
        let change = format!("hash algorithm {value}");
        bad["messageSignature"]["messageDigest"]["algorithm"] = value;
        Bad::document("bundle.enum_unknown", "$.messageSignature.messageDigest.algorithm", &change, text(&bad))
    };
    let mut numbered = message_bundle().to_value();
    numbered["messageSignature"]["messageDigest"]["algorithm"] = Value::from(1);
    sigstore_item("B077")
        .good(text(&message_bundle().to_value()))
        .also_good(text(&numbered))
        .bads([Value::from(999), Value::from(0), Value::from(-1)].map(bad))
        .bads(["SHA2_999", "sha256", "HASH_ALGORITHM_UNSPECIFIED", ""].map(|name| bad(json::text(name))))
}

fn other_instance() -> Item {
    let other = Sigstore::new("stella catalogue other sigstore TEST KEY");
    let bad = other.ceremony().sign_statement(&scene::statement());
    // Without a log entry there is no other evidence of another instance than the certificate.
    let unlogged = other.ceremony().evidence(&[Evidence::Sct]).sign_statement(&scene::statement());
    let code = "x509.unknown_issuer";
    bundle_item("B078")
        .bad(Bad::judged(code, "", "the bundle of another instance", text(&bad.to_value())))
        .bad(Bad::judged(code, "", "the bundle of another instance, without log entry", text(&unlogged.to_value())))
}
