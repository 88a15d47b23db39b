use jiff::{SignedDuration, Timestamp};

use super::builder::{Fill, days, doc, minutes, sha256_hex};
use super::random::Random;
use super::{NOW, SampleDocument, events, orders};

/// Ignored webhook events per unit of scale.
const IGNORED: usize = 17;

/// How a payment ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Pending,
    Failed,
    Paid,
    Refunded,
    DisputeWon,
}

impl Outcome {
    /// The webhook events that led here, in order.
    fn event_types(self) -> &'static [&'static str] {
        const PAID: [&str; 2] = ["checkout.session.completed", "payment_intent.succeeded"];
        match self {
            Self::Pending => &[],
            Self::Failed => &["payment_intent.payment_failed"],
            Self::Paid => &PAID,
            Self::Refunded => &[PAID[0], PAID[1], "charge.refunded"],
            Self::DisputeWon => &[PAID[0], PAID[1], "charge.dispute.created", "charge.dispute.closed"],
        }
    }

    fn payment_status(self) -> &'static str {
        match self {
            Self::Pending => "checkout_created",
            Self::Failed => "payment_failed",
            Self::Paid => "payment_succeeded",
            Self::Refunded => "charge_refunded",
            Self::DisputeWon => "charge_disputed",
        }
    }
}

/// Something that is paid for: an order of materials, or an event's charge.
pub(super) struct Sale {
    /// What the payment's ids are made from. It differs from the link where one thing is paid twice.
    pub(super) key: String,
    /// `materials` or `events`.
    pub(super) source: &'static str,
    /// The field that names what is paid for, and its id.
    pub(super) link: (&'static str, String),
    pub(super) uid: String,
    pub(super) cents: i64,
    pub(super) at: Timestamp,
    pub(super) outcome: Outcome,
}

impl Sale {
    /// The checkout session, which is also the payment's document id.
    pub(super) fn session_id(&self) -> String {
        format!("cs_live_{}", sha256_hex(&self.key, 20))
    }

    /// The payment intent.
    pub(super) fn intent_id(&self) -> String {
        format!("pi_{}", sha256_hex(&format!("intent::{}", self.key), 20))
    }

    /// The ids and types of its webhook events.
    pub(super) fn events(&self) -> Vec<(String, &'static str)> {
        let event = |kind: &&'static str| (format!("evt_{}", sha256_hex(&format!("{kind}::{}", self.key), 20)), *kind);
        self.outcome.event_types().iter().map(event).collect()
    }

    /// The payment's document.
    pub(super) fn payment(&self) -> SampleDocument {
        let events = self.events();
        let last = events.last();
        doc("payments", self.session_id())
            .text("uid", &self.uid)
            .text("mode", "live")
            .text("status", self.outcome.payment_status())
            .text("paymentDomain", self.source)
            .text("source", self.source)
            .text(self.link.0, &self.link.1)
            .text("checkoutSessionId", self.session_id())
            .text_or_null("stripePaymentIntentId", last.map(|_| self.intent_id()))
            .int("amountTotal", self.cents)
            .text("currency", "USD")
            .text_or_null("lastEventId", last.map(|(id, _)| id.as_str()))
            .text_or_null("lastEventType", last.map(|(_, kind)| *kind))
            .texts("eventIds", events.iter().map(|(id, _)| id.as_str()))
            .time("createdAt", self.at)
            .time("updatedAt", if last.is_some() { self.at + minutes(2) } else { self.at })
    }

    /// The documents of its webhook events.
    pub(super) fn webhooks(&self) -> Vec<SampleDocument> {
        self.events().iter().map(|(id, kind)| webhook(id, kind, self.at + minutes(2))).collect()
    }

    /// The payment's document, changed by `change`, and its webhook events.
    pub(super) fn settled(&self, change: impl FnOnce(SampleDocument) -> SampleDocument) -> Vec<SampleDocument> {
        let mut documents = vec![change(self.payment())];
        documents.extend(self.webhooks());
        documents
    }
}

/// The payments of all ordinary orders and charges with their webhook events, and some events that nothing needs.
pub(super) fn ordinary(scale: usize) -> Vec<SampleDocument> {
    let orders = orders::ordinary_orders(scale);
    let sales = orders.iter().map(orders::Order::sale).chain(events::ordinary_sales(scale));
    let settled = sales.flat_map(|sale| sale.settled(|payment| payment));
    let ignored = (0..IGNORED * scale).map(|index| {
        let mut random = Random::of("stripeWebhookEvents", index);
        let id = format!("evt_{}", random.hex(16));
        webhook(&id, "customer.updated", random.moment(NOW - days(60), NOW - minutes(30)))
            .flag("ignored", true)
            .text("ignoreReason", "unhandled_type")
    });
    settled.chain(ignored).collect()
}

/// A webhook event, processed within a second.
pub(super) fn webhook(id: &str, kind: &str, received: Timestamp) -> SampleDocument {
    doc("stripeWebhookEvents", id)
        .text("id", id)
        .text("type", kind)
        .text("mode", "live")
        .text("modeSource", "config")
        .text("secretSource", "secret_manager")
        .flag("livemode", true)
        .flag("expectedLivemode", true)
        .time("receivedAt", received)
        .time("processingStartedAt", received + SignedDuration::from_millis(40))
        .time("processedAt", received + SignedDuration::from_millis(610))
        .flag("ignored", false)
        .null("ignoreReason")
        .text("verifyStatus", "verified")
        .text("verifyReasonCode", "WEBHOOK_VERIFY_OK")
        .null("failedAt")
}
