//! A registry that follows the specification.

use stella_oci::registry::{Access, Credentials, Registry as Client};
use stella_oci::{Added, How, Limits, NewReferrer, OciError, Reference, RegistryReference};
use stella_testkit::oci::{Blob, Image, Lists, Login, Registry, envelope_about, index, referrer};
use stella_vocabulary::Reason as _;

use crate::{Clock, ENVELOPE, at, code, summary};

pub(crate) fn reference(text: &str) -> RegistryReference {
    match Reference::parse(text).unwrap() {
        Reference::Registry(reference) => reference,
        Reference::Layout { .. } => panic!("{text}"),
    }
}

pub(crate) fn app(registry: &Registry, pick: &str) -> RegistryReference {
    reference(&format!("{}/app{pick}", registry.host()))
}

fn client<'c>(registry: &Registry, pick: &str, clock: &'c Clock) -> Client<'c> {
    Client::new(&app(registry, pick), Access::new(at(), clock)).unwrap()
}

#[test]
fn referrers_are_read_page_by_page() {
    let registry = Registry::start(Lists::Referrers(2), Login::Nobody);
    let image = registry.keep("app", &Image::of("one"), Some("v1"));
    for builder in ["a", "b", "c", "d", "e"] {
        let layers = vec![Blob::new(ENVELOPE, envelope_about(&image, builder))];
        registry.keep("app", &referrer(Some(&image), ENVELOPE, layers), None);
    }
    // What is attached to another image, and what is under a tag that the API makes needless.
    let other = registry.keep("app", &Image::of("two"), Some("v2"));
    registry.keep("app", &referrer(Some(&other), ENVELOPE, vec![]), None);
    registry.keep_manifest("app", &index(&[]), Some(&image.referrers_tag()));
    let clock = Clock::default();
    let mut client = client(&registry, ":v1", &clock);
    let found = client.find().unwrap();
    assert_eq!(found.digest().to_string(), image.digest);
    let attached = client.attached(&found, &Limits::default()).unwrap();
    assert_eq!(summary(&attached), (vec![How::Subject; 5], vec![]));
    let pages = registry.asked().iter().filter(|asked| asked.target.contains("/referrers/")).count();
    assert_eq!(pages, 3);
    assert!(!registry.asked().iter().any(|asked| asked.target.ends_with(&image.referrers_tag())));
    assert_eq!(code(client.attached(&found, &Limits { pages: 2, ..Limits::default() })), "input.too_large");
    assert_eq!(code(client.attached(&found, &Limits { manifests: 3, ..Limits::default() })), "input.too_large");
}

#[test]
fn without_the_api_the_referrers_tag_is_read_and_the_tags_of_cosign_always() {
    for lists in [Lists::Nothing, Lists::Referrers(10)] {
        let registry = Registry::start(lists, Login::Nobody);
        let image = registry.keep("app", &Image::of("one"), Some("latest"));
        let layers = vec![Blob::new(ENVELOPE, envelope_about(&image, "a"))];
        let attached = registry.keep("app", &referrer(Some(&image), ENVELOPE, layers), None);
        registry.keep_manifest("app", &index(&[attached]), Some(&image.referrers_tag()));
        let layers = vec![Blob::new(ENVELOPE, envelope_about(&image, "b"))];
        let config = "application/vnd.oci.image.config.v1+json";
        registry.keep("app", &referrer(None, config, layers), Some(&format!("{}.att", image.referrers_tag())));
        let clock = Clock::default();
        let mut client = client(&registry, "", &clock);
        let found = client.find().unwrap();
        let first = if lists == Lists::Nothing { How::ReferrersTag } else { How::Subject };
        let attached = client.attached(&found, &Limits::default()).unwrap();
        assert_eq!(summary(&attached), (vec![first, How::CosignTag], vec![]));
        assert!(attached.looked().iter().any(|looked| looked.ends_with(".sig: not there")), "{:?}", attached.looked());
    }
}

