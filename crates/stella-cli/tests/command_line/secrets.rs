//! The password of a database is shown and written down nowhere, and a private key is not replaced.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::harness::{Home, Said};

/// Every file below a directory.
fn files(directory: &Path) -> Vec<Vec<u8>> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut all = Vec::new();
    for entry in entries.map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => all.extend(files(&entry.path())),
            false => all.push(fs::read(entry.path()).unwrap()),
        }
    }
    all
}

fn holds_no_secret(home: &Home, said: &Said) {
    assert!(!said.out.contains("hunter2"), "{}", said.out);
    assert!(!said.err.contains("hunter2"), "{}", said.err);
    for file in files(&home.room.path(".")) {
        assert!(!file.windows(7).any(|part| part == b"hunter2"), "{}", String::from_utf8_lossy(&file));
    }
}

#[test]
fn the_password_of_a_store_that_is_set_is_left_out_and_said_to_be() {
    for output in ["text", "json"] {
        let home = Home::solo();
        let url = "postgres://ci:hunter2@db.example/trust?schema=nodes";
        let said = home.run(&format!("config set store {url} -o {output}")).ended(0);
        holds_no_secret(&home, &said);
        assert!(said.out.contains("postgres://ci@db.example/trust?schema=nodes"), "{}", said.out);
        assert!(said.out.contains("PGPASSWORD"), "{}", said.out);
        let file = fs::read_to_string(home.directory().join("config.toml")).unwrap();
        assert!(file.contains("store = \"postgres://ci@db.example/trust?schema=nodes\""), "{file}");
        let said = home.run(&format!("config get store --store {url} -o {output}")).ended(0);
        holds_no_secret(&home, &said);
    }
    // Without one, nothing is said of it, and a directory stays as it was written.
    let home = Home::solo();
    let said = home.run("config set store postgres://ci@db.example/trust").ended(0);
    assert!(!said.out.contains("PGPASSWORD"), "{}", said.out);
    home.run("config set store file:/no-such/a%20b").ended(0);
    assert!(fs::read_to_string(home.directory().join("config.toml")).unwrap().contains("\"file:/no-such/a%20b\""));
}

#[test]
fn an_error_about_a_url_does_not_show_the_password_in_it() {
    let home = Home::solo();
    for url in [
        "Postgres://ci:hunter2@db/trust?sslmode=require",
        "postgres:/ci:hunter2@db/trust",
        "jdbc:postgresql://ci:hunter2@db/trust",
        "jdbc:postgresql://db/trust?user=ci&password=hunter2",
        "postgres://ci:p@ss/hunter2@db",
    ] {
        for output in ["text", "json"] {
            let said = home.run_with(&["trust-anchors", "list", "--store", url, "-o", output]).ended(2);
            holds_no_secret(&home, &said);
            let said = home.run_with(&["config", "set", "store", url, "-o", output]).ended(2);
            holds_no_secret(&home, &said);
            let program =
                home.program().env("STELLA_STORE", url).args(["trust-anchors", "list", "-o", output]).output();
            holds_no_secret(&home, &Said::from(program.unwrap()).ended(2));
        }
    }
    let url = "postgres://ci:hunter2@db/trust";
    let said = home.run_with(&["store", "copy", "file:/no-such/one", "file:/no-such/other", url]).ended(2);
    holds_no_secret(&home, &said);
    assert!(said.err.contains("postgres://…@db/trust"), "{}", said.err);
}

#[test]
fn a_private_key_without_its_description_is_not_replaced() {
    let home = Home::solo();
    let words = "keys generate --algorithm ed25519 --validity 30d --no-passphrase --name release";
    home.run(words).ended(0);
    let keys = home.directory().join("keys");
    let private = fs::read(keys.join("release.pem")).unwrap();
    assert_eq!(fs::metadata(keys.join("release.pem")).unwrap().permissions().mode() & 0o777, 0o600);
    fs::rename(keys.join("release.toml"), home.room.path("moved.toml")).unwrap();
    home.run(words).complained("usage.conflict", 2);
    assert_eq!(fs::read(keys.join("release.pem")).unwrap(), private);
}
