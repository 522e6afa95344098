//! By several things at once.

use http::{Extensions, Request};

use crate::key::{CacheKey, KeyWriter};

use super::contract::{Ahead, RequestKey, Unidentified};

/// One of the keys of a tuple, as a part of one. What it lacks is left in `missed`.
struct Part<'a, K, B> {
    own: &'a K,
    request: &'a Request<B>,
    missed: &'a std::cell::Cell<Option<Unidentified>>,
}

impl<K: RequestKey, B> CacheKey for Part<'_, K, B> {
    fn write(&self, key: &mut KeyWriter) {
        if let Err(unidentified) = self.own.write(self.request, key) {
            self.missed
                .set(Some(self.missed.get().unwrap_or(unidentified)));
        }
    }
}

macro_rules! tuples {
    ($(($($part:ident $at:tt)+))*) => {$(
        /// Requests that agree in all of them share one quota.
        impl<$($part: RequestKey),+> RequestKey for ($($part,)+) {
            fn write<Body>(
                &self,
                request: &Request<Body>,
                key: &mut KeyWriter,
            ) -> Result<(), Unidentified> {
                let missed = std::cell::Cell::new(None);
                let missed = &missed;
                ($(Part { own: &self.$at, request, missed },)+).write(key);
                missed.get().map_or(Ok(()), Err)
            }

            fn ahead<Body>(&self, request: &Request<Body>) -> Option<Ahead> {
                let all = [$(self.$at.ahead(request)),+];
                let mut all = all.into_iter().flatten().peekable();
                all.peek()?;
                let all = futures_util::future::join_all(all);
                Some(Box::pin(async move {
                    let mut found = Extensions::new();
                    all.await.into_iter().for_each(|more| found.extend(more));
                    found
                }))
            }

            fn doubt<Body>(&self, request: &Request<Body>) -> Option<Unidentified> {
                None$(.or_else(|| self.$at.doubt(request)))+
            }
        }
    )*};
}

tuples! {
    (A 0 B 1)
    (A 0 B 1 C 2)
    (A 0 B 1 C 2 D 3)
    (A 0 B 1 C 2 D 3 E 4)
    (A 0 B 1 C 2 D 3 E 4 F 5)
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::super::extension::Extension;
    use super::super::global::Global;
    use super::super::header::Header;
    use super::*;

    fn written(key: &impl RequestKey, request: &Request<()>) -> (bool, String) {
        let mut writer = KeyWriter::new();
        let told = key.write(request, &mut writer);
        let text = String::from_utf8(writer.as_bytes().to_vec()).unwrap();
        (told.is_ok(), text)
    }

    #[test]
    fn the_parts_stay_apart_and_what_one_lacks_is_said() {
        let [a, b] = ["x-a", "x-b"].map(HeaderName::from_static);
        let key = (Header::new(a.clone()), Header::new(b.clone()));
        let request = |one, other| {
            let mut request = Request::new(());
            for (name, value) in [(&a, one), (&b, other)] {
                let value = HeaderValue::from_static(value);
                request.headers_mut().insert(name, value);
            }
            request
        };
        let [first, second] =
            [("a:b", "c"), ("a", "b:c")].map(|(a, b)| written(&key, &request(a, b)));
        assert!(first.0 && second.0);
        assert_ne!(first.1, second.1);
        let lacking = (Global, Extension::<u64>::new(), key);
        assert!(!written(&lacking, &request("a", "b")).0);
    }
}