#[test]
fn an_image_that_is_not_there_is_not_found() {
    let registry = Registry::start(Lists::Nothing, Login::Nobody);
    let image = registry.keep("app", &Image::of("one"), Some("v1"));
    let clock = Clock::default();
    assert_eq!(code(client(&registry, ":v2", &clock).find()), "oci.not_found");
    let digest = format!("@sha256:{}", "a".repeat(64));
    assert_eq!(code(client(&registry, &digest, &clock).find()), "oci.not_found");
    assert!(client(&registry, &format!("@{}", image.digest), &clock).find().is_ok());
}

#[test]
fn passwords_and_tokens_are_given_to_whoever_may_ask_for_them() {
    for login in [Login::Basic, Login::Token] {
        let registry = Registry::start(Lists::Referrers(10), login);
        let image = registry.keep("app", &Image::of("one"), Some("v1"));
        let clock = Clock::default();
        let access =
            |password: &str| Access::new(at(), &clock).credentials(Some(Credentials::new("user", password).unwrap()));
        let known = |password: &str| Client::new(&app(&registry, ":v1"), access(password)).unwrap();
        let found = known("secret").find().unwrap();
        // Nothing is said about oneself before the registry asks.
        assert_eq!(registry.asked()[0].header("authorization"), None);
        assert_eq!(code(known("wrong").find()), "fetch.unauthorized");
        let mut nobody = client(&registry, ":v1", &clock);
        if login == Login::Basic {
            assert_eq!(code(nobody.find()), "fetch.unauthorized");
        } else {
            assert!(nobody.find().is_ok(), "everybody may pull");
        }
        let new = NewReferrer::of(envelope_about(&image, "a").as_bytes(), &found).unwrap();
        assert_eq!(code(nobody.attach(&found, &new)), "fetch.unauthorized");
        assert_eq!(known("secret").attach(&found, &new), Ok(Added::New));
    }
}

#[test]
fn what_is_attached_is_found_again_with_and_without_the_api() {
    for lists in [Lists::Nothing, Lists::Referrers(10)] {
        let registry = Registry::start(lists, Login::Nobody);
        let image = registry.keep("app", &Image::of("one"), Some("v1"));
        let clock = Clock::default();
        let mut client = client(&registry, ":v1", &clock);
        let found = client.find().unwrap();
        for (builder, expected) in [("a", Added::New), ("b", Added::New), ("a", Added::Known)] {
            let new = NewReferrer::of(envelope_about(&image, builder).as_bytes(), &found).unwrap();
            assert_eq!(client.attach(&found, &new), Ok(expected), "{lists:?} {builder}");
        }
        let attached = client.attached(&found, &Limits::default()).unwrap();
        let how = if lists == Lists::Nothing { How::ReferrersTag } else { How::Subject };
        assert_eq!(summary(&attached), (vec![how; 2], vec![]));
        let list = registry.manifest("app", &image.referrers_tag());
        assert_eq!(list.is_some(), lists == Lists::Nothing, "a list is only written where there is no API");
    }
}

#[test]
fn plain_http_goes_to_this_machine_only_unless_it_is_said_aloud() {
    let clock = Clock::default();
    let open = |text: &str, access: Access<'_>| {
        Client::new(&reference(text), access).err().map(|error| error.code().to_string())
    };
    let usual = || Access::new(at(), &clock);
    assert_eq!(open("http://registry.example/app", usual()).as_deref(), Some("fetch.url_refused"));
    assert_eq!(open("http://registry.example/app", usual().danger_plain_http()), None);
    assert_eq!(open("http://localhost:1/app", usual()), None);
    for host in ["2130706433:80", "0x7f.1:80", "127.1:80", "a..b:1"] {
        assert_eq!(open(&format!("{host}/app"), usual()).as_deref(), Some("fetch.url_refused"), "{host}");
    }
    // Nobody listens there; and a password does not go anywhere in the clear.
    let error = Client::new(&reference("127.0.0.1:1/app"), usual()).unwrap().find().unwrap_err();
    assert!(matches!(error, OciError::Fetch(_)) && error.code().to_string() == "fetch.incomplete", "{error:?}");
    // A private range is somebody's registry, a metadata service is nobody's.
    let error = Client::new(&reference("169.254.169.254/app"), usual()).unwrap().find().unwrap_err();
    assert_eq!(error.code().to_string(), "fetch.address_refused");
}
