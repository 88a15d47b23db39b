use jiff::Timestamp;

use super::builder::{Fill, days, doc, hours, map, minutes};
use super::payments::{Outcome, Sale};
use super::people::{Person, some_member};
use super::random::Random;
use super::{NOW, SampleDocument, judged};

const BASE: usize = 109;

/// A thing the studio sells.
pub(super) struct Product {
    sku: &'static str,
    name: &'static str,
    category: &'static str,
    cents: i64,
}

impl Product {
    const fn new(sku: &'static str, name: &'static str, category: &'static str, cents: i64) -> Self {
        Self { sku, name, category, cents }
    }

    /// The document id: the slug of the sku.
    fn id(&self) -> String {
        self.sku.to_lowercase().replace('_', "-")
    }
}

/// The catalogue.
pub(super) const PRODUCTS: [Product; 15] = [
    Product::new("DAY_PASS", "Day pass", "Studio Access", 4_000),
    Product::new("LAGUNA_BMIX_5_25", "Laguna B-Mix cone 5, 25 lb", "Clays", 4_000),
    Product::new("LAGUNA_BMIX_5_50", "Laguna B-Mix cone 5, 50 lb", "Clays", 8_000),
    Product::new("LAGUNA_BMIX_10_25", "Laguna B-Mix cone 10, 25 lb", "Clays", 4_000),
    Product::new("LAGUNA_BMIX_10_50", "Laguna B-Mix cone 10, 50 lb", "Clays", 8_000),
    Product::new("SPECKS_5_25", "Speckled clay cone 5, 25 lb", "Clays", 4_500),
    Product::new("SPECKS_5_50", "Speckled clay cone 5, 50 lb", "Clays", 9_000),
    Product::new("RECYCLED_CLAY_MIDFIRE", "Recycled mid-fire clay, per lb", "Clays", 100),
    Product::new("WAX_RESIST_PINT", "Wax resist, pint", "Glaze Supplies", 800),
    Product::new("WAX_RESIST_GALLON", "Wax resist, gallon", "Glaze Supplies", 7_000),
    Product::new("LOCKER_ACCESS_MONTH", "Locker, one month", "Studio Add-ons", 500),
    Product::new("GLAZES_TAKE_HOME_4", "Take-home glaze, 4 oz", "Glaze Supplies", 400),
    Product::new("GLAZES_TAKE_HOME_16", "Take-home glaze, 16 oz", "Glaze Supplies", 1_600),
    Product::new("GLAZES_TAKE_HOME_32", "Take-home glaze, 32 oz", "Glaze Supplies", 2_800),
    Product::new("GLAZES_TAKE_HOME_64", "Take-home glaze, 64 oz", "Glaze Supplies", 5_600),
];

/// An order of one product.
pub(super) struct Order {
    pub(super) id: String,
    pub(super) buyer: Person,
    pub(super) product: &'static Product,
    pub(super) quantity: i64,
    pub(super) at: Timestamp,
    pub(super) outcome: Outcome,
}

impl Order {
    /// What the buyer owes.
    pub(super) fn total_cents(&self) -> i64 {
        self.product.cents * self.quantity
    }

    /// The same order as the payment side sees it.
    pub(super) fn sale(&self) -> Sale {
        Sale {
            key: self.id.clone(),
            source: "materials",
            link: ("orderId", self.id.clone()),
            uid: self.buyer.uid.clone(),
            cents: self.total_cents(),
            at: self.at,
            outcome: self.outcome,
        }
    }

    /// The order's document.
    pub(super) fn document(&self) -> SampleDocument {
        let (status, payment_status) = match self.outcome {
            Outcome::Pending => ("checkout_pending", "checkout_created"),
            Outcome::Failed => ("payment_failed", "payment_failed"),
            Outcome::Paid => ("paid", "paid"),
            Outcome::Refunded => ("refunded", "refunded"),
            Outcome::DisputeWon => ("disputed", "disputed"),
        };
        let paid = matches!(self.outcome, Outcome::Paid | Outcome::Refunded | Outcome::DisputeWon);
        let sale = self.sale();
        let item = map()
            .text("productId", self.product.id())
            .text("name", self.product.name)
            .text("sku", self.product.sku)
            .int("quantity", self.quantity)
            .int("unitPrice", self.product.cents)
            .text("currency", "USD")
            .flag("trackInventory", self.product.category == "Clays");
        doc("materialsOrders", &self.id)
            .text("uid", &self.buyer.uid)
            .text("displayName", &self.buyer.name)
            .text("email", self.buyer.email())
            .maps("items", [item])
            .text("status", status)
            .text("paymentStatus", payment_status)
            .int("totalCents", self.total_cents())
            .text("currency", "USD")
            .null("pickupNotes")
            .text("stripeCheckoutSessionId", sale.session_id())
            .text_or_null("stripePaymentIntentId", paid.then(|| sale.intent_id()))
            .text("mode", "live")
            .text("idempotencyKey", format!("order::{}", self.id))
            .time_or_null("paidAt", paid.then_some(self.at + minutes(2)))
            .text_or_null("lastEventId", sale.events().last().map(|(id, _)| id.clone()))
            .text_or_null("lastEventType", sale.events().last().map(|(_, kind)| *kind))
            .time("createdAt", self.at)
            .time("updatedAt", if paid { self.at + minutes(2) } else { self.at })
    }
}

/// The catalogue, and orders that are paid, collected, or failed.
pub(super) fn ordinary(scale: usize) -> Vec<SampleDocument> {
    let orders = ordinary_orders(scale).into_iter().enumerate().map(|(index, order)| {
        // Of twenty orders eight have been collected; only the order itself says so.
        let picked_up = matches!(index % 20, 11..19);
        let document = order.document();
        if picked_up { document.text("status", "picked_up").time("updatedAt", order.at + hours(9)) } else { document }
    });
    PRODUCTS.iter().map(product).chain(orders).collect()
}

/// The ordinary orders, for the payments that belong to them.
pub(super) fn ordinary_orders(scale: usize) -> Vec<Order> {
    let order = |index| {
        let mut random = Random::of("materialsOrders", index);
        Order {
            id: format!("order-{:04}", index + 1),
            buyer: some_member(&mut random, scale),
            product: &PRODUCTS[random.below(PRODUCTS.len())],
            quantity: random.between(1, 4),
            at: random.moment(NOW - days(60), NOW - hours(10)),
            outcome: if index % 20 == 19 { Outcome::Failed } else { Outcome::Paid },
        }
    };
    (0..judged(BASE, scale)).map(order).collect()
}

fn product(product: &Product) -> SampleDocument {
    doc("materialsProducts", product.id())
        .text("name", product.name)
        .null("description")
        .text("category", product.category)
        .text("sku", product.sku)
        .int("priceCents", product.cents)
        .text("currency", "USD")
        .flag("trackInventory", product.category == "Clays")
        .int("inventoryOnHand", 40)
        .int("inventoryReserved", 0)
        .flag("active", true)
        .time("createdAt", NOW - days(300))
        .time("updatedAt", NOW - days(12))
}
