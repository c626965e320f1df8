//! What a registry asks for before it answers: the field `WWW-Authenticate`. RFC 9110 §11.6.1.

/// One thing that it would accept.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Challenge {
    /// In small letters: `basic`, `bearer`.
    pub(super) scheme: String,
    pub(super) realm: Option<String>,
    pub(super) service: Option<String>,
    pub(super) scope: Option<String>,
}

/// Reads the value of a field; what cannot be read is passed over, and then nothing fits.
pub(super) fn parse(value: &str) -> Vec<Challenge> {
    let mut all: Vec<Challenge> = Vec::new();
    let mut rest = value.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|c: char| !is_token(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if word.is_empty() {
            // A comma between, or something that is no challenge at all.
            let Some(next) = rest.strip_prefix(',') else { break };
            rest = next.trim_start();
            continue;
        }
        match after.trim_start().strip_prefix('=') {
            Some(after) => {
                let Some((value, after)) = value_of(after.trim_start()) else { break };
                if let Some(challenge) = all.last_mut() {
                    let place = match word.to_ascii_lowercase().as_str() {
                        "realm" => Some(&mut challenge.realm),
                        "service" => Some(&mut challenge.service),
                        "scope" => Some(&mut challenge.scope),
                        _ => None,
                    };
                    if let Some(place) = place {
                        place.get_or_insert(value);
                    }
                }
                rest = after.trim_start();
            }
            None => {
                all.push(Challenge { scheme: word.to_ascii_lowercase(), ..Challenge::default() });
                rest = after.trim_start();
            }
        }
    }
    all
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

/// A token or a quoted string, and what follows it.
fn value_of(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|c: char| !is_token(c)).unwrap_or(text.len());
        let (value, rest) = text.split_at(end);
        return (!value.is_empty()).then(|| (value.to_string(), rest));
    };
    let mut value = String::new();
    let mut escaped = false;
    for (at, c) in quoted.char_indices() {
        match c {
            _ if escaped => {
                value.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Some((value, quoted.get(at + 1..).unwrap_or_default())),
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge(scheme: &str, realm: &str, service: &str, scope: &str) -> Challenge {
        let maybe = |text: &str| (!text.is_empty()).then(|| text.to_string());
        Challenge { scheme: scheme.into(), realm: maybe(realm), service: maybe(service), scope: maybe(scope) }
    }

    #[test]
    fn challenges_are_taken_apart() {
        let hub = r#"Bearer realm="https://auth.example/token",service="reg.example",scope="repository:a/b:pull,push""#;
        assert_eq!(
            parse(hub),
            [challenge("bearer", "https://auth.example/token", "reg.example", "repository:a/b:pull,push")]
        );
        assert_eq!(
            parse(r#"Basic realm="a \"b\"", bearer Realm=x , error="y""#),
            [challenge("basic", "a \"b\"", "", ""), challenge("bearer", "x", "", "")]
        );
        assert_eq!(parse("Basic"), [challenge("basic", "", "", "")]);
    }

    #[test]
    fn what_is_none_ends_it() {
        for text in ["", ",,,", "realm=x", "Bearer realm=\"open", "\u{e9}", "= =", "Bearer realm=", "Bearer \"x\""] {
            assert!(parse(text).iter().all(|challenge| challenge.realm.is_none()), "{text}");
        }
        // The first of two counts, so that nothing put behind it changes where a password goes.
        assert_eq!(parse(r#"Bearer realm="https://a/", realm="https://b/""#)[0].realm.as_deref(), Some("https://a/"));
    }
}
