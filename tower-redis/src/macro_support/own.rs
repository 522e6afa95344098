//! Borrowed arguments, made owned for a load that outlives its caller.

/// A borrowed argument whose owner the load can hold.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be owned by a load that outlives its caller",
    label = "its elements are not `Clone`",
    note = "derive `Clone` for the elements, or take the argument by value (for instance as an `Arc`)"
)]
pub trait Own {
    /// What holds it.
    type Owned;
    /// The owner.
    fn own(self) -> Self::Owned;
}

impl Own for &str {
    type Owned = String;
    fn own(self) -> String {
        self.to_owned()
    }
}

impl Own for &String {
    type Owned = String;
    fn own(self) -> String {
        self.clone()
    }
}

impl<T: Clone> Own for &[T] {
    type Owned = Vec<T>;
    fn own(self) -> Vec<T> {
        self.to_vec()
    }
}

impl<T: Clone> Own for &Vec<T> {
    type Owned = Vec<T>;
    fn own(self) -> Vec<T> {
        self.clone()
    }
}

macro_rules! scalars {
    ($($ty:ty)*) => {$(
        impl Own for &$ty {
            type Owned = $ty;
            fn own(self) -> $ty {
                *self
            }
        }
    )*};
}

scalars!(bool char u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

impl<T: Own> Own for Option<T> {
    type Owned = Option<T::Owned>;
    fn own(self) -> Option<T::Owned> {
        self.map(Own::own)
    }
}
