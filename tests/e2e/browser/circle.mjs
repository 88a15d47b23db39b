// See, propose, decide, push, see again, undo: two people, no scripts.

import assert from 'node:assert/strict';
import { Person } from './person.mjs';

/** Runs the journey and leaves in `world` what later tests look at. */
export async function circle(t, world) {
  const { browser, origin } = world;
  const ines = await Person.arrive(browser, origin);
  const dov = await Person.arrive(browser, origin);

  await t.test('whoever is not signed in is led to the sign-in and back', async () => {
    await ines.go('/drift?kind=unknown-word');
    await ines.sees(ines.heading('Sign in'));
    await ines.page.getByRole('button', { name: 'Ines Okafor' }).click();
    await ines.signedInAs('Ines Okafor');
    assert.equal(new URL(ines.page.url()).pathname, '/drift');
  });

  await t.test('a member is refused, and told so', async () => {
    const mara = await Person.arrive(browser, origin);
    await mara.signIn('Mara Quill');
    await mara.sees(mara.page.getByRole('alert'));
    assert.match(await mara.page.getByRole('alert').innerText(), /staff/i);
    await mara.go('/');
    await mara.sees(mara.heading('Sign in'));
    await mara.leave();
  });

  await t.test('the overview says of when its numbers are', async () => {
    await ines.go('/');
    await ines.page.getByText('Every collection: how many, how old, how sure').click();
    const row = ines.page.locator('tr', { has: ines.page.getByRole('rowheader', { name: 'reservations', exact: true }) });
    await ines.sees(row.getByText('Fresh'));
    await ines.sees(row.locator('time'));
    await ines.screenshot('overview');
  });

  await t.test('a finding of drift leads to a proposal', async () => {
    await ines.go('/drift?kind=unknown-word&collection=reservations');
    const fix = ines.page.getByRole('link', { name: 'Propose a fix' });
    await ines.reloadsUntil('a finding that can be fixed', fix);
    await ines.screenshot('drift');
    await fix.first().click();
    await ines.sees(ines.page.getByRole('group', { name: /^New status/ }));
    world.document = await ines.page.locator('input[name=document]').inputValue();
    await ines.page.getByRole('radio').first().check();
    await ines.page.getByLabel('Reason').fill('The status is misspelt; the studio means this one.');
    await ines.screenshot('new-proposal');
    await ines.page.getByRole('button', { name: 'Propose', exact: true }).click();
    await ines.sees(ines.page.getByText('Waiting').first());
    world.proposal = new URL(ines.page.url()).pathname;
    assert.match(world.proposal, /^\/proposals\/[0-9a-f-]{36}$/);
  });

  await t.test('the proposer is told that a colleague has to decide', async () => {
    await ines.sees(ines.page.getByText('You proposed this; a colleague has to approve it.'));
    const approve = ines.page.getByRole('button', { name: 'Approve' });
    assert.equal(await approve.isDisabled(), true);
    assert.equal(await ines.page.locator('form[action*="/decision"]').count(), 0, 'no form to decide');
    await ines.screenshot('own-proposal');
  });

  await t.test('a proposer who sends the decision by hand is denied all the same', async () => {
    const { page } = ines;
    const answer = await ines.context.request.post(`${origin}${world.proposal}/decision`, {
      headers: { origin, 'sec-fetch-site': 'same-origin' },
      form: {
        content_hash: await page.locator('dt', { hasText: 'Content hash' }).locator('xpath=..').locator('[title]').getAttribute('title'),
        idempotency_key: 'by-hand-0000000000000000',
        reason: 'I would like to approve my own proposal.',
        decision: 'approve',
      },
      maxRedirects: 0,
    });
    const text = await answer.text();
    const flashed = answer.status() === 303 ? (await page.reload(), await page.locator('main').innerText()) : text;
    assert.match(flashed, /You proposed this; a colleague has to approve it\./);
    await page.goto(world.proposal);
    await ines.sees(page.getByText('Waiting').first());
    await ines.signOut();
  });

  await t.test('a reason that is too short is refused and kept', async () => {
    await dov.signIn('Dov Halpern');
    await dov.signedInAs('Dov Halpern');
    await dov.go('/proposals');
    await dov.page.locator(`a[href^="${world.proposal}"]`).first().click();
    const reason = dov.page.getByLabel('Reason');
    await reason.fill('too short');
    await dov.page.getByRole('button', { name: 'Approve' }).click();
    assert.equal(await reason.evaluate((field) => field.validity.tooShort), true, 'the browser holds it back');
    await dov.page.locator('form[action*="/decision"]').evaluate((form) => (form.noValidate = true));
    await dov.page.getByRole('button', { name: 'Approve' }).click();
    await dov.sees(dov.page.getByRole('alert').getByText(/at least 10 characters/));
    assert.equal(await dov.page.getByLabel('Reason').inputValue(), 'too short');
    assert.equal(await dov.page.getByLabel('Reason').getAttribute('aria-invalid'), 'true');
    await dov.screenshot('reason-too-short');
  });

  await t.test('a colleague approves, and the write is seen to have landed', async () => {
    await dov.page.getByLabel('Reason').fill('Looked at the reservation; the new status is right.');
    await dov.page.getByRole('button', { name: 'Approve' }).click();
    world.write = await followToWrite(dov, world.proposal);
    await dov.screenshot('write-observed');
  });

  await t.test('the undo is a proposal that the other one approves', async () => {
    await dov.page.getByLabel('Reason').fill('It was right before after all, take it back.');
    await dov.page.getByRole('button', { name: 'Propose the undo' }).click();
    await dov.sees(dov.page.getByText('You proposed this; a colleague has to approve it.'));
    world.undo = new URL(dov.page.url()).pathname;
    await ines.signIn('Ines Okafor');
    await ines.go(world.undo);
    await ines.page.getByLabel('Reason').fill('Agreed, back to how it was.');
    await ines.page.getByRole('button', { name: 'Approve' }).click();
    world.undoWrite = await followToWrite(ines, world.undo);
    assert.notEqual(world.undoWrite, world.write);
    await ines.go(world.write);
    await ines.reloadsUntil('the link to the undo', ines.page.getByRole('link', { name: 'a later write' }));
    await ines.screenshot('write-undone');
  });

  await t.test('both are in the audit, with who did them, and the denial too', async () => {
    await ines.go('/audit');
    await ines.sees(ines.page.getByText('The log holds.'));
    for (const [target, action, actor] of [
      [world.proposal, 'proposal.created', 'Ines Okafor'],
      [world.proposal, 'proposal.approved', 'Dov Halpern'],
      [world.write, 'write.observed', undefined],
      [world.undo, 'proposal.created', 'Dov Halpern'],
      [world.undo, 'proposal.approved', 'Ines Okafor'],
      [world.undoWrite, 'write.observed', undefined],
    ]) {
      const id = target.split('/').at(-1);
      await ines.go(`/audit?verdict=allow&action=${action}&target=${id}`);
      const rows = ines.page.locator('table.list tbody tr');
      assert.equal(await rows.count(), 1, `${action} of ${target}`);
      if (actor) await ines.sees(rows.first().getByText(actor));
    }
    await ines.go(`/audit?verdict=deny&target=${world.proposal.split('/').at(-1)}`);
    await ines.sees(ines.page.locator('table.list').getByText('SELF_APPROVAL'));
    await ines.screenshot('audit');
  });

  await t.test('nothing can be called back from a signed-out browser', async () => {
    await ines.signOut();
    await ines.go(world.write);
    await ines.sees(ines.heading('Sign in'));
  });

  await ines.leave();
  await dov.leave();
}

/** From an approved proposal to its write, until the mirror has seen it; its path. */
async function followToWrite(person, proposal) {
  await person.reloadsUntil('the write', person.page.getByRole('link', { name: 'See the write' }));
  assert.equal(new URL(person.page.url()).pathname, proposal);
  await person.page.getByRole('link', { name: 'See the write' }).click();
  await person.reloadsUntil('Observed', person.page.locator('.badges').getByText('Observed', { exact: true }));
  return new URL(person.page.url()).pathname;
}
