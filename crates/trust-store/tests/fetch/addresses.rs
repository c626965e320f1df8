use stella_trust_store::fetch::*;
use stella_vocabulary::{Code, Reason as _};

use crate::server::{Server, ok};
use crate::world::*;

/// By the rules as they are delivered, for a host that resolves to `addresses`.
fn reach(addresses: &[&str]) -> FetchError {
    let rules = FetchRules::new().allow_host("keys.example").unwrap();
    refused(fetch_url(rules, Answers::new(&[addresses]), "https://keys.example/jwks", &[]))
}

#[test]
fn a_host_inside_is_not_reached_b225() {
    for inside in [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "168.63.129.16",
        "224.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:1.1.1.1",
        "::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::1",
        "2001:0:7f00:1::1",
        "2001:db8::1",
    ] {
        let error = reach(&[inside]);
        assert_eq!(error.code(), Code::FetchAddressRefused, "{inside}");
        assert_eq!(error.place().as_deref(), Some("keys.example"));
        let address: std::net::IpAddr = inside.parse().unwrap();
        assert!(error.found().unwrap().starts_with(&format!("{address} (")), "{error:?}");
    }
}

#[test]
fn one_address_inside_refuses_all_b225() {
    assert_eq!(reach(&["1.1.1.1", "2606:4700::1111", "10.0.0.1"]).code(), Code::FetchAddressRefused);
    assert_eq!(reach(&["10.0.0.1", "1.1.1.1"]).code(), Code::FetchAddressRefused);
}

#[test]
fn an_address_in_the_url_is_judged_like_one_from_the_resolver_b225() {
    for (host, rest) in
        [("127.0.0.1", ""), ("[::1]", ""), ("169.254.169.254", "/latest/meta-data"), ("[::ffff:7f00:1]", "")]
    {
        let rules = FetchRules::new().allow_host(host).unwrap();
        let resolver = loopback();
        let error = refused(fetch_url(rules, resolver.clone(), &format!("https://{host}{rest}/"), &[]));
        assert_eq!(error.code(), Code::FetchAddressRefused, "{host}");
        assert_eq!(resolver.asked(), 0);
    }
    for host in ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0x7f.1"] {
        assert_eq!(FetchRules::new().allow_host(host).unwrap_err().code(), Code::FetchAddressRefused, "{host}");
        let rules = FetchRules::new().allow_host("127.0.0.1").unwrap();
        let error = refused(fetch_url(rules, loopback(), &format!("https://{host}/"), &[]));
        assert_eq!(error.code(), Code::FetchAddressRefused, "{host}");
    }
}

#[test]
fn only_the_addresses_that_were_allowed_are_b225() {
    let server = Server::answering(ok(&jwks(&["a"])));
    assert!(fetch(&server).is_ok());
    let next = Answers::new(&[&["127.0.0.2"]]);
    let error = refused(fetch_url(rules(&server), next, &server.url("/jwks"), &[]));
    assert_eq!(error.code(), Code::FetchAddressRefused);
    let mapped = Answers::new(&[&["::ffff:127.0.0.1"]]);
    let error = refused(fetch_url(rules(&server), mapped, &server.url("/jwks"), &[]));
    assert_eq!(error.code(), Code::FetchAddressRefused);
}

#[test]
fn the_address_that_was_checked_is_the_one_that_is_connected_to_b226() {
    // The resolver changes its mind after the first answer, as rebinding does. It is asked once, and three tries go to that address.
    let server = Server::answering("HTTP/1.1 503 Busy\r\n\r\n");
    let resolver = Answers::new(&[&["127.0.0.1"], &["169.254.169.254"]]);
    let error = refused(fetch_url(rules(&server), resolver.clone(), &server.url("/jwks"), &[]));
    assert_eq!(error.code(), Code::FetchStatus);
    assert_eq!((resolver.asked(), server.connections()), (1, 3));
    // The next fetch asks again, and looks again.
    let error = refused(fetch_url(rules(&server), resolver.clone(), &server.url("/jwks"), &[]));
    assert_eq!(error.code(), Code::FetchAddressRefused);
    assert_eq!((resolver.asked(), server.connections()), (2, 3));
}

#[test]
fn a_key_set_elsewhere_is_resolved_and_checked_by_itself_b226() {
    let server = Server::tls(|tls, request, _| {
        let host = request.lines().find_map(|line| line.strip_prefix("Host: ")).unwrap();
        let issuer = format!("https://{host}");
        crate::server::say(tls, ok(&discovery(&issuer, &format!("{issuer}/jwks"))).as_bytes());
    });
    let resolver = Answers::new(&[&["127.0.0.1"], &["10.0.0.1"]]);
    let url = server.url("/.well-known/openid-configuration");
    let error = refused(fetch_url(rules(&server), resolver.clone(), &url, &[]));
    assert_eq!(error.code(), Code::FetchAddressRefused);
    assert_eq!((resolver.asked(), server.connections()), (2, 1));
}
