//! From a request to an [`Input`].

use axum::body::Bytes;
use axum::extract::{self, FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde_json::{Map, Value};

use crate::input::Input;
use crate::problem::Problem;

/// The most a body may have, in bytes.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;

/// The parameters of the query.
pub(crate) struct Query(pub(crate) Input);

/// That the query has no parameters.
pub(crate) struct NoQuery;

/// The members of the body: a JSON object, whatever its `Content-Type` says, or nothing.
pub(crate) struct Body(pub(crate) Input);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let pairs = extract::Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let extract::Query(pairs) =
            pairs.map_err(|error| Problem::new(error.status(), error.body_text()))?;
        let (mut fields, mut twice) = (Map::new(), Vec::new());
        let mut garbled = Vec::new();
        for (name, value) in pairs {
            // what the decoder puts where the octets are no text
            if value.contains(char::REPLACEMENT_CHARACTER) {
                garbled.push(name.clone());
            }
            if fields.insert(name.clone(), Value::String(value)).is_some() {
                twice.push(name);
            }
        }
        let mut input = Input::new(fields);
        for name in twice {
            input.mistaken(&name, "given more than once; expected one value".to_owned());
        }
        for name in garbled {
            input.mistaken(&name, "not text; expected UTF-8".to_owned());
        }
        Ok(Self(input))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for NoQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(query) = Query::from_request_parts(parts, state).await?;
        query.finish().map(|()| Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|error| match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                let detail = format!("too long; expected at most {BODY_LIMIT} bytes");
                Problem::in_body(StatusCode::PAYLOAD_TOO_LARGE, detail)
            }
            status => Problem::in_body(status, error.body_text()),
        })?;
        let fields = if bytes.trim_ascii().is_empty() {
            Map::new()
        } else {
            object(&bytes)?
        };
        Ok(Self(Input::new(fields)))
    }
}

fn object(bytes: &[u8]) -> Result<Map<String, Value>, Problem> {
    let refuse = |found: String| {
        let detail = format!("{found}; expected a JSON object");
        Problem::in_body(StatusCode::BAD_REQUEST, detail)
    };
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(Value::Null) => Err(refuse("found null".to_owned())),
        Ok(Value::Bool(_)) => Err(refuse("found a boolean".to_owned())),
        Ok(Value::Number(_)) => Err(refuse("found a number".to_owned())),
        Ok(Value::String(_)) => Err(refuse("found a text".to_owned())),
        Ok(Value::Array(_)) => Err(refuse("found an array".to_owned())),
        Err(error) => Err(refuse(format!("cannot be read as JSON: {error}"))),
    }
}
