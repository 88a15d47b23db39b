//! What a person typed, kept when a form comes back with a problem.

/// The sign-in form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignInForm {
    /// Where to go afterwards; a path of this site, checked by the other side. Field `next`.
    pub next: Option<String>,
    /// Why the last attempt failed.
    pub problem: Option<String>,
    /// Somebody is signed in, and has to prove once more who they are.
    pub again: bool,
}

/// The form that decides a proposal: `POST /proposals/{id}/decision`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DecisionForm {
    /// Field `reason`.
    pub reason: String,
    /// Field `idempotency_key`: made new for a fresh form, kept when it comes back.
    pub idempotency_key: String,
    /// What is wrong with it.
    pub problem: Option<FormProblem>,
}

/// The form that proposes a write's undo: `POST /writes/{id}/undo`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UndoForm {
    /// Field `reason`.
    pub reason: String,
    /// Field `idempotency_key`.
    pub idempotency_key: String,
    /// What is wrong with it.
    pub problem: Option<FormProblem>,
}

/// What is wrong with a form that asks for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormProblem {
    /// The reason itself; the sentence is shown at the field.
    Reason(String),
    /// Something else; the sentence is shown above the form.
    Whole(String),
}

/// The form of a new proposal: `GET /proposals/new` to fill it, `POST /proposals` to send it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftForm {
    /// Field `finding`: the finding it is made from.
    pub finding: Option<String>,
    /// Field `capability`.
    pub capability: Option<String>,
    /// Field `document`: a path or a bare id.
    pub document: Option<String>,
    /// Field `status`, for `reservation.status.set`.
    pub status: Option<String>,
    /// Field `note`, for `ops_note.append`.
    pub note: String,
    /// Field `reason`.
    pub reason: String,
    /// Field `idempotency_key`.
    pub idempotency_key: String,
    /// What is wrong with it.
    pub problems: Vec<DraftProblem>,
}

/// What is wrong with one field of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftProblem {
    /// Which field.
    pub field: DraftField,
    /// One sentence.
    pub message: String,
}

/// The fields of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftField {
    /// The document.
    Document,
    /// The status.
    Status,
    /// The note.
    Note,
    /// The reason.
    Reason,
    /// None in particular.
    Whole,
}

impl DraftForm {
    /// Reads decoded query parameters or form fields; unknown names are ignored.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut form = Self::default();
        for (name, value) in pairs {
            let given = || Some(value.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
            match name {
                "finding" => form.finding = given(),
                "capability" => form.capability = given(),
                "document" => form.document = given(),
                "status" => form.status = given(),
                "note" => value.clone_into(&mut form.note),
                "reason" => value.clone_into(&mut form.reason),
                "idempotency_key" => value.clone_into(&mut form.idempotency_key),
                _ => {}
            }
        }
        form
    }

    /// The problem of a field, if it has one.
    pub fn problem(&self, field: DraftField) -> Option<&str> {
        self.problems.iter().find(|problem| problem.field == field).map(|problem| problem.message.as_str())
    }
}
