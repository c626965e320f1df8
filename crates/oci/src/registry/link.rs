//! The next page of a list: the field `Link`. RFC 8288, as far as registries use it.

/// Where the next page is: `</v2/…>; rel="next"`.
pub(super) fn next(value: &str) -> Option<&str> {
    let mut rest = value;
    loop {
        let (_, after) = rest.split_once('<')?;
        let (target, parameters) = after.split_once('>')?;
        let end = parameters.find('<').unwrap_or(parameters.len());
        let (own, others) = parameters.split_at(end);
        let is_next = own.split([';', ',']).any(|parameter| {
            let parameter: String = parameter.chars().filter(|c| !c.is_whitespace() && *c != '"').collect();
            parameter.eq_ignore_ascii_case("rel=next")
        });
        if is_next {
            return Some(target);
        }
        rest = others;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_the_one_that_says_so() {
        assert_eq!(next(r#"</v2/a/referrers/x?n=2>; rel="next""#), Some("/v2/a/referrers/x?n=2"));
        assert_eq!(next(r#"</prev>; rel="prev", </next>;rel=next"#), Some("/next"));
        for none in ["", "</x>", "<open", r#"</x>; rel="prev""#, r#"/x; rel="next""#] {
            assert_eq!(next(none), None, "{none}");
        }
    }
}
