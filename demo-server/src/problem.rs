//! What a client is told when its request cannot be answered: problem details as of RFC 9457.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// One thing to correct.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Mistake {
    /// The parameter or member it is about; `body` for the body as a whole.
    pub(crate) field: String,
    /// What was found and what is expected.
    pub(crate) detail: String,
}

/// A problem document. Without a `type` its title is the phrase of its status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    title: &'static str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Mistake>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
        }
    }

    /// A request that is refused for `mistakes`.
    pub(crate) fn of(status: StatusCode, mistakes: Vec<Mistake>) -> Self {
        let told: Vec<String> = mistakes
            .iter()
            .map(|Mistake { field, detail }| format!("{field}: {detail}"))
            .collect();
        Self {
            errors: mistakes,
            ..Self::new(status, told.join("; "))
        }
    }

    pub(crate) fn in_body(status: StatusCode, detail: impl Into<String>) -> Self {
        let (field, detail) = ("body".to_owned(), detail.into());
        Self::of(status, vec![Mistake { field, detail }])
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(self)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, PROBLEM);
        response
    }
}
