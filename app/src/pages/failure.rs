//! Pages that could not be shown: what went wrong, and what to do about it.

use leptos::prelude::*;

use crate::{
    frame::{Sheet, viewer},
    model::trouble::Trouble,
    parts::naming::Code,
    paths,
};

/// Why a request did not lead to its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// 400: the request made no sense.
    BadRequest {
        /// What is wrong with it.
        what: String,
    },
    /// 401: nobody is signed in, and there is no page to come back to.
    NotSignedIn,
    /// 403: the viewer may not.
    Forbidden {
        /// Why, and which role may.
        why: String,
    },
    /// 403: the request was made by another site.
    CrossSite,
    /// 404: there is no such thing.
    NotFound {
        /// What was asked for.
        what: String,
    },
    /// 405: the address exists, the method does not.
    MethodNotAllowed,
    /// 409: something changed in between.
    Conflict {
        /// What changed.
        what: String,
    },
    /// 413: too much was sent.
    TooLarge,
    /// 415: it was sent in a form that is not read.
    UnsupportedMedia,
    /// 429: too many requests.
    TooMany,
    /// 500: it could not be done.
    Internal {
        /// What, and the id under which the log tells the cause.
        trouble: Trouble,
    },
    /// 503: it cannot be done at the moment.
    Unavailable {
        /// What, and the id under which the log tells the cause.
        trouble: Trouble,
    },
}

impl Failure {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::BadRequest { .. } => 400,
            Self::NotSignedIn => 401,
            Self::Forbidden { .. } | Self::CrossSite => 403,
            Self::NotFound { .. } => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict { .. } => 409,
            Self::TooLarge => 413,
            Self::UnsupportedMedia => 415,
            Self::TooMany => 429,
            Self::Internal { .. } => 500,
            Self::Unavailable { .. } => 503,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::BadRequest { .. } => "That request made no sense",
            Self::NotSignedIn => "You are not signed in",
            Self::Forbidden { .. } => "You may not see this",
            Self::CrossSite => "This came from another site",
            Self::NotFound { .. } => "There is no such page",
            Self::MethodNotAllowed => "That cannot be done here",
            Self::Conflict { .. } => "Something changed in between",
            Self::TooLarge => "That was too much at once",
            Self::UnsupportedMedia => "That is not a form",
            Self::TooMany => "Too many requests",
            Self::Internal { .. } => "Something went wrong here",
            Self::Unavailable { .. } => "Not available right now",
        }
    }

    fn what(&self) -> String {
        match self {
            Self::BadRequest { what } | Self::Conflict { what } => what.clone(),
            Self::NotSignedIn => "This address needs a session, and yours is missing or over.".to_owned(),
            Self::Forbidden { why } => why.clone(),
            Self::CrossSite => {
                "The request was not made by a page of this cockpit, so nothing was done with it.".to_owned()
            }
            Self::NotFound { what } => format!("{what} could not be found. It may never have existed."),
            Self::MethodNotAllowed => "The address exists, but it does not answer this kind of request.".to_owned(),
            Self::TooLarge => "The request was larger than this service reads. Nothing was done with it.".to_owned(),
            Self::UnsupportedMedia => "This address reads web forms only. Nothing was done with it.".to_owned(),
            Self::TooMany => "This service answers only so many requests at a time.".to_owned(),
            Self::Internal { trouble } | Self::Unavailable { trouble } => trouble.what.clone(),
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Self::BadRequest { .. } => "Go back, check what you entered, and send it again.",
            Self::NotSignedIn => "Sign in and try again.",
            Self::Forbidden { .. } => "Ask somebody with that role, or sign in as somebody else.",
            Self::CrossSite => "If you meant to do this, open the cockpit and do it there.",
            Self::NotFound { .. } => "Check the address, or start from the overview.",
            Self::MethodNotAllowed | Self::UnsupportedMedia => "Start from the overview.",
            Self::Conflict { .. } => "Open the page again to see how things stand, then decide again.",
            Self::TooLarge => "Send less.",
            Self::TooMany => "Wait a minute and try again.",
            Self::Internal { .. } => {
                "Nothing was changed by looking. Try again; if it stays, tell an operator the error id."
            }
            Self::Unavailable { .. } => "Try again in a minute; if it stays, tell an operator the error id.",
        }
    }

    fn error_id(&self) -> Option<&str> {
        match self {
            Self::Internal { trouble } | Self::Unavailable { trouble } => Some(&trouble.error_id),
            Self::BadRequest { .. }
            | Self::NotSignedIn
            | Self::Forbidden { .. }
            | Self::CrossSite
            | Self::NotFound { .. }
            | Self::MethodNotAllowed
            | Self::Conflict { .. }
            | Self::TooLarge
            | Self::UnsupportedMedia
            | Self::TooMany => None,
        }
    }
}

/// The page.
pub(crate) fn sheet(failure: Failure) -> Sheet {
    let status = failure.status();
    let (href, name) = match failure {
        Failure::NotSignedIn => (paths::SIGN_IN, "Sign in"),
        Failure::BadRequest { .. }
        | Failure::Forbidden { .. }
        | Failure::CrossSite
        | Failure::NotFound { .. }
        | Failure::MethodNotAllowed
        | Failure::Conflict { .. }
        | Failure::TooLarge
        | Failure::UnsupportedMedia
        | Failure::TooMany
        | Failure::Internal { .. }
        | Failure::Unavailable { .. } => (paths::OVERVIEW, "Go to the overview"),
    };
    // What failed by itself may work again; what was refused will be refused again.
    let again = failure.error_id().is_some().then(|| viewer().here.clone());
    let emphasis = if again.is_some() { "button" } else { "button primary" };
    let body = view! {
        <div class="failure">
            <p class="failure-status">{status.to_string()}</p>
            <h1>{failure.title()}</h1>
            <p class="lede">{failure.what()}</p>
            <p>{failure.advice()}</p>
            {failure
                .error_id()
                .map(|id| view! { <p class="error-id">"Error id " <Code text=id /></p> })}
            <p class="buttons">
                {again.map(|here| view! { <a class="button primary" href=here>"Try again"</a> })}
                <a class=emphasis href=href>{name}</a>
            </p>
        </div>
    }
    .into_any();
    Sheet { status, title: failure.title().to_owned(), section: None, body }
}
