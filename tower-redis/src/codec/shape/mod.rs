//! A fingerprint of what `serde` sees of a type.
//!
//! `Deserialize` is asked to read from a deserializer that has no data: it writes down what it is asked for
//! (names of fields and variants, kinds of values, what is optional, how long a tuple is) and
//! answers with something small. Reading is repeated until every variant has been asked for, with other
//! answers where one was refused. What is never asked for because an earlier answer was refused
//! every time, such as what follows a text of a form that nobody here has thought of, does not count; nor do
//! optional fields of a struct that is flattened, which are never asked for by name.
//!
//! Nothing of it depends on where in memory, in which module or in which order of compilation a type
//! is: the same source has the same fingerprint in every process.

mod access;
mod answers;
mod fingerprint;
mod fnv;
mod name;
mod node;
mod reading;
mod recorder;
mod refusal;
#[cfg(test)]
mod tests;
mod walker;

pub(crate) use fingerprint::Shape;
