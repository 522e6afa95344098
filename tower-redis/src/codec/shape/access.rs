//! What is inside: items, fields, pairs and variants.

use serde::de::{DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::name::Name;
use super::recorder::{Recorder, with};
use super::refusal::{Answered, Refusal};
use super::walker::Walker;

/// The part that the key of a pair of whatever kind is.
const FREE_KEY: usize = u32::MAX as usize;

/// The items of a list or a tuple.
pub(super) struct Items {
    answer: usize,
    next: usize,
    len: usize,
    explores: bool,
}

impl Items {
    pub(super) fn of(answer: usize, len: usize) -> Self {
        Self {
            answer,
            next: 0,
            len,
            explores: true,
        }
    }

    /// One, of whatever kind.
    pub(super) fn of_any(answer: usize) -> Self {
        Self {
            explores: false,
            ..Self::of(answer, 1)
        }
    }
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Refusal;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Answered<Option<T::Value>> {
        if self.next >= self.len {
            with(Recorder::close);
            return Ok(None);
        }
        let walker = Walker {
            part: (self.answer, self.next),
            explores: self.explores,
        };
        self.next += 1;
        seed.deserialize(walker).map(Some)
    }
}

/// The fields of a struct, those that are refused at the end.
pub(super) struct Fields {
    answer: usize,
    rest: std::vec::IntoIter<(usize, &'static str)>,
    value: usize,
}

impl Fields {
    pub(super) fn of(answer: usize, names: &'static [&'static str]) -> Self {
        let late = with(|recorder| recorder.node().map(|node| node.late.clone()));
        let late = late.unwrap_or_default();
        let fields = || names.iter().copied().enumerate();
        let mut order: Vec<_> = fields().filter(|(part, _)| !late.contains(part)).collect();
        order.extend(fields().filter(|(part, _)| late.contains(part)));
        Self {
            answer,
            rest: order.into_iter(),
            value: 0,
        }
    }
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Refusal;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Answered<Option<K::Value>> {
        let Some((part, name)) = self.rest.next() else {
            with(Recorder::close);
            return Ok(None);
        };
        self.value = part;
        seed.deserialize(Name(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Answered<V::Value> {
        seed.deserialize(Walker::of(self.answer, self.value))
    }
}

/// A pair of whatever kind, and those whose names were asked for.
pub(super) struct Pairs {
    answer: usize,
    free: bool,
    next: usize,
    names: Vec<&'static str>,
}

impl Pairs {
    pub(super) fn of(answer: usize, free: bool) -> Self {
        let names = with(|recorder| recorder.node().map(|node| node.names.clone()));
        Self {
            answer,
            free,
            next: 0,
            names: names.unwrap_or_default(),
        }
    }
}

impl<'de> MapAccess<'de> for Pairs {
    type Error = Refusal;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Answered<Option<K::Value>> {
        if std::mem::take(&mut self.free) {
            let key = Walker::of(self.answer, FREE_KEY);
            return seed.deserialize(key).map(Some);
        }
        let Some(name) = self.names.get(self.next).copied() else {
            with(Recorder::close);
            return Ok(None);
        };
        self.next += 1;
        seed.deserialize(Name(name)).map(Some)
    }

    // part 0 is the value of the free one, and the first name has part 1
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Answered<V::Value> {
        seed.deserialize(Walker {
            part: (self.answer, self.next),
            explores: false,
        })
    }
}

/// One variant of an enum.
pub(super) struct Variant {
    pub(super) at: usize,
    pub(super) name: &'static str,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Refusal;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Answered<(V::Value, Self)> {
        Ok((seed.deserialize(Name(self.name))?, self))
    }
}

impl Variant {
    fn is(&self, what: &str) {
        with(|recorder| recorder.note(format!("variant {} is {what}", self.name)));
    }
}

impl<'de> VariantAccess<'de> for Variant {
    type Error = Refusal;

    fn unit_variant(self) -> Answered<()> {
        self.is("a word");
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Answered<T::Value> {
        self.is("one value");
        seed.deserialize(Walker::of(self.at, 0))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Answered<V::Value> {
        self.is(&format!("{len} values"));
        visitor.visit_seq(Items::of(self.at, len))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Answered<V::Value> {
        self.is(&format!("{fields:?}"));
        visitor.visit_map(Fields::of(self.at, fields))
    }
}
