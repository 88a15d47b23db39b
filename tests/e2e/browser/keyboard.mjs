// Deciding without a mouse: every stop is reached, can be seen, and does what it says.

import assert from 'node:assert/strict';
import { look } from './axe.mjs';
import { Person } from './person.mjs';

export async function keyboard(t, { browser, origin }) {
  const ines = await Person.arrive(browser, origin);
  const dov = await Person.arrive(browser, origin);
  let proposal;

  await t.test('a note is proposed to decide about', async () => {
    await ines.signIn('Ines Okafor');
    await ines.go('/proposals/new');
    const card = ines.page.locator('section.card', { has: ines.page.locator('input[value="ops_note.append"]') });
    const batch = await card.locator('datalist option').first().getAttribute('value');
    await card.getByRole('combobox').fill(batch);
    await card.getByRole('button', { name: 'Continue' }).click();
    await ines.page.getByLabel('Note').fill('Shelf three: <b>handle</b> with care & gloves.');
    await ines.page.getByLabel('Reason').fill('The handles are still soft.');
    await ines.page.getByRole('button', { name: 'Propose', exact: true }).click();
    await ines.sees(ines.page.getByText('You proposed this; a colleague has to approve it.'));
    proposal = new URL(ines.page.url()).pathname;
  });

  await t.test('the first stop skips to the content', async () => {
    await dov.signIn('Dov Halpern');
    await dov.signedInAs('Dov Halpern');
    await dov.go(proposal);
    await dov.page.keyboard.press('Tab');
    assert.equal((await focused(dov.page)).name, 'Skip to content');
    await dov.page.keyboard.press('Enter');
    assert.match(dov.page.url(), /#main$/);
  });

  await t.test('reason, approve and reject follow each other, each in sight', async () => {
    const stops = [];
    for (let presses = 0; presses < 40 && stops.at(-1)?.name !== 'Reject'; presses += 1) {
      await dov.page.keyboard.press('Tab');
      const stop = await focused(dov.page);
      assert.equal(stop.shown, true, `focus can be seen on ${stop.name}`);
      assert.equal(stop.inView, true, `${stop.name} is in view`);
      stops.push(stop);
    }
    assert.deepEqual(stops.slice(-3).map((stop) => stop.name), ['reason', 'Approve', 'Reject']);
  });

  await t.test('typing a reason and pressing Enter on Approve approves', async () => {
    await dov.page.keyboard.press('Shift+Tab');
    await dov.page.keyboard.press('Shift+Tab');
    await dov.page.keyboard.type('Typed without a mouse.');
    await dov.page.keyboard.press('Tab');
    await dov.page.keyboard.press('Enter');
    await dov.reloadsUntil('the write', dov.page.getByRole('link', { name: 'See the write' }));
    assert.equal(await dov.page.locator('main').getByText('<b>handle</b>').count() > 0, true, 'markup is shown as text');
  });

  await t.test('Tab goes through a whole page and comes out again, Shift+Tab the same way back', async () => {
    for (const place of ['/', '/drift', '/proposals', '/proposals/new', '/audit']) {
      await dov.go(place);
      const there = await stops(dov.page);
      const all = await dov.page.evaluate(() => {
        const focusable = 'a[href], button:not([disabled]), input:not([type=hidden]):not([type=radio]), select, textarea, summary, [tabindex="0"]';
        return [...document.querySelectorAll(focusable)].filter((each) => each.checkVisibility({ visibilityProperty: true })).length;
      });
      assert.ok(there.length >= all, `${place}: Tab stops ${there.length} times at ${all} things`);
      await dov.page.evaluate(() => window.stopped.at(-1).focus());
      for (let presses = 1; presses < there.length; presses += 1) await dov.page.keyboard.press('Shift+Tab');
      assert.equal(await dov.page.evaluate(() => document.activeElement === window.stopped[0]), true, `${place}: the same way back`);
    }
  });

  await t.test('Escape leaves the page as it is', async () => {
    await dov.go('/proposals');
    const before = await dov.page.locator('main').innerText();
    await dov.page.keyboard.press('Tab');
    await dov.page.keyboard.press('Escape');
    assert.equal(await dov.page.locator('main').innerText(), before);
    assert.equal(new URL(dov.page.url()).pathname, '/proposals');
  });

  await ines.leave();
  await dov.leave();
}

/** Stops all writes without a mouse, the last thing that is done to a world; then looks at pages that only read. */
export async function stopping(t, { browser, origin, demo }) {
  const ines = await Person.arrive(browser, origin, { scripts: true });
  await ines.signIn('Ines Okafor');
  await t.test('a reason is typed, and Enter on the button stops them', async (t) => {
    const answer = await ines.go('/policy/stop');
    if (answer.status() === 404) {
      const { code, words } = await demo.operate('kill-switch', 'stop', '--reason', 'Rehearsed by an operator.');
      assert.equal(code, 0, words);
      t.skip('there is no page that stops writes yet');
      return;
    }
    await reach(ines.page, 'reason');
    await ines.page.keyboard.type('Rehearsed without a mouse.');
    await reach(ines.page, 'Stop all writes');
    await ines.page.keyboard.press('Enter');
    await ines.sees(ines.page.getByText(/stopped/i));
  });
  for (const [name, path] of [['overview', '/'], ['proposals', '/proposals'], ['writes', '/writes'], ['policy', '/policy'], ['proposal-new', '/proposals/new']]) {
    await t.test(`${name} while writes are stopped`, async (t) => {
      const answer = await ines.go(path);
      if (answer.status() === 404) return t.skip('there is no such page yet');
      await look(ines, `stopped-${name}`);
    });
  }
  await ines.leave();
}

/** Presses Tab until this has the focus, and it shows. */
async function reach(page, name) {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab');
    const stop = await focused(page);
    assert.equal(stop.shown && stop.inView, true, `focus can be seen on ${stop.name}`);
    if (stop.name === name) return;
  }
  assert.fail(`Tab does not reach ${name}`);
}

/** Presses Tab until the focus is out of the page again; what it stopped at. */
async function stops(page) {
  const names = [];
  await page.evaluate(() => (window.stopped = []));
  for (let count = 0; count < 1_000; count += 1) {
    await page.keyboard.press('Tab');
    const name = await page.evaluate(() => {
      const here = document.activeElement;
      if (here === document.body || here === null || here === window.stopped[0]) return undefined;
      window.stopped.push(here);
      return here.textContent.trim();
    });
    if (name === undefined) return names;
    names.push(name);
  }
  return assert.fail('Tab never leaves the page');
}

/** What has the focus: its name, whether that shows, and whether it is on the screen. */
async function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return {
      name: element.name === 'reason' ? 'reason' : element.textContent.trim().replace(/\s+/g, ' '),
      shown: (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none',
      inView: box.bottom > 0 && box.top < innerHeight && box.width > 0,
    };
  });
}
