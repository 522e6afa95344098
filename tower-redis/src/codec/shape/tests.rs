//! What makes another shape, and what does not.

#![expect(dead_code, reason = "types are looked at by serde alone")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::fingerprint::Shape;

fn of<T: DeserializeOwned>() -> String {
    Shape::of::<T>().to_string()
}

/// A module with one type in it, which is called `T`.
macro_rules! version {
    ($name:ident { $($item:tt)* }) => {
        mod $name {
            #[allow(unused_imports, reason = "not every version needs all of them")]
            use super::*;
            $($item)*
        }
    };
}

macro_rules! all_differ {
    ($($ty:ty),+ $(,)?) => {{
        let shapes = [$((stringify!($ty), of::<$ty>())),+];
        for (n, one) in shapes.iter().enumerate() {
            for other in &shapes[n + 1..] {
                assert_ne!(one.1, other.1, "{} and {}", one.0, other.0);
            }
        }
    }};
}

version!(plain { #[derive(Deserialize)] pub(super) struct T { id: u32, name: String } });
version!(elsewhere { #[derive(Deserialize)] pub(super) struct T { id: u32, name: String } });
version!(renamed { #[derive(Deserialize)] pub(super) struct T { id: u32, title: String } });
version!(by_attribute { #[derive(Deserialize)] pub(super) struct T { id: u32, #[serde(rename = "n")] name: String } });
version!(retyped { #[derive(Deserialize)] pub(super) struct T { id: String, name: String } });
version!(widened { #[derive(Deserialize)] pub(super) struct T { id: u64, name: String } });
version!(optional { #[derive(Deserialize)] pub(super) struct T { id: u32, name: Option<String> } });
version!(listed { #[derive(Deserialize)] pub(super) struct T { id: u32, name: Vec<String> } });
version!(added { #[derive(Deserialize)] pub(super) struct T { id: u32, name: String, at: u8 } });

#[test]
fn fields_and_their_types_make_the_shape() {
    all_differ!(
        plain::T,
        renamed::T,
        by_attribute::T,
        retyped::T,
        widened::T,
        optional::T,
        listed::T,
        added::T,
        Vec<plain::T>,
        Vec<renamed::T>,
        Option<plain::T>,
        BTreeMap<String, plain::T>,
        BTreeMap<String, renamed::T>,
        BTreeMap<u8, plain::T>,
        (plain::T, u8),
        (plain::T, u16),
        (plain::T, u16, u16),
        [plain::T; 2],
        Result<plain::T, String>,
        Result<plain::T, u8>,
        (),
        bool,
        char,
        f32,
        f64,
        i8,
        i64,
        i128,
        String,
    );
}

#[test]
fn where_a_type_is_and_how_it_is_held_does_not_matter() {
    assert_eq!(of::<plain::T>(), of::<elsewhere::T>());
    assert_eq!(of::<plain::T>(), of::<Arc<Box<plain::T>>>());
    assert_eq!(of::<HashMap<String, u8>>(), of::<BTreeMap<String, u8>>());
}

#[test]
fn it_is_the_same_in_every_run_process_and_build() {
    assert_eq!(of::<()>(), UNIT);
    assert_eq!(of::<plain::T>(), PLAIN);
    assert_eq!(of::<tagged::T>(), TAGGED);
    let elsewhere = std::thread::spawn(of::<tagged::T>);
    assert_eq!(elsewhere.join().unwrap(), of::<tagged::T>());
}

version!(unit_words { #[derive(Deserialize)] pub(super) enum T { A, B } });
version!(more_words { #[derive(Deserialize)] pub(super) enum T { A, B, C } });
version!(other_words { #[derive(Deserialize)] pub(super) enum T { A, C } });
version!(one_value { #[derive(Deserialize)] pub(super) enum T { A, B(u8) } });
version!(another_value { #[derive(Deserialize)] pub(super) enum T { A, B(String) } });
version!(two_values { #[derive(Deserialize)] pub(super) enum T { A, B(u8, u8) } });
version!(with_fields { #[derive(Deserialize)] pub(super) enum T { A, B { b: u8 } } });
version!(other_fields { #[derive(Deserialize)] pub(super) enum T { A, B { b: u8, c: u8 } } });
version!(deep_inside { #[derive(Deserialize)] pub(super) enum T { A, B { b: Vec<one_value::T> } } });
version!(deep_inside_too { #[derive(Deserialize)] pub(super) enum T { A, B { b: Vec<another_value::T> } } });
version!(beside { #[derive(Deserialize)] pub(super) struct T { a: one_value::T, b: one_value::T } });
version!(beside_too { #[derive(Deserialize)] pub(super) struct T { a: one_value::T, b: another_value::T } });

#[test]
fn each_variant_counts() {
    all_differ!(
        unit_words::T,
        more_words::T,
        other_words::T,
        one_value::T,
        another_value::T,
        two_values::T,
        with_fields::T,
        other_fields::T,
        deep_inside::T,
        deep_inside_too::T,
        beside::T,
        beside_too::T,
    );
}

version!(tagged { #[derive(Deserialize)] #[serde(tag = "kind")] pub(super) enum T { A { a: u8 }, B { b: u8, c: String } } });
version!(tagged_otherwise { #[derive(Deserialize)] #[serde(tag = "type")] pub(super) enum T { A { a: u8 }, B { b: u8, c: String } } });
version!(tagged_more { #[derive(Deserialize)] #[serde(tag = "kind")] pub(super) enum T { A { a: u8 }, B { b: u8, c: String }, C } });
version!(tagged_renamed { #[derive(Deserialize)] #[serde(tag = "kind")] pub(super) enum T { A { a: u8 }, B { b: u8, d: String } } });
version!(tagged_retyped { #[derive(Deserialize)] #[serde(tag = "kind")] pub(super) enum T { A { a: u8 }, B { b: u8, c: bool } } });
version!(adjacent { #[derive(Deserialize)] #[serde(tag = "t", content = "c")] pub(super) enum T { A { a: u8 }, B(String) } });
version!(adjacent_retyped { #[derive(Deserialize)] #[serde(tag = "t", content = "c")] pub(super) enum T { A { a: u8 }, B(u8) } });
version!(adjacent_renamed { #[derive(Deserialize)] #[serde(tag = "t", content = "c")] pub(super) enum T { A { b: u8 }, B(String) } });
version!(adjacent_otherwise { #[derive(Deserialize)] #[serde(tag = "t", content = "d")] pub(super) enum T { A { a: u8 }, B(String) } });
version!(untagged { #[derive(Deserialize)] #[serde(untagged)] pub(super) enum T { A { a: u8 }, B(String), C(Vec<u8>) } });
version!(untagged_renamed { #[derive(Deserialize)] #[serde(untagged)] pub(super) enum T { A { b: u8 }, B(String), C(Vec<u8>) } });
version!(untagged_retyped { #[derive(Deserialize)] #[serde(untagged)] pub(super) enum T { A { a: u16 }, B(String), C(Vec<u8>) } });
version!(untagged_fewer { #[derive(Deserialize)] #[serde(untagged)] pub(super) enum T { A { a: u8 }, B(String) } });
version!(untagged_inside { #[derive(Deserialize)] pub(super) struct T { a: untagged::T, b: u8 } });
version!(untagged_inside_too { #[derive(Deserialize)] pub(super) struct T { a: untagged_renamed::T, b: u8 } });
version!(untagged_before { #[derive(Deserialize)] pub(super) struct T { a: untagged::T, b: u16 } });

#[test]
fn tags_are_seen_wherever_they_stand() {
    all_differ!(
        tagged::T,
        tagged_otherwise::T,
        tagged_more::T,
        tagged_renamed::T,
        tagged_retyped::T,
        adjacent::T,
        adjacent_retyped::T,
        adjacent_renamed::T,
        adjacent_otherwise::T,
        untagged::T,
        untagged_renamed::T,
        untagged_retyped::T,
        untagged_fewer::T,
        untagged_inside::T,
        untagged_inside_too::T,
        untagged_before::T,
    );
}

version!(flat { #[derive(Deserialize)] pub(super) struct T { number: u32, #[serde(flatten)] inner: plain::T, last: bool } });
version!(flat_renamed { #[derive(Deserialize)] pub(super) struct T { number: u32, #[serde(flatten)] inner: renamed::T, last: bool } });
version!(flat_retyped { #[derive(Deserialize)] pub(super) struct T { number: u32, #[serde(flatten)] inner: retyped::T, last: bool } });
version!(flat_more { #[derive(Deserialize)] pub(super) struct T { number: u32, #[serde(flatten)] inner: plain::T, last: bool, more: u8 } });
version!(flat_outside { #[derive(Deserialize)] pub(super) struct T { number: u32, #[serde(flatten)] inner: plain::T, last: u8 } });
version!(flat_map { #[derive(Deserialize)] pub(super) struct T { number: u32, #[serde(flatten)] rest: BTreeMap<String, u8> } });
version!(flat_other_map { #[derive(Deserialize)] pub(super) struct T { number: u32, #[serde(flatten)] rest: BTreeMap<String, String> } });

#[test]
fn what_is_flattened_is_asked_for_by_name() {
    all_differ!(
        flat::T,
        flat_renamed::T,
        flat_retyped::T,
        flat_more::T,
        flat_outside::T,
        flat_map::T,
        flat_other_map::T,
    );
}

version!(metres { #[derive(Deserialize)] pub(super) struct T(f64); });
version!(feet { #[derive(Deserialize)] pub(super) struct Feet(f64); pub(super) type T = Feet; });
version!(metres_of_text { #[derive(Deserialize)] pub(super) struct T(String); });
version!(transparent { #[derive(Deserialize)] #[serde(transparent)] pub(super) struct T { inner: f64 } });
version!(nothing { #[derive(Deserialize)] pub(super) struct T; });

#[test]
fn newtypes_have_names() {
    all_differ!(metres::T, feet::T, metres_of_text::T, nothing::T, f64);
    assert_eq!(of::<transparent::T>(), of::<f64>());
}

version!(tree { #[derive(Deserialize)] pub(super) struct T { value: u8, left: Option<Box<T>>, right: Option<Box<T>>, rest: Vec<T> } });
version!(other_tree { #[derive(Deserialize)] pub(super) struct T { value: u16, left: Option<Box<T>>, right: Option<Box<T>>, rest: Vec<T> } });
version!(late_tree { #[derive(Deserialize)] pub(super) struct T { value: u8, left: Option<Box<T>>, right: Option<Box<T>>, rest: Vec<T>, last: u8 } });
version!(expression {
    #[derive(Deserialize)]
    pub(super) enum T { Number(f64), Not(Box<T>), And(Box<T>, Box<T>), Or { any: Vec<T> }, If(Box<(T, T, T)>) }
});
version!(other_expression {
    #[derive(Deserialize)]
    pub(super) enum T { Number(f64), Not(Box<T>), And(Box<T>, Box<T>), Or { any: Vec<T> }, If(Box<(T, T)>) }
});
version!(endless { #[derive(Deserialize)] pub(super) struct T { inside: Box<T>, value: u8 } });
version!(endless_too { #[derive(Deserialize)] pub(super) struct T { inside: Box<T>, value: u16 } });

#[test]
fn a_type_within_itself_comes_to_an_end() {
    all_differ!(
        tree::T,
        other_tree::T,
        late_tree::T,
        expression::T,
        other_expression::T,
        endless::T,
        endless_too::T,
    );
}

/// Text of one form only.
struct Code;

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match &String::deserialize(deserializer)?[..] {
            "nobody guesses this" => Ok(Self),
            other => Err(serde::de::Error::custom(format!("{other} is no code"))),
        }
    }
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    Ok(Duration::from_secs(u64::deserialize(deserializer)?))
}

fn small<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let number = u8::deserialize(deserializer)?;
    let small = number == 0;
    small
        .then_some(number)
        .ok_or_else(|| serde::de::Error::custom("not small"))
}

struct Panics;

impl<'de> Deserialize<'de> for Panics {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let _ = u8::deserialize(deserializer)?;
        std::panic::resume_unwind(Box::new("no"))
    }
}

version!(with_code { #[derive(Deserialize)] pub(super) struct T { code: Code, name: String, at: u8 } });
version!(with_code_too { #[derive(Deserialize)] pub(super) struct T { code: Code, name: String, at: u16 } });
version!(in_seconds { #[derive(Deserialize)] pub(super) struct T { #[serde(deserialize_with = "seconds")] ttl: Duration, at: u8 } });
version!(in_parts { #[derive(Deserialize)] pub(super) struct T { ttl: Duration, at: u8 } });
version!(in_seconds_too { #[derive(Deserialize)] pub(super) struct T { #[serde(deserialize_with = "seconds")] ttl: Duration, at: u16 } });
version!(is_small { #[derive(Deserialize)] pub(super) struct T { #[serde(deserialize_with = "small")] n: u8, at: u8 } });
version!(is_small_too { #[derive(Deserialize)] pub(super) struct T { #[serde(deserialize_with = "small")] n: u8, at: u16 } });
version!(panics { #[derive(Deserialize)] pub(super) struct T { a: u8, b: Panics, c: u8 } });
version!(panics_too { #[derive(Deserialize)] pub(super) struct T { a: u16, b: Panics, c: u8 } });
version!(of_many { #[derive(Deserialize)] pub(super) struct T { ip: IpAddr, at: SystemTime, set: BTreeSet<char>, u: u8 } });
version!(of_many_too { #[derive(Deserialize)] pub(super) struct T { ip: IpAddr, at: SystemTime, set: BTreeSet<char>, u: u16 } });

#[test]
fn who_refuses_what_is_answered_hides_nothing_but_itself() {
    all_differ!(
        with_code::T,
        with_code_too::T,
        in_seconds::T,
        in_parts::T,
        in_seconds_too::T,
        is_small::T,
        is_small_too::T,
        of_many::T,
        of_many_too::T,
    );
}

#[test]
fn a_panic_ends_the_recording_and_nothing_else() {
    all_differ!(panics::T, panics_too::T, Panics);
    assert_eq!(of::<panics::T>(), of::<panics::T>());
}

#[test]
fn whatever_is_read_without_knowing_as_what_has_a_shape_too() {
    all_differ!(serde_json::Value, Vec<serde_json::Value>, serde_json::Map<String, serde_json::Value>);
    assert_eq!(of::<serde_json::Value>(), of::<serde_json::Value>());
}

const UNIT: &str = "ff569cc5";
const PLAIN: &str = "be215d1e";
const TAGGED: &str = "abd209df";
