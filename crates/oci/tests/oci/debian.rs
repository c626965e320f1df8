//! Debian's registry, which has no referrers API.

use stella_oci::registry::{Access, Registry as Client};
use stella_oci::{Added, How, Limits, NewReferrer};
use stella_testkit::oci::{DebianRegistry, Image, envelope_about};

use crate::registry::reference;
use crate::{Clock, at, summary};

#[test]
fn attestations_are_attached_to_an_image_in_docker_registry_and_read_back() {
    let Some(registry) = DebianRegistry::start("attaching to an image in docker-registry") else { return };
    let image = registry.push("acme/app", &Image::of("one"), "v1");
    let clock = Clock::default();
    let text = format!("{}/acme/app:v1", registry.host());
    let mut client = Client::new(&reference(&text), Access::new(at(), &clock)).unwrap();
    let found = client.find().unwrap();
    assert_eq!(found.digest().to_string(), image.digest);
    assert_eq!(summary(&client.attached(&found, &Limits::default()).unwrap()), (vec![], vec![]));
    for (builder, expected) in [("a", Added::New), ("b", Added::New), ("b", Added::Known)] {
        let new = NewReferrer::of(envelope_about(&image, builder).as_bytes(), &found).unwrap();
        assert_eq!(client.attach(&found, &new), Ok(expected), "{builder}");
    }
    let attached = client.attached(&found, &Limits::default()).unwrap();
    assert_eq!(summary(&attached), (vec![How::ReferrersTag; 2], vec![]));
    assert_eq!(attached.attestations()[0].document(), envelope_about(&image, "a").as_bytes());
    assert!(attached.looked().contains(&"referrers API: not there".to_string()), "{:?}", attached.looked());
}
