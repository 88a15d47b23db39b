use jiff::Timestamp;

use super::builder::{Fill, days, hours, minutes};
use super::orders::{Order, PRODUCTS};
use super::payments::{Outcome, webhook};
use super::people::{mara, theo};
use super::{Case, NOW, SampleDocument};

/// Orders and payments that do not fit each other.
pub(super) fn cases() -> Vec<Case> {
    let day_ago = NOW - days(1);
    let paid = |id| order(id, day_ago, Outcome::Paid);
    let missed = paid("order-missed-webhook");
    let amount = paid("order-amount-differs");
    let currency = paid("order-currency-differs");
    let refunded = order("order-refunded-but-picked-up", NOW - days(5), Outcome::Refunded);
    let dispute = order("order-dispute-won", NOW - days(40), Outcome::DisputeWon);
    vec![
        Case::new(
            "order-pending-3-minutes",
            "a checkout opened 3 minutes ago: nothing to do",
            pending("order-pending-3-minutes", NOW - minutes(3)),
        ),
        Case::new(
            "order-pending-40-minutes",
            "a checkout opened 40 minutes ago",
            pending("order-pending-40-minutes", NOW - minutes(40)),
        ),
        Case::new(
            "order-pending-9-days",
            "a checkout abandoned 9 days ago",
            pending("order-pending-9-days", NOW - days(9)),
        ),
        Case::new(
            "order-paid-without-payment",
            "paid, but there is no payment",
            vec![paid("order-paid-without-payment").document()],
        ),
        Case::new(
            "order-missed-webhook",
            "the payment succeeded, but the order still waits for it",
            joined(
                order("order-missed-webhook", day_ago, Outcome::Pending).document(),
                missed.sale().settled(|payment| payment),
            ),
        ),
        Case::new(
            "order-amount-differs",
            "the payment is 100 cents more than the order",
            joined(
                amount.document(),
                amount.sale().settled(|payment| payment.int("amountTotal", amount.total_cents() + 100)),
            ),
        ),
        Case::new("order-paid-twice", "two payment intents for one order", paid_twice(&paid("order-paid-twice"))),
        Case::new(
            "order-refunded-but-picked-up",
            "refunded, but picked up all the same",
            joined(refunded.document().text("status", "picked_up"), refunded.sale().settled(|payment| payment)),
        ),
        Case::new(
            "order-dispute-won",
            "the dispute closed in the studio's favour, but the order is still disputed",
            joined(
                dispute.document().text("stripeDisputeStatus", "won").text("stripeDisputeLifecycle", "closed"),
                dispute.sale().settled(|payment| {
                    payment.text("stripeDisputeStatus", "won").text("stripeDisputeLifecycle", "closed")
                }),
            ),
        ),
        Case::new(
            "order-currency-differs",
            "ordered in USD, paid in CAD",
            joined(currency.document(), currency.sale().settled(|payment| payment.text("currency", "CAD"))),
        ),
        processed_twice(),
        Case::new(
            "webhook-stuck",
            "a webhook whose processing began 20 minutes ago and never ended",
            vec![
                webhook("evt_stuck_20_minutes", "invoice.paid", NOW - minutes(20))
                    .time("processingStartedAt", NOW - minutes(20))
                    .null("processedAt"),
            ],
        ),
    ]
}

fn order(id: &str, at: Timestamp, outcome: Outcome) -> Order {
    Order { id: id.to_owned(), buyer: mara(), product: &PRODUCTS[5], quantity: 2, at, outcome }
}

fn pending(id: &str, at: Timestamp) -> Vec<SampleDocument> {
    let order = Order { buyer: theo(), ..order(id, at, Outcome::Pending) };
    vec![order.document(), order.sale().payment()]
}

fn joined(order: SampleDocument, settled: Vec<SampleDocument>) -> Vec<SampleDocument> {
    [order].into_iter().chain(settled).collect()
}

fn paid_twice(order: &Order) -> Vec<SampleDocument> {
    let mut second = order.sale();
    second.key = format!("{}::second", order.id);
    second.at = order.at + minutes(4);
    // The payments come before the webhook events, because they are what the case shows.
    let (first, second) = (order.sale().settled(|payment| payment), second.settled(|payment| payment));
    let (payments, webhooks): (Vec<_>, Vec<_>) =
        first.into_iter().chain(second).partition(|document| document.path.starts_with("payments/"));
    [order.document()].into_iter().chain(payments).chain(webhooks).collect()
}

/// The second run of a handler shows only in the payment, which lists the event once for each.
fn processed_twice() -> Case {
    let order = order("order-webhook-twice", NOW - hours(30), Outcome::Paid);
    let sale = order.sale();
    let events: Vec<String> = sale.events().into_iter().map(|(id, _)| id).collect();
    let twice = [&events[0], &events[1], &events[1]].map(String::as_str);
    Case::new(
        "webhook-processed-twice",
        "the payment lists the same webhook event twice",
        joined(order.document(), sale.settled(|payment| payment.texts("eventIds", twice))),
    )
}
