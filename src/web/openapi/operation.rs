//! What can be said about an operation: what it is for, what it takes, what it answers, and what can go wrong.

use axum::http::Method;
use utoipa::ToSchema;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Schema};

use crate::domain::actor::ActorKind;
use crate::web::openapi::{AGENT_KEY, API, ProblemDocument, SESSION};
use crate::web::route::{Route, Who};

/// A type that is read or answered with: its name, and the schemas that it needs.
type Shape = (String, Vec<(String, RefOr<Schema>)>);

/// One operation.
pub(super) struct Described {
    method: Method,
    path: String,
    summary: &'static str,
    query: Vec<(&'static str, Type, Required, &'static str)>,
    examples: Vec<(&'static str, &'static str)>,
    body: Option<Shape>,
    answers: Vec<(u16, &'static str, Option<Shape>)>,
    refusals: Vec<(u16, &'static str)>,
}

/// An operation that changes nothing.
pub(super) fn get(path: &str, summary: &'static str) -> Described {
    Described::new(Method::GET, path, summary)
}

/// An operation that may change something.
pub(super) fn post(path: &str, summary: &'static str) -> Described {
    Described::new(Method::POST, path, summary).refuses(413, "More was sent than is read")
}

impl Described {
    fn new(method: Method, path: &str, summary: &'static str) -> Self {
        let path = format!("{}{}", API.trim_end_matches('/'), path);
        let (query, examples, answers, refusals) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let new = Self { method, path, summary, query, examples, body: None, answers, refusals };
        let new = new
            .refuses(400, "The request makes no sense, or names two callers at once")
            .refuses(403, "Not for this caller")
            .refuses(429, "Too often: wait as long as `Retry-After` says")
            .refuses(500, "It could not be done")
            .refuses(503, "It can't be done at the moment");
        if new.path.contains('{') { new.refuses(404, "There is no such thing") } else { new }
    }

    /// A parameter that may be left out.
    pub(super) fn asks(mut self, name: &'static str, kind: Type, what: &'static str) -> Self {
        self.query.push((name, kind, Required::False, what));
        self.refuses(422, "A parameter is wrong")
    }

    /// A parameter that must be there.
    pub(super) fn needs(mut self, name: &'static str, kind: Type, what: &'static str) -> Self {
        self.query.push((name, kind, Required::True, what));
        self.refuses(422, "A parameter is wrong")
    }

    /// What a parameter may be, such as in the sample studio.
    pub(super) fn example(mut self, name: &'static str, value: &'static str) -> Self {
        self.examples.push((name, value));
        self
    }

    /// The body.
    pub(super) fn takes<T: ToSchema>(mut self) -> Self {
        self.body = Some(shape::<T>());
        self.refuses(415, "The body is not sent as JSON").refuses(422, "A field is wrong")
    }

    /// An answer, when all went well.
    pub(super) fn gives<T: ToSchema>(mut self, status: u16, what: &'static str) -> Self {
        self.answers.push((status, what, Some(shape::<T>())));
        self
    }

    /// An answer that says nothing but that all went well.
    pub(super) fn gives_nothing(mut self, what: &'static str) -> Self {
        self.answers.push((204, what, None));
        self
    }

    /// The gate decides: it may deny for what stands in the way, and asks for reasons.
    pub(super) fn decided(self) -> Self {
        self.refuses(404, "There is no such thing")
            .refuses(409, "Something stands in the way")
            .refuses(422, "A field is wrong")
    }

    pub(super) fn refuses(mut self, status: u16, what: &'static str) -> Self {
        if !self.refusals.iter().any(|(known, _)| *known == status) {
            self.refusals.push((status, what));
        }
        self
    }

    /// Method and path.
    pub(super) fn address(&self) -> (String, String) {
        (self.method.to_string(), self.path.clone())
    }

    /// The method in OpenAPI's words.
    pub(super) fn http_method(&self) -> HttpMethod {
        if self.method == Method::GET { HttpMethod::Get } else { HttpMethod::Post }
    }

    /// The schemas of everything that it takes and gives.
    pub(super) fn schemas(&self) -> Vec<(String, RefOr<Schema>)> {
        let given = self.answers.iter().filter_map(|(_, _, shape)| shape.as_ref());
        given.chain(&self.body).flat_map(|(_, schemas)| schemas.iter().cloned()).collect()
    }

    /// The operation, for those whom the table admits.
    pub(super) fn describe(&self, route: &Route) -> Operation {
        let mut operation = OperationBuilder::new()
            .operation_id(Some(self.id()))
            .summary(Some(self.summary))
            .parameters(Some(self.parameters()))
            .extensions(Some(ExtensionsBuilder::new().add("x-who", route.who.words()).build()));
        if let Some((name, _)) = &self.body {
            let body =
                RequestBodyBuilder::new().content("application/json", content(name)).required(Some(Required::True));
            operation = operation.request_body(Some(body.build()));
        }
        for (status, what, shape) in &self.answers {
            let answer = ResponseBuilder::new().description(*what);
            let answer = match shape {
                Some((name, _)) => answer.content("application/json", content(name)),
                None => answer,
            };
            operation = operation.response(status.to_string(), answer.build());
        }
        for (status, what) in &self.refusals {
            operation = operation.response(status.to_string(), refusal(what));
        }
        match route.who {
            Who::Anyone => operation,
            Who::Roles(roles) => {
                let in_browser = roles.contains(&ActorKind::Staff) || roles.contains(&ActorKind::Admin);
                let mut credentials = Vec::new();
                credentials.extend(in_browser.then_some(SESSION));
                credentials.extend(roles.contains(&ActorKind::Agent).then_some(AGENT_KEY));
                let none = roles.contains(&ActorKind::Operator).then(SecurityRequirement::default);
                let named = credentials.into_iter().map(|name| SecurityRequirement::new(name, [""; 0]));
                operation
                    .response("401", refusal("No credential, or one that is good for nothing"))
                    .securities(Some(named.chain(none)))
            }
        }
        .build()
    }

    /// Such as `post_proposals_decision`.
    fn id(&self) -> String {
        let parts = self.path.trim_start_matches(API).split('/');
        let words = parts.map(|part| if part.starts_with('{') { "one" } else { part });
        let name = words.collect::<Vec<_>>().join("_").replace(['-', '.'], "_");
        format!("{}_{name}", self.method.as_str().to_lowercase())
    }

    fn parameters(&self) -> Vec<Parameter> {
        let example = |wanted: &str| {
            let found = self.examples.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| serde_json::Value::from(*value))
        };
        let in_path = self.path.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| {
            let schema = ObjectBuilder::new().schema_type(Type::String).build();
            let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).required(Required::True);
            parameter.schema(Some(schema)).example(example(name)).build()
        });
        let in_query = self.query.iter().map(|(name, kind, required, what)| {
            let mut schema = ObjectBuilder::new().schema_type(kind.clone());
            if *kind == Type::Integer {
                schema = schema.minimum(Some(0));
            }
            ParameterBuilder::new()
                .name(*name)
                .parameter_in(ParameterIn::Query)
                .required(required.clone())
                .description(Some(*what))
                .schema(Some(schema.build()))
                .example(example(name))
                .build()
        });
        in_path.chain(in_query).collect()
    }
}

fn shape<T: ToSchema>() -> Shape {
    let name = T::name().into_owned();
    let mut schemas = vec![(name.clone(), T::schema())];
    T::schemas(&mut schemas);
    (name, schemas)
}

fn content(name: &str) -> utoipa::openapi::Content {
    ContentBuilder::new().schema(Some(Ref::from_schema_name(name))).build()
}

fn refusal(what: &str) -> Response {
    let content = content(&ProblemDocument::name());
    ResponseBuilder::new().description(what).content("application/problem+json", content).build()
}
