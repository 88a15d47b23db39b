//! What a browser is told after a form of the rules.

use axum::response::{IntoResponse as _, Redirect, Response};
use studio_cockpit::model::viewer::{Flash, FlashTone};

use crate::domain::session;
use crate::web::cockpit::pages::Asked;
use crate::web::cockpit::rules::once::Outcome;
use crate::web::desk::DeskState;
use crate::web::problem::Problem;

macro_rules! ruled {
    ($($name:ident $code:literal $tone:ident $sentence:literal)+) => {
        /// What a browser is told once, after a form of the rules.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(in crate::web::cockpit) enum Ruled {
            $($name,)+
        }

        impl Ruled {
            const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The code that is kept until the next page.
            const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)+ }
            }

            const fn tone(self) -> FlashTone {
                match self { $(Self::$name => FlashTone::$tone,)+ }
            }
        }
    };
}

ruled! {
    Stopped "rules-stopped" Good "Stopped. Nothing is under way, and nothing is sent until two people resume."
    StoppedBusy "rules-stopped-busy" Note "Stopped. Something was under way and has not been answered: the ledger of writes tells what became of it."
    ResumeAsked "rules-resume-asked" Note "Asked for. Nothing is sent until another person has confirmed."
    Resumed "rules-resumed" Good "Resumed. What was approved and has not expired is sent now."
    ExemptionGranted "rules-exemption-granted" Good "Granted. It ends by itself, and can be taken back before."
    ExemptionEnded "rules-exemption-ended" Good "Taken back. It needs its approval again from now on."
    CounterFilled "rules-counter-filled" Good "Filled up. All of it can be used again."
    KeyIssued "rules-key-issued" Good "Issued. The key is shown below this once."
    KeyRevoked "rules-key-revoked" Good "Revoked. It is refused from the next request on."
    AgentResumed "rules-agent-resumed" Good "The agent may go on."
    LeaseToTake "rules-lease-to-take" Note "Decided. This box takes the lease as soon as writes may leave."
    TextGranted "rules-text-granted" Good "Decided. The text may go on."
    TextDenied "rules-text-denied" Good "Decided. The text is stopped."
    SentBefore "rules-sent-before" Note "You had sent this form before: nothing more was done."
}

/// The words of a message that was kept, if it is one of these.
pub(in crate::web::cockpit) fn flash(kept: &session::Flash) -> Option<Flash> {
    let told = Ruled::ALL.iter().find(|told| told.code() == kept.code)?;
    Some(Flash { tone: told.tone(), text: told.sentence().to_owned() })
}

/// Leaves the message for the next page, and leads there.
pub(super) async fn lead(state: &DeskState, asked: &Asked, outcome: Outcome) -> Result<Response, Problem> {
    state.web.leave_flash(&asked.session, &session::Flash::ok(outcome.told.code())).await?;
    Ok(Redirect::to(&outcome.to).into_response())
}
