//! The example of a provider of one's own: short, and it passes the kit.

#[path = "../examples/custom_provider.rs"]
mod custom_provider;

#[test]
fn a_provider_of_ones_own_is_written_and_examined_in_under_60_lines() {
    let lines = include_str!("../examples/custom_provider.rs").lines().count();
    assert!(lines < 60, "{lines}");
    custom_provider::main();
}
