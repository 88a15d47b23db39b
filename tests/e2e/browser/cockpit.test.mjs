// One demo, one browser, and everything a person does with them, in order.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { startDemo } from './demo.mjs';
import { circle } from './circle.mjs';
import { pages } from './pages.mjs';
import { keyboard } from './keyboard.mjs';
import { scripts } from './scripts.mjs';

const world = {};

before(async () => {
  await mkdir(new URL('out/', import.meta.url), { recursive: true });
  world.demo = await startDemo();
  world.origin = world.demo.origin;
  world.browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
    ],
  });
});

after(async () => {
  await world.browser?.close();
  await world.demo?.stop();
});

test('the whole circle with scripts off', (t) => circle(t, world));
test('the keyboard alone is enough to decide', (t) => keyboard(t, world));
test('every page, light and dark, wide and narrow', (t) => pages(t, world));

test('what scripts add, and a page without them', (t) => scripts(t, world));

test('the demo stops when it is told to', async () => {
  await world.browser.close();
  const { demo } = world;
  delete world.demo;
  assert.equal(await demo.stop(), 0, demo.said.slice(-20).join('\n'));
});
