//! Bytes as the lines of fields.

use http::header::{HeaderMap, HeaderName, HeaderValue};

/// Each line of `data` that a field can have, as one of the field `name`.
pub(super) fn lines_of(data: &[u8], name: &HeaderName) -> HeaderMap {
    let mut fields = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        append(&mut fields, name.as_str().as_bytes(), line);
    }
    fields
}

/// Appends the line, if there can be such and there is room.
pub(super) fn append(fields: &mut HeaderMap, name: &[u8], value: &[u8]) {
    if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
        let _ = fields.try_append(name, value);
    }
}

/// All lines of a field.
pub(super) fn values(fields: &HeaderMap, name: &HeaderName) -> Vec<Vec<u8>> {
    let lines = fields.get_all(name).iter();
    lines.map(|line| line.as_bytes().to_vec()).collect()
}
