//! A name, where one is asked for.

use serde::de::{self, Visitor};
use serde::forward_to_deserialize_any;

use super::refusal::{Answered, Refusal};

/// A name, for whoever asks for one in whatever way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name(pub(super) &'static str);

impl<'de> de::Deserializer<'de> for Name {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Answered<V::Value> {
        visitor.visit_str(self.0)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
