// Somebody who has read the README and nothing else: signs in, sees what needs doing, approves with a colleague, undoes it.
// They only click what they see.

import assert from 'node:assert/strict';
import { Person } from './person.mjs';

/** How the newcomer's browser treats scripts. */
const WAYS = [
  ['without scripts', {}],
  ['with scripts', { scripts: true }],
  ['with scripts that never arrive', { scripts: true, blocked: true }],
];

export async function newcomer(t, world) {
  for (const [way, { scripts = false, blocked = false }] of WAYS) {
    await t.test(`a newcomer ${way}`, () => walk(world, { scripts, blocked }));
  }
}

async function walk({ browser, origin }, { scripts, blocked }) {
  const [ines, dov] = [await arrive(), await arrive()];
  const click = (person, name) => person.page.locator('main').getByRole('link', { name }).first().click();

  await ines.go('/');
  await ines.page.getByRole('button', { name: 'Ines Okafor' }).click();
  await ines.signedInAs('Ines Okafor');
  await ines.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Drift' }).click();
  const fix = ines.page.getByRole('link', { name: 'Propose a fix' });
  // What those before them have put right and back is found again by the next look.
  await ines.page.getByRole('button', { name: 'Look again now' }).click();
  await ines.reloadsUntil('a finding that can be fixed', fix);
  await fix.first().click();
  await ines.page.getByRole('radio').first().check();
  await ines.page.getByLabel('Reason').fill('It is misspelt, says the README.');
  await ines.page.getByRole('button', { name: 'Propose', exact: true }).click();
  await ines.sees(ines.page.getByText('It waits for a colleague’s decision').or(ines.page.getByText("It waits for a colleague's decision")));
  const summary = await ines.page.getByRole('heading', { level: 1 }).innerText();

  await dov.go('/');
  await dov.page.getByRole('button', { name: 'Dov Halpern' }).click();
  await dov.signedInAs('Dov Halpern');
  await dov.sees(dov.page.locator('main').getByRole('link', { name: summary }));
  await click(dov, summary);
  await dov.page.getByLabel('Reason').fill('I looked at the reservation too.');
  await dov.page.getByRole('button', { name: 'Approve', exact: true }).click();
  await dov.sees(dov.page.getByText('Approved. It will be sent to the cloud.'));
  await dov.reloadsUntil('the write', dov.page.getByRole('link', { name: 'See the write' }));
  await click(dov, 'See the write');
  await dov.reloadsUntil('the way back', dov.page.getByRole('button', { name: 'Propose the undo' }));
  await dov.page.getByLabel('Reason').fill('Only to see how it goes back.');
  await dov.page.getByRole('button', { name: 'Propose the undo' }).click();
  const undo = await dov.page.getByRole('heading', { level: 1 }).innerText();

  await ines.page.getByRole('navigation', { name: 'Main' }).getByRole('link').first().click();
  await click(ines, undo);
  await ines.page.getByLabel('Reason').fill('Agreed, let us see it go back.');
  await ines.page.getByRole('button', { name: 'Approve', exact: true }).click();
  await ines.reloadsUntil('the write', ines.page.getByRole('link', { name: 'See the write' }));
  await click(ines, 'See the write');
  await ines.reloadsUntil('Observed', ines.page.locator('.badges').getByText('Observed', { exact: true }));
  for (const person of [ines, dov]) {
    if (blocked) person.complaints = person.complaints.filter((each) => !/ERR_BLOCKED_BY_CLIENT|ERR_FAILED/.test(each));
    await person.leave();
  }
  assert.notEqual(summary, undo);

  async function arrive() {
    const person = await Person.arrive(browser, origin, { scripts });
    if (blocked) await person.page.route(/\.(js|mjs|wasm)(\?|$)/, (route) => route.abort('blockedbyclient'));
    return person;
  }
}
