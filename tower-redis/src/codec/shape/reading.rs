//! The deserializer that has no data.

use serde::de::{self, Visitor};

use super::access::{Fields, Items, Pairs, Variant};
use super::answers::{ANY, Any, FRACTIONS, LENGTHS, TEXTS, WHOLE};
use super::node::{Habit, Node};
use super::recorder::with;
use super::refusal::{Answered, Refusal};
use super::walker::Walker;

/// How long a tuple may be of which every part is asked for.
const LONGEST: usize = 64;

impl Walker {
    /// Asked for as `kind`, this answers with one of `answers`.
    fn answer<T>(
        self,
        kind: impl Into<String>,
        node: impl FnOnce() -> Node,
        answer: impl FnOnce(usize) -> Answered<T>,
    ) -> Answered<T> {
        let at = with(|recorder| recorder.enter(self.part, kind.into(), node));
        let answered = at.ok_or(Refusal).and_then(answer);
        with(|recorder| recorder.leave(answered.is_ok()));
        answered
    }

    fn leaf<T>(
        self,
        kind: &str,
        answers: usize,
        answer: impl FnOnce(usize) -> Answered<T>,
    ) -> Answered<T> {
        self.answer(kind, || Node::new(Habit::Settle, answers), answer)
    }

    fn text<'de, V: Visitor<'de>>(self, kind: &str, visitor: V) -> Answered<V::Value> {
        self.leaf(kind, TEXTS.len(), |at| {
            let word =
                with(|recorder| recorder.node().and_then(|node| node.words.get(at).copied()));
            visitor.visit_str(word.or_else(|| TEXTS.get(at).copied()).unwrap_or_default())
        })
    }
}

macro_rules! whole {
    ($($method:ident $visit:ident $kind:literal)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Answered<V::Value> {
            self.leaf($kind, WHOLE.len(), |at| {
                visitor.$visit(WHOLE.get(at).copied().unwrap_or_default().into())
            })
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Walker {
    type Error = Refusal;

    whole! {
        deserialize_u8 visit_u8 "u8"
        deserialize_u16 visit_u16 "u16"
        deserialize_u32 visit_u32 "u32"
        deserialize_u64 visit_u64 "u64"
        deserialize_u128 visit_u128 "u128"
        deserialize_i16 visit_i16 "i16"
        deserialize_i32 visit_i32 "i32"
        deserialize_i64 visit_i64 "i64"
        deserialize_i128 visit_i128 "i128"
    }

    fn deserialize_i8<V: Visitor<'de>>(self, visitor: V) -> Answered<V::Value> {
        self.leaf("i8", WHOLE.len(), |at| {
            let whole = WHOLE.get(at).copied().unwrap_or_default();
            visitor.visit_i8(whole.try_into().unwrap_or_default())
        })
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Answered<V::Value> {
        self.leaf("f32", FRACTIONS.len(), |at| {
            visitor.visit_f32(FRACTIONS.get(at).copied().unwrap_or_default())
        })
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Answered<V::Value> {
        self.leaf("f64", FRACTIONS.len(), |at| {
            visitor.visit_f64(FRACTIONS.get(at).copied().unwrap_or_default().into())
        })
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Answered<V::Value> {
        self.leaf("bool", 2, |at| visitor.visit_bool(at == 0))
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Answered<V::Value> {
        self.leaf("char", 2, |at| {
            visitor.visit_char(if at == 0 { 'a' } else { '1' })
        })
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Answered<V::Value> {
        self.text("text", visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Answered<V::Value> {
        self.text("text", visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Answered<V::Value> {
        self.text("name", visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Answered<V::Value> {
        self.leaf("bytes", LENGTHS.len(), |at| {
            let length = LENGTHS.get(at).copied().unwrap_or_default();
            visitor.visit_bytes(&vec![0; length])
        })
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Answered<V::Value> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Answered<V::Value> {
        self.leaf("option", 2, |at| match at {
            0 => visitor.visit_some(Self::of(at, 0)),
            _ => visitor.visit_none(),
        })
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Answered<V::Value> {
        self.leaf("unit", 1, |_| visitor.visit_unit())
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Answered<V::Value> {
        self.leaf(&format!("unit {name}"), 1, |_| visitor.visit_unit())
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Answered<V::Value> {
        self.leaf(&format!("newtype {name}"), 1, |at| {
            visitor.visit_newtype_struct(Self::of(at, 0))
        })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Answered<V::Value> {
        self.leaf("list", 2, |at| visitor.visit_seq(Items::of(at, 1 - at)))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Answered<V::Value> {
        let answers = usize::from(len <= LONGEST);
        self.leaf(&format!("tuple/{len}"), answers, |at| {
            visitor.visit_seq(Items::of(at, len))
        })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Answered<V::Value> {
        let answers = usize::from(len <= LONGEST);
        self.leaf(&format!("tuple {name}/{len}"), answers, |at| {
            visitor.visit_seq(Items::of(at, len))
        })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Answered<V::Value> {
        let node = || Node {
            named: true,
            ..Node::new(Habit::Settle, 2)
        };
        self.answer("map", node, |at| visitor.visit_map(Pairs::of(at, at == 0)))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Answered<V::Value> {
        let node = || Node {
            named: true,
            ..Node::new(Habit::Settle, 1)
        };
        self.answer(format!("struct {name} {fields:?}"), node, |at| {
            visitor.visit_map(Fields::of(at, fields))
        })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Answered<V::Value> {
        let node = || Node::new(Habit::Explore, variants.len());
        self.answer(format!("enum {name} {variants:?}"), node, |at| {
            let name = variants.get(at).copied().unwrap_or_default();
            visitor.visit_enum(Variant { at, name })
        })
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Answered<V::Value> {
        let habit = if self.explores {
            Habit::Explore
        } else {
            Habit::Settle
        };
        let node = || Node {
            any: true,
            named: true,
            ..Node::new(habit, ANY.len())
        };
        self.answer("any", node, |at| match ANY.get(at) {
            Some(Any::Map) => visitor.visit_map(Pairs::of(at, false)),
            Some(Any::Text) => visitor.visit_str("a"),
            Some(Any::Whole) => visitor.visit_u64(1),
            Some(Any::Negative) => visitor.visit_i64(-1),
            Some(Any::Fraction) => visitor.visit_f64(0.5),
            Some(Any::Flag) => visitor.visit_bool(true),
            Some(Any::List) => visitor.visit_seq(Items::of_any(at)),
            Some(Any::Nothing) | None => visitor.visit_unit(),
        })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Answered<V::Value> {
        visitor.visit_unit()
    }
}
