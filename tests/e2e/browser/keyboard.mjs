// Deciding without a mouse: every stop is reached, can be seen, and does what it says.

import assert from 'node:assert/strict';
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

  await ines.leave();
  await dov.leave();
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
