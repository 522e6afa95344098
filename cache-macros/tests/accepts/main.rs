//! What the macros accept, each module as a crate of a user's would have it.
#![allow(dead_code, unreachable_pub, reason = "each module stands for a crate")]

mod associated_functions;
mod attributes;
mod conditional;
mod crate_path;
mod from_a_declarative_macro;
mod functions_of_the_value;
mod futures_are_send;
mod generic;
mod inside_a_function;
mod instrumented;
mod invalidates;
mod invalidates_elsewhere;
mod patterns;
mod rate_limited;
mod shadowed_names;
mod throttle;
mod trait_methods;
mod types_as_keys;
mod used_by_companions;
mod visibility;
mod without_a_prelude;
