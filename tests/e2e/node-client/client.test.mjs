// Google's own Node client against the sandbox's Firestore, named by FIRESTORE_EMULATOR_HOST.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { AggregateField, FieldPath, FieldValue, Filter, Firestore, Timestamp } from "@google-cloud/firestore";

if (!process.env.FIRESTORE_EMULATOR_HOST) {
  throw new Error("FIRESTORE_EMULATOR_HOST is not set: start `studio-brain sandbox` and name its address, e.g. 127.0.0.1:8681");
}

/** A listener whose snapshots can be awaited one by one. */
function snapshots(target) {
  const seen = [];
  const waiting = [];
  const settle = (entry) => (waiting.length > 0 ? waiting.shift()(entry) : seen.push(entry));
  const stop = target.onSnapshot(
    (snapshot) => settle({ snapshot }),
    (error) => settle({ error }),
  );
  const next = async () => {
    const entry = seen.length > 0 ? seen.shift() : await new Promise((resolve) => waiting.push(resolve));
    if (entry.error) throw entry.error;
    return entry.snapshot;
  };
  return { next, stop };
}

const changes = (snapshot) => snapshot.docChanges().map((change) => `${change.type} ${change.doc.id}`);
const ids = (snapshot) => snapshot.docs.map((doc) => doc.id);

