//! Signing in, and who is signed in.

use jiff::ToSpan as _;
use studio_cockpit::model::{
    facts::{Actor, ActorKind},
    sessions::{SessionFilter, SessionRow, Sessions, Staff, StaffRow, StaffRule, StaffWord},
    sign_in::{FirebaseScript, Persona, SentForm, SignIn, Way},
    trouble::{Panel, Trouble},
};

use super::{Mood, dov, ines, minutes_ago, now};

/// How one can sign in.
pub(super) fn ways(mood: Mood) -> SignIn {
    let personas = vec![
        persona("ines", "Ines Okafor", "Staff", "Proposes and decides what others proposed."),
        persona("dov", "Dov Halpern", "Staff, kiln lead", "The colleague who decides what Ines proposed."),
        persona("juno", "Juno Reyes", "Admin", "May also turn writes on and off."),
    ];
    let script = FirebaseScript {
        folder: "https://www.gstatic.com/firebasejs/12.6.0".to_owned(),
        api_key: "AIza-made-up".to_owned(),
        auth_domain: "monsoon-west.firebaseapp.com".to_owned(),
        project: "monsoon-west".to_owned(),
    };
    let google = || Way::Provider { name: "Google".to_owned() };
    SignIn {
        ways: match mood {
            Mood::Empty => Vec::new(),
            Mood::Busy => vec![google(), Way::Sandbox { personas }],
            Mood::Trouble | Mood::Closed => vec![google(), Way::Firebase(script)],
        },
    }
}

fn persona(id: &str, name: &str, role: &str, about: &str) -> Persona {
    Persona { id: id.to_owned(), name: name.to_owned(), role: role.to_owned(), about: about.to_owned() }
}

/// Who is signed in where.
pub(super) fn sessions(mood: Mood, filter: &SessionFilter) -> Sessions {
    let row = |id: &str, person: Actor, browser: &str, minutes: i64| SessionRow {
        id: id.to_owned(),
        person,
        browser: browser.to_owned(),
        began: minutes_ago(minutes),
        seen: minutes_ago(minutes / 20),
        ends: now() + 60.minutes() - (minutes / 20).minutes(),
        is_this: id == "this",
    };
    let mine = vec![row("this", ines(), "Firefox on Linux", 40), row("phone", ines(), "Safari on iPhone", 400)];
    let juno = Actor { id: "admin:uid_admin_juno".to_owned(), name: "Juno Reyes".to_owned(), kind: ActorKind::Admin };
    let others = vec![row("dov", dov(), "", 90), row("juno", juno, "Chrome on Windows", 10)];
    let others = if filter.person.is_some() { Vec::new() } else { others };
    Sessions { mine: of(mood, vec![mine[0].clone()], mine), others: Some(of(mood, Vec::new(), others)) }
}

/// Who may sign in.
pub(super) fn staff(mood: Mood) -> Staff {
    let word = |rule, reason: &str| StaffWord {
        rule,
        reason: reason.to_owned(),
        by: "admin:uid_admin_juno".to_owned(),
        at: minutes_ago(2_000),
    };
    let row = |uid: &str, email: &str, word: Option<StaffWord>, sessions: u64| StaffRow {
        uid: uid.to_owned(),
        emails: vec![email.to_owned()],
        word,
        sessions,
    };
    let people = vec![
        row("uid_staff_ines", "ines.okafor@studio.example", None, 2),
        row("uid_staff_dov", "dov.halpern@studio.example", Some(word(StaffRule::Staff, "Leads the kilns.")), 1),
        row("uid_mara_quill", "mara.quill@studio.example", Some(word(StaffRule::Deny, "Left the studio in May.")), 0),
    ];
    Staff { people: of(mood, Vec::new(), people) }
}

/// A form that was sent too late.
pub(crate) fn late_form() -> SentForm {
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    SentForm {
        path: "/proposals/0198/decision".to_owned(),
        page: "/proposals/0198".to_owned(),
        fields: vec![
            field("decision", "approve"),
            field("content_hash", "6f1a"),
            field("idempotency_key", "k1"),
            field("reason", crate::scenes::TYPED),
        ],
    }
}

fn of<T>(mood: Mood, empty: T, busy: T) -> Panel<T> {
    match mood {
        Mood::Busy | Mood::Closed => Ok(busy),
        Mood::Empty => Ok(empty),
        Mood::Trouble => {
            Err(Trouble { what: "The sessions could not be read".to_owned(), error_id: "01J9-7F3K".to_owned() })
        }
    }
}
