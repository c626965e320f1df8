//! Nothing of the catalogue is left out, and nothing is here that is not in it.

use std::collections::{BTreeMap, BTreeSet};

use stella_vocabulary::Code;

use crate::item::Item;
use crate::scene::Scene;

/// What `items.toml` says of an item.
struct Listed {
    priority: Option<i64>,
    codes: BTreeSet<String>,
    /// Why there is no bad input yet that is refused with the code.
    later: Option<String>,
}

fn listed() -> BTreeMap<String, Listed> {
    let text = std::fs::read_to_string(Item::root().join("items.toml")).unwrap();
    let items: toml::Table = text.parse().unwrap();
    let read = |(id, item): (String, toml::Value)| {
        let codes = item.get("codes").and_then(toml::Value::as_array).into_iter().flatten();
        let listed = Listed {
            priority: item.get("priority").and_then(toml::Value::as_integer),
            codes: codes.map(|code| code.as_str().unwrap().to_owned()).collect(),
            later: item.get("later").map(|reason| reason.as_str().unwrap().to_owned()),
        };
        (id, listed)
    };
    items.into_iter().map(read).collect()
}

#[test]
fn every_item_of_the_catalogue_has_a_fixture_and_every_fixture_is_an_item() {
    let listed: BTreeSet<String> = listed().into_keys().collect();
    let found: BTreeSet<String> = Item::ids().into_iter().collect();
    assert_eq!(listed, found);
    for number in (1..=78).chain(103..=154).chain(201..=234) {
        assert!(listed.contains(&format!("B{number:03}")), "B{number:03}");
    }
    for id in (1..=12).chain([14, 17, 18, 20, 22, 23]).map(|number| format!("A{number:02}")) {
        assert!(listed.contains(&id), "{id}");
    }
}

#[test]
fn every_bad_item_is_refused_with_the_code_of_the_catalogue() {
    for (id, listed) in listed() {
        if Scene::is_one(&id) {
            let scene = Scene::read(&id);
            if id.starts_with('A') {
                let is_accepted = !scene.library.is_empty() && !scene.good.is_empty() && scene.bads.is_empty();
                assert!(is_accepted && listed.codes.is_empty(), "{id}");
                continue;
            }
            assert!(
                matches!(listed.priority, Some(0..=2)) && !scene.library.is_empty() && !scene.bads.is_empty(),
                "{id}"
            );
            let found: BTreeSet<String> = scene.bads.iter().map(|bad| bad.code.as_str().to_owned()).collect();
            assert_eq!(found, listed.codes, "{id}");
            continue;
        }
        let item = Item::read(&id);
        assert_eq!(item.id, id);
        assert!(!item.goods.is_empty(), "{id}");
        if id.starts_with('A') {
            assert!(item.bads.is_empty() && listed.codes.is_empty(), "{id}");
            continue;
        }
        assert!(matches!(listed.priority, Some(0..=2)) && !listed.codes.is_empty(), "{id}");
        assert!(!item.bads.is_empty(), "{id}");
        let found: BTreeSet<String> = item.bads.iter().map(|bad| bad.code.as_str().to_owned()).collect();
        let unknown: Vec<&String> = listed.codes.iter().filter(|code| Code::parse(code).is_none()).collect();
        assert!(unknown.is_empty(), "{id}: {unknown:?} not in the registry");
        match listed.later {
            None => assert_eq!(found, listed.codes, "{id}"),
            Some(reason) => {
                assert_ne!(listed.priority, Some(0), "{id} cannot wait");
                assert!(found.is_disjoint(&listed.codes) && reason.len() > 20, "{id} need not wait any more");
            }
        }
    }
}