describe("Google's Node client", { timeout: 60_000 }, () => {
  let firestore;
  let batches;

  before(() => {
    firestore = new Firestore({ projectId: "node-client" });
    batches = firestore.collection(`batches-${process.pid}`);
  });

  after(() => firestore.terminate());

  test("sets, gets, updates and deletes", async () => {
    const doc = batches.doc("b-1");
    const at = new Timestamp(1_700_000_000, 123_456_000);
    await doc.set({ status: "drying", kiln: 1, ratio: 1.5, at, nested: { list: [1, "two", null] } });
    const first = await doc.get();
    assert.deepEqual(first.data(), { status: "drying", kiln: 1, ratio: 1.5, at, nested: { list: [1, "two", null] } });

    const written = await doc.update({ status: "glazed", "nested.more": true, kiln: FieldValue.increment(2) });
    const second = await doc.get();
    assert.equal(second.get("status"), "glazed");
    assert.equal(second.get("kiln"), 3);
    assert.deepEqual(second.get("nested"), { list: [1, "two", null], more: true });
    assert.ok(second.updateTime.isEqual(written.writeTime));
    assert.ok(second.createTime.isEqual(first.createTime));

    await doc.set({ touched: FieldValue.serverTimestamp(), tags: FieldValue.arrayUnion("a", "b") }, { merge: true });
    const third = await doc.get();
    assert.ok(third.get("touched") instanceof Timestamp);
    assert.deepEqual(third.get("tags"), ["a", "b"]);
    assert.equal(third.get("status"), "glazed");

    await doc.delete();
    assert.equal((await doc.get()).exists, false);
  });

  test("hears why a write is refused", async () => {
    const doc = batches.doc("refused");
    await assert.rejects(doc.update({ a: 1 }), (error) => error.code === 5 && /No document to update/.test(error.message));
    await doc.create({ a: 1 });
    await assert.rejects(doc.create({ a: 2 }), (error) => error.code === 6 && /already exists/.test(error.message));
    const stale = Timestamp.fromMillis(1);
    await assert.rejects(doc.delete({ lastUpdateTime: stale }), (error) => error.code === 9);
    await doc.delete();
  });

  test("writes batches at once and reads several documents", async () => {
    const batch = firestore.batch();
    for (let index = 0; index < 10; index += 1) {
      batch.set(batches.doc(`q-${index}`), { n: index, half: index / 2, even: index % 2 === 0, group: index % 3 });
    }
    const results = await batch.commit();
    assert.equal(results.length, 10);
    assert.ok(results.every((result) => result.writeTime.isEqual(results[0].writeTime)));
    const [found, missing] = await firestore.getAll(batches.doc("q-3"), batches.doc("nowhere"));
    assert.equal(found.get("n"), 3);
    assert.equal(missing.exists, false);
    const writer = firestore.bulkWriter();
    void writer.set(batches.doc("bulk"), { n: 100 });
    await writer.close();
    assert.equal((await batches.doc("bulk").get()).get("n"), 100);
    await batches.doc("bulk").delete();
  });

  test("queries with where, orderBy, limit and cursors", async () => {
    assert.deepEqual(ids(await batches.where("n", ">", 6).get()), ["q-7", "q-8", "q-9"]);
    assert.deepEqual(ids(await batches.where("half", "==", 2).get()), ["q-4"]);
    assert.deepEqual(ids(await batches.where("n", "in", [1, 5, 77]).get()), ["q-1", "q-5"]);
    assert.deepEqual(ids(await batches.where("even", "==", true).orderBy("n", "desc").limit(2).get()), ["q-8", "q-6"]);
    const byGroup = batches.orderBy("group").orderBy("n", "desc");
    const page = await byGroup.limit(4).get();
    assert.deepEqual(ids(page), ["q-9", "q-6", "q-3", "q-0"]);
    assert.deepEqual(ids(await byGroup.startAfter(page.docs.at(-1)).limit(2).get()), ["q-7", "q-4"]);
    assert.deepEqual(ids(await batches.orderBy("n").startAt(2).endBefore(4).get()), ["q-2", "q-3"]);
    assert.deepEqual(ids(await batches.orderBy("n").limitToLast(2).get()), ["q-8", "q-9"]);
    const selected = await batches.where("n", "==", 3).select("half").get();
    assert.deepEqual(selected.docs[0].data(), { half: 1.5 });
    assert.equal((await batches.where("n", "<", 0).get()).empty, true);
    const group = await firestore.collectionGroup(batches.id).where("n", "==", 2).get();
    assert.deepEqual(ids(group), ["q-2"]);
    const parts = [];
    for await (const part of firestore.collectionGroup(batches.id).getPartitions(3)) {
      parts.push(...ids(await part.toQuery().get()));
    }
    assert.deepEqual(parts, Array.from({ length: 10 }, (_, index) => `q-${index}`));
  });

  test("counts, sums and averages", async () => {
    assert.equal((await batches.where("even", "==", true).count().get()).data().count, 5);
    const aggregate = batches.aggregate({ sum: AggregateField.sum("n"), average: AggregateField.average("n") });
    assert.deepEqual((await aggregate.get()).data(), { sum: 45, average: 4.5 });
  });

  test("lists collections and documents, missing ones too", async () => {
    await batches.doc("phantom").collection("notes").doc("n-1").set({ text: "below nothing" });
    const listed = await batches.listDocuments();
    assert.ok(listed.some((doc) => doc.id === "phantom"));
    assert.deepEqual((await batches.doc("phantom").listCollections()).map((collection) => collection.id), ["notes"]);
    assert.ok((await firestore.listCollections()).some((collection) => collection.id === batches.id));
    await batches.doc("phantom").collection("notes").doc("n-1").delete();
  });

  test("runs transactions that notice each other", async () => {
    const counter = batches.doc("counter");
    await counter.set({ value: 0 });
    const increment = () =>
      firestore.runTransaction(
        async (transaction) => {
          const current = await transaction.get(counter);
          transaction.update(counter, { value: current.get("value") + 1 });
        },
        { maxAttempts: 20 },
      );
    await Promise.all([increment(), increment(), increment()]);
    assert.equal((await counter.get()).get("value"), 3);
    const readOnly = await firestore.runTransaction((transaction) => transaction.get(batches.where("n", "<", 2)), {
      readOnly: true,
    });
    assert.deepEqual(ids(readOnly), ["q-0", "q-1"]);
    await counter.delete();
  });

  test("hears of documents added, changed and removed", async () => {
    const shelf = firestore.collection(`shelf-${process.pid}`);
    await shelf.doc("a").set({ open: true });
    const { next, stop } = snapshots(shelf.where("open", "==", true));
    try {
      assert.deepEqual(changes(await next()), ["added a"]);
      await shelf.doc("b").set({ open: true });
      assert.deepEqual(changes(await next()), ["added b"]);
      await shelf.doc("a").update({ weight: 2 });
      assert.deepEqual(changes(await next()), ["modified a"]);
      await shelf.doc("a").update({ open: false });
      assert.deepEqual(changes(await next()), ["removed a"]);
      await shelf.doc("b").delete();
      const last = await next();
      assert.deepEqual(changes(last), ["removed b"]);
      assert.equal(last.empty, true);
    } finally {
      stop();
    }
  });

  test("hears of one document, there or not, and of a window", async () => {
    const shelf = firestore.collection(`window-${process.pid}`);
    const one = snapshots(shelf.doc("one"));
    const top = snapshots(shelf.orderBy("n", "desc").limit(2));
    try {
      assert.equal((await one.next()).exists, false);
      assert.equal((await top.next()).empty, true);
      const batch = firestore.batch();
      for (const [id, n] of [["one", 1], ["two", 2], ["three", 3]]) batch.set(shelf.doc(id), { n });
      await batch.commit();
      assert.equal((await one.next()).get("n"), 1);
      assert.deepEqual(ids(await top.next()), ["three", "two"]);
      await shelf.doc("three").delete();
      assert.deepEqual(ids(await top.next()), ["two", "one"]);
      await shelf.doc("one").delete();
      assert.equal((await one.next()).exists, false);
    } finally {
      one.stop();
      top.stop();
    }
  });

  test("queries, counts and hears a collection group", async () => {
    const group = `kilns-${process.pid}`;
    const kiln = (studio, id) => firestore.doc(`studios-${process.pid}/${studio}/${group}/${id}`);
    const batch = firestore.batch();
    batch.create(kiln("east", "k-1"), { cone: 6, tags: ["gas"] });
    batch.create(kiln("east", "k-2"), { cone: 10, tags: ["wood", "big"] });
    batch.create(kiln("west", "k-3"), { cone: 6, tags: ["electric"] });
    await batch.commit();
    const all = firestore.collectionGroup(group);
    assert.deepEqual(ids(await all.orderBy("cone", "desc").get()), ["k-2", "k-3", "k-1"]);
    const byName = all.orderBy(FieldPath.documentId());
    assert.deepEqual(ids(await byName.startAfter(kiln("east", "k-1").path).get()), ["k-2", "k-3"]);
    assert.deepEqual(ids(await byName.endAt(kiln("east", "k-2").path).get()), ["k-1", "k-2"]);
    const totals = await all.aggregate({ count: AggregateField.count(), cones: AggregateField.sum("cone") }).get();
    assert.deepEqual(totals.data(), { count: 3, cones: 22 });

    const { next, stop } = snapshots(all.where("cone", "==", 6));
    try {
      assert.deepEqual(ids(await next()).sort(), ["k-1", "k-3"]);
      await kiln("north", "k-4").set({ cone: 6 });
      assert.deepEqual(changes(await next()), ["added k-4"]);
      await kiln("east", "k-1").update({ cone: 8 });
      assert.deepEqual(changes(await next()), ["removed k-1"]);
      await kiln("west", "k-3").delete();
      assert.deepEqual(changes(await next()), ["removed k-3"]);
    } finally {
      stop();
    }
    await firestore.recursiveDelete(firestore.collection(`studios-${process.pid}`));
    assert.equal((await all.get()).empty, true);
  });

  test("filters with or, lists and negations, and hears what a query may not ask", async () => {
    const group = (filter) => batches.where(filter).get();
    const either = Filter.or(Filter.where("n", "==", 1), Filter.and(Filter.where("n", ">", 7), Filter.where("even", "==", true)));
    assert.deepEqual(ids(await group(either)), ["q-1", "q-8"]);
    assert.deepEqual(ids(await batches.where("group", "not-in", [0, 1]).orderBy("group").get()), ["q-2", "q-5", "q-8"]);
    assert.deepEqual(ids(await batches.where("n", "!=", 0).limit(2).get()), ["q-1", "q-2"]);
    await batches.doc("tagged").set({ tags: ["a", 1, { b: true }], vector: FieldValue.vector([1, 2.5]) });
    assert.deepEqual(ids(await batches.where("tags", "array-contains", { b: true }).get()), ["tagged"]);
    assert.deepEqual(ids(await batches.where("tags", "array-contains-any", ["z", 1]).get()), ["tagged"]);
    assert.deepEqual((await batches.doc("tagged").get()).get("vector").toArray(), [1, 2.5]);
    const refused = (error) => error.code === 3;
    await assert.rejects(batches.where("n", "in", Array.from({ length: 31 }, (_, n) => n)).get(), refused);
    await assert.rejects(batches.where("n", "!=", 1).where("half", "!=", 1).get(), refused);
    await batches.doc("tagged").delete();
  });

  test("reads the past in a transaction, and writes every kind at once", async () => {
    const [old, fresh] = [batches.doc("old"), batches.doc("fresh")];
    const { writeTime } = await old.set({ value: 1 });
    await old.set({ value: 2 });
    const options = { readOnly: true, readTime: writeTime };
    const past = await firestore.runTransaction((transaction) => transaction.get(old), options);
    assert.equal(past.get("value"), 1);
    await firestore.runTransaction(async (transaction) => {
      const [found, missing] = await transaction.getAll(old, fresh);
      assert.deepEqual([found.exists, missing.exists], [true, false]);
      const counted = await transaction.get(batches.where("n", "<", 3).count());
      transaction.create(fresh, { counted: counted.data().count });
      transaction.set(batches.doc("other"), { list: FieldValue.arrayUnion(1, 2), gone: 1 });
      transaction.update(old, { value: FieldValue.increment(0.5) }, { lastUpdateTime: found.updateTime });
    });
    assert.equal((await fresh.get()).get("counted"), 3);
    assert.equal((await old.get()).get("value"), 2.5);
    const batch = firestore.batch();
    batch.update(batches.doc("other"), { list: FieldValue.arrayRemove(1), gone: FieldValue.delete() });
    batch.delete(old);
    batch.delete(fresh, { exists: true });
    await batch.commit();
    assert.deepEqual((await batches.doc("other").get()).data(), { list: [2] });
    const both = firestore.batch();
    both.delete(batches.doc("other"));
    both.create(batches.doc("q-0"), {});
    await assert.rejects(both.commit(), (error) => error.code === 6);
    assert.equal((await batches.doc("other").get()).exists, true, "all or nothing");
    await batches.doc("other").delete();
  });
});
