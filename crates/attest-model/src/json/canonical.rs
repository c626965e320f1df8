//! The canonical form of RFC 8785.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use super::error::Error;
use super::scan;
use super::value::{Kind, Value};

/// The RFC 8785 (JCS) form of `value`, in UTF-8.
///
/// Members are sorted by the UTF-16 code units of their names, strings take the shortest escapes, numbers are printed
/// as ECMAScript prints the nearest double. An integer beyond 2^53 therefore changes into the double next to it, as RFC
/// 8785 §3.2.2.3 demands: compare such documents by their bytes, not by their canonical form.
///
/// # Errors
/// `json.number_out_of_range` for a number that no finite double is near to, such as `1e400`.
pub fn canonical(value: Value<'_, '_>) -> Result<Vec<u8>, Error> {
    let mut out = String::with_capacity(value.raw_text().len());
    // What is left to print, last first: input decides the depth, so there is no recursion.
    let mut left = alloc::vec![Step::Value(value)];
    while let Some(step) = left.pop() {
        match step {
            Step::Mark(mark) => out.push(mark),
            Step::Name(name) => write_canonical_string(&mut out, name),
            Step::Value(value) => match value.kind() {
                Kind::Bool | Kind::Null => out.push_str(value.raw_text()),
                Kind::Number => write_number(&mut out, value)?,
                Kind::String => write_canonical_string(&mut out, value.as_str()?),
                Kind::Array => {
                    out.push('[');
                    let from = left.len();
                    for element in value.as_array()? {
                        separate(&mut left, from);
                        left.push(Step::Value(element));
                    }
                    left.push(Step::Mark(']'));
                    reverse(&mut left, from);
                }
                Kind::Object => {
                    out.push('{');
                    let from = left.len();
                    let mut members: Vec<_> = value.as_object()?.members().collect();
                    members.sort_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
                    for (name, member) in members {
                        separate(&mut left, from);
                        left.extend([Step::Name(name), Step::Mark(':'), Step::Value(member)]);
                    }
                    left.push(Step::Mark('}'));
                    reverse(&mut left, from);
                }
            },
        }
    }
    Ok(out.into_bytes())
}

enum Step<'d, 'a> {
    Mark(char),
    Name(&'d str),
    Value(Value<'d, 'a>),
}

fn separate(left: &mut Vec<Step<'_, '_>>, from: usize) {
    if left.len() > from {
        left.push(Step::Mark(','));
    }
}

fn reverse(left: &mut [Step<'_, '_>], from: usize) {
    if let Some(added) = left.get_mut(from..) {
        added.reverse();
    }
}

/// Appends `text` in quotes, with the shortest escapes. RFC 8785 §3.2.2.2.
pub fn write_canonical_string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    loop {
        // Most strings have nothing to escape, and are copied at once.
        let (plain, special) = rest.split_at_checked(scan::plain(rest.as_bytes(), 0)).unwrap_or((rest, ""));
        out.push_str(plain);
        let mut characters = special.chars();
        match characters.next() {
            None => break,
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\u{8}') => out.push_str("\\b"),
            Some('\t') => out.push_str("\\t"),
            Some('\n') => out.push_str("\\n"),
            Some('\u{c}') => out.push_str("\\f"),
            Some('\r') => out.push_str("\\r"),
            // Writing to a String does not fail.
            Some(control) => drop(write!(out, "\\u{:04x}", u32::from(control))),
        }
        rest = characters.as_str();
    }
    out.push('"');
}

/// Appends a number as ECMAScript's `Number::toString` prints it. RFC 8785 §3.2.2.3.
fn write_number(out: &mut String, value: Value<'_, '_>) -> Result<(), Error> {
    const FINITE: &str = "a number within the range of a double";
    let number: f64 = value.raw_text().parse().map_err(|_| value.out_of_range(FINITE))?;
    if !number.is_finite() {
        return Err(value.out_of_range(FINITE));
    }
    if number == 0.0 {
        out.push('0');
        return Ok(());
    }
    // The shortest digits that read back as the same double, and the exponent of the first one: "1.25e-7".
    let mut shortest = String::new();
    let _ = write!(shortest, "{:e}", number.abs());
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let digits: String = mantissa.chars().filter(|character| *character != '.').collect();
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number < 0.0 {
        out.push('-');
    }
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    // ECMAScript's n: where the decimal point lies, counted from the first digit.
    let point = exponent.saturating_add(1);
    match point {
        ..-5 | 22.. => {
            let (first, rest) = digits.split_at_checked(1).unwrap_or((&digits, ""));
            out.push_str(first);
            if !rest.is_empty() {
                out.push('.');
                out.push_str(rest);
            }
            let _ = write!(out, "e{exponent:+}");
        }
        -5..=0 => {
            out.push_str("0.");
            out.extend(core::iter::repeat_n('0', point.unsigned_abs() as usize));
            out.push_str(&digits);
        }
        _ if count <= point => {
            out.push_str(&digits);
            out.extend(core::iter::repeat_n('0', point.saturating_sub(count).unsigned_abs() as usize));
        }
        _ => {
            let (whole, fraction) = digits.split_at_checked(point.unsigned_abs() as usize).unwrap_or((&digits, ""));
            out.push_str(whole);
            out.push('.');
            out.push_str(fraction);
        }
    }
    Ok(())
}
