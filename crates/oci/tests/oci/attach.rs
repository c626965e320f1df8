//! Attaching in a layout.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Barrier;

use stella_oci::{Added, How, Layout, Limits, NewReferrer, OciError, Pick};
use stella_testkit::oci::{Image, LayoutMaker, envelope_about};
use stella_vocabulary::Reason as _;

use crate::{Clock, code, summary};

fn made() -> (tempfile::TempDir, LayoutMaker, stella_testkit::oci::Described) {
    let room = tempfile::tempdir().unwrap();
    let mut made = LayoutMaker::new(&room.path().join("images"));
    let image = made.image(&Image::of("one"));
    made.list(image.clone().tagged("v1"));
    (room, made, image)
}

fn attach(made: &LayoutMaker, document: &str) -> Result<Added, OciError> {
    let layout = Layout::open(&made.path)?;
    let image = layout.find(&Pick::Only)?;
    layout.attach(&image, &NewReferrer::of(document.as_bytes(), &image)?, &Clock::default())
}

#[test]
fn what_is_attached_is_found_again_and_is_there_once() {
    let (_room, made, image) = made();
    let document = envelope_about(&image, "a");
    assert_eq!(attach(&made, &document), Ok(Added::New));
    assert_eq!(attach(&made, &document), Ok(Added::Known));
    assert_eq!(attach(&made, &envelope_about(&image, "b")), Ok(Added::New));
    let layout = Layout::open(&made.path).unwrap();
    let image = layout.find(&Pick::Only).unwrap();
    let attached = layout.attached(&image, &Limits::default()).unwrap();
    assert_eq!(summary(&attached), (vec![How::Subject, How::Subject], vec![]));
    assert_eq!(attached.attestations()[0].document(), document.as_bytes());
    let left: Vec<_> = fs::read_dir(&made.path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[test]
fn what_is_about_something_else_or_nothing_is_not_attached() {
    let (_room, made, _) = made();
    let before = fs::read(made.path.join("index.json")).unwrap();
    let other = Image::of("another").described();
    assert_eq!(code(attach(&made, &envelope_about(&other, "a"))), "intoto.subject_mismatch");
    assert_eq!(code(attach(&made, "{}")), "input.unknown_format");
    assert_eq!(fs::read(made.path.join("index.json")).unwrap(), before);
}

#[test]
fn twelve_at_once_are_all_there_in_the_end() {
    let (_room, made, image) = made();
    let barrier = Barrier::new(12);
    std::thread::scope(|scope| {
        for number in 0..12 {
            let (made, image, barrier) = (&made, &image, &barrier);
            scope.spawn(move || {
                let layout = Layout::open(&made.path).unwrap();
                let found = layout.find(&Pick::Only).unwrap();
                let document = envelope_about(image, &format!("builder {number}"));
                let new = NewReferrer::of(document.as_bytes(), &found).unwrap();
                barrier.wait();
                // Waiting takes no time on this clock but does on the system's, so it is asked again.
                while let Err(error) = layout.attach(&found, &new, &Clock::default()) {
                    assert_eq!(error.code().to_string(), "store.busy");
                    std::thread::yield_now();
                }
            });
        }
    });
    let layout = Layout::open(&made.path).unwrap();
    let image = layout.find(&Pick::Only).unwrap();
    let attached = layout.attached(&image, &Limits::default()).unwrap();
    assert_eq!((attached.attestations().len(), attached.left_out().len()), (12, 0));
}

#[test]
fn a_lock_that_is_held_is_waited_for_and_then_said() {
    let (_room, made, image) = made();
    let held = fs::File::open(made.path.join("oci-layout")).unwrap();
    rustix::fs::flock(&held, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let layout = Layout::open(&made.path).unwrap();
    let found = layout.find(&Pick::Only).unwrap();
    let new = NewReferrer::of(envelope_about(&image, "a").as_bytes(), &found).unwrap();
    let clock = Clock::default();
    let error = layout.attach(&found, &new, &clock).unwrap_err();
    assert_eq!((error.code().exit_status(), clock.waited()), (10, 10_000));
    drop(held);
    assert_eq!(layout.attach(&found, &new, &clock), Ok(Added::New));
}

#[test]
fn what_cannot_be_written_leaves_the_index_as_it_was() {
    let (_room, made, image) = made();
    let blobs = made.path.join("blobs/sha256");
    let before = fs::read(made.path.join("index.json")).unwrap();
    let new = envelope_about(&image, "a");
    if rustix::process::geteuid().is_root() {
        // Nothing is read-only to root: a directory in the place of the blob hinders it just as well.
        fs::create_dir(blobs.join(stella_oci::BlobDigest::sha256(new.as_bytes()).digits())).unwrap();
        assert_eq!(code(attach(&made, &new)), "oci.layout_invalid");
    } else {
        fs::set_permissions(&blobs, fs::Permissions::from_mode(0o500)).unwrap();
        assert_eq!(code(attach(&made, &new)), "output.write_failed");
        fs::set_permissions(&blobs, fs::Permissions::from_mode(0o700)).unwrap();
    }
    assert_eq!(fs::read(made.path.join("index.json")).unwrap(), before);
}
