// Three demos, one browser, and everything a person does with them.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { tellUndecided } from './axe.mjs';
import { startChromium } from './chromium.mjs';
import { circle } from './circle.mjs';
import { comfort } from './comfort.mjs';
import { startDemo } from './demo.mjs';
import { journeys } from './journeys.mjs';
import { keyboard, stopping } from './keyboard.mjs';
import { newcomer } from './newcomer.mjs';
import { pages } from './pages.mjs';
import { scripts } from './scripts.mjs';

const world = {};
/** Worlds in which pages look otherwise. */
const others = [
  { name: 'empty', sample: 'empty', empty: true },
  { name: 'long', sample: 'long-text' },
];

before(async () => {
  await mkdir(new URL('out/', import.meta.url), { recursive: true });
  const browser = await startChromium();
  const start = async (world) => {
    world.browser = browser;
    world.demo = await startDemo(world);
    world.origin = world.demo.origin;
  };
  await Promise.all([world, ...others].map(start));
});

after(async () => {
  await world.browser?.close();
  await Promise.all([world, ...others].map(({ demo }) => demo?.stop()));
});

test('the whole circle with scripts off', (t) => circle(t, world));
test('the keyboard alone is enough to decide', (t) => keyboard(t, world));
test('between people, and between a person and their browser', (t) => journeys(t, world));
test('the README is enough', (t) => newcomer(t, world));

// Two at a time, on as many processors.
test('every page', { concurrency: 2 }, async (t) => {
  await Promise.all([
    t.test('of an ordinary studio', async (t) => {
      await pages(t, world);
      await comfort(t, world);
    }),
    ...others.map((other) => t.test(`of a studio whose documents are ${other.name}`, (t) => pages(t, other))),
  ]);
  tellUndecided(t);
});

test('what scripts add, and a page without them', (t) => scripts(t, world));

// Nothing is decided afterwards.
test('stopping all writes without a mouse', (t) => stopping(t, world));

test('the demo stops when it is told to', async () => {
  await world.browser.close();
  for (const each of [world, ...others]) {
    const { demo } = each;
    delete each.demo;
    assert.equal(await demo.stop(), 0, demo.said.slice(-20).join('\n'));
  }
});
