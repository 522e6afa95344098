//! How long things take. They are printed by `./tests/figures`, and are no part of the other tests, which
//! assert on what happens and in which order.

mod harness;
