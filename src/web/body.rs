//! The bodies of requests, read strictly.
//!
//! Give the types `#[serde(deny_unknown_fields)]`: a field that we do not know may be one that was meant to matter.

use axum::body::Bytes;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest, Request};
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;

use crate::web::problem::{Problem, ProblemKind};

/// A JSON body.
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

/// A form's body.
#[derive(Debug)]
pub struct FormBody<T>(pub T);

/// A form's body, or a JSON body with the same fields.
#[derive(Debug)]
pub struct FormOrJson<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(&request) {
            let what = "Send this as JSON, with the content type application/json.";
            return Err(Problem::new(ProblemKind::UnsupportedMedia, "NOT_JSON", what));
        }
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|rejection| unread(rejection.status()))?;
        parse(&bytes).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for FormBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Form::from_request(request, state).await {
            Ok(Form(value)) => Ok(Self(value)),
            Err(FormRejection::InvalidFormContentType(_)) => {
                let what = "Send this as a form, with the content type application/x-www-form-urlencoded.";
                Err(Problem::new(ProblemKind::UnsupportedMedia, "NOT_A_FORM", what))
            }
            Err(FormRejection::BytesRejection(rejection)) => Err(unread(rejection.status())),
            Err(rejection) => {
                let what = rejection.body_text();
                let what = what.rsplit_once("body: ").map_or(what.as_str(), |(_, what)| what);
                Err(wrong_field(what))
            }
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for FormOrJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if is_json(&request) {
            return JsonBody::from_request(request, state).await.map(|JsonBody(value)| Self(value));
        }
        FormBody::from_request(request, state).await.map(|FormBody(value)| Self(value))
    }
}

/// Parses a JSON text, or says where and what is wrong.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if !error.is_data() {
            return not_json(&error);
        }
        // serde's own words end with a position that means nothing to whoever reads about a field.
        let what = error.to_string();
        let what = what.rsplit_once(" at line ").map_or(what.as_str(), |(what, _)| what);
        if path == "." { wrong_field(what) } else { wrong_field(&format!("`{path}`: {what}")) }
    })?;
    reader.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

fn not_json(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    let what = if error.is_eof() { "it ends too early" } else { "something else was expected there" };
    Problem::bad_request("INVALID_JSON", format!("This is not JSON: see line {line}, column {column}; {what}."))
}

fn wrong_field(what: &str) -> Problem {
    let what: String = what.chars().filter(|letter| !letter.is_control()).take(300).collect();
    Problem::new(ProblemKind::Unprocessable, "WRONG_FIELD", format!("A field is wrong: {what}."))
}

fn unread(status: StatusCode) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large();
    }
    Problem::bad_request("BODY_UNREADABLE", "The request ended before it was complete.")
}

/// More was sent than is read.
pub(super) fn too_large() -> Problem {
    Problem::new(ProblemKind::TooLarge, "BODY_TOO_LARGE", "This is more than can be sent at once.")
}

fn is_json(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Note {
        text: String,
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Inner {
        count: u8,
    }

    #[test]
    fn what_is_wrong_with_json_is_named() {
        let check = |text: &str, status: u16, part: &str| {
            let problem = parse::<Note>(text.as_bytes()).expect_err(text);
            assert_eq!(problem.kind().status(), status, "{text}");
            assert!(problem.detail().contains(part), "{text}: {}", problem.detail());
        };
        check("", 400, "line 1, column 0; it ends too early");
        check("{\n \"text\": oops}", 400, "line 2, column 10");
        check("{\"text\": \"a\"} {}", 400, "line 1, column 15");
        check(&"[".repeat(100_000), 422, "invalid type: sequence");
        check("{\"text\": \"a\", \"inner\": {\"count\": 300}}", 422, "`inner.count`: invalid value: integer `300`");
        check("{\"text\": \"a\", \"txet\": 1}", 422, "unknown field `txet`");
        check("{}", 422, "missing field `text`");
        check("{\"text\": \"a\", \"text\": \"b\"}", 422, "duplicate field `text`");
        check("7", 422, "invalid type: integer `7`");
    }
}
