// What happens between people, and between a person and their browser: one outcome, clear words, nothing typed is lost.

import assert from 'node:assert/strict';
import { Person } from './person.mjs';

const TYPED = 'Looked at it for a good while, and it is right.';

export async function journeys(t, world) {
  const { browser, origin } = world;
  const arrive = async (name) => {
    const person = await Person.arrive(browser, origin);
    await person.signIn(name);
    await person.signedInAs(name);
    return person;
  };
  const [ines, dov, juno] = [await arrive('Ines Okafor'), await arrive('Dov Halpern'), await arrive('Juno Reyes')];
  let place = 3;
  const approve = (person) => person.page.getByRole('button', { name: 'Approve', exact: true });
  const opens = async (person, proposal, text = TYPED) => {
    await person.go(proposal);
    await person.page.getByLabel('Reason').fill(text);
  };
  const proposed = () => note(ines, (place += 1));
  const decisions = async (proposal, verdict = 'allow') => {
    await ines.go(`/audit?verdict=${verdict}&action=proposal.approved&target=${proposal.split('/').at(-1)}`);
    return ines.page.locator('table.list tbody tr').count();
  };

  await t.test('two who decide at once: one outcome, and both are told', async () => {
    const proposal = await proposed();
    const typed = ['Looked at it with the kiln lead.', 'Looked at it alone, and agreed.'];
    await opens(dov, proposal, typed[0]);
    await opens(juno, proposal, typed[1]);
    await Promise.all([approve(dov).click(), approve(juno).click()]);
    const told = await Promise.all([dov, juno].map((each) => each.page.locator('main').innerText()));
    const won = told.filter((text) => text.includes('Approved. It will be sent to the cloud.'));
    assert.equal(won.length, 1, told.join('\n---\n'));
    const lost = told.find((text) => text !== won[0]);
    assert.match(lost, /no longer waits for a decision|already/i, 'the other one is told why');
    const late = told.indexOf(lost);
    assert.equal(await keeps([dov, juno][late].page, typed[late]), true, 'what the other one typed is still there');
    assert.equal(await decisions(proposal), 1);
  });

  await t.test('a double click approves once', async () => {
    const proposal = await proposed();
    await opens(dov, proposal);
    await approve(dov).dblclick({ noWaitAfter: true });
    await dov.sees(dov.page.getByText(/Approved\. It will be sent|You had decided this already/));
    assert.equal(await decisions(proposal), 1);
    assert.equal(await decisions(proposal, 'deny'), 0, 'and the second click is no denial');
  });

  await t.test('the back button leads to how things stand now', async () => {
    const proposal = await proposed();
    await opens(dov, proposal);
    await approve(dov).click();
    await dov.sees(dov.page.getByText('Approved. It will be sent to the cloud.'));
    await dov.page.goBack();
    await dov.page.waitForLoadState();
    if (await approve(dov).count()) {
      await dov.page.getByLabel('Reason').fill(TYPED);
      await approve(dov).click();
      await dov.sees(dov.page.getByText('You had decided this already; nothing more was done.'));
    } else {
      assert.match(await dov.page.locator('main').innerText(), /Approved|Sent|Observed|Landed/);
    }
    assert.equal(await decisions(proposal), 1);
  });

  await t.test('a tab that stood open too long says what has changed', async () => {
    const proposal = await proposed();
    await opens(dov, proposal);
    await ines.go(proposal);
    await ines.page.getByRole('button', { name: 'Withdraw this proposal' }).click();
    await ines.sees(ines.page.getByText('Withdrawn. Nothing will be written.'));
    await approve(dov).click();
    await dov.sees(dov.page.getByRole('alert'));
    assert.match(await dov.page.getByRole('alert').first().innerText(), /no longer waits|withdrawn/i);
    assert.equal(await keeps(dov.page, TYPED), true, 'what was typed is still there');
    assert.equal(await decisions(proposal), 0);
  });

  await t.test('a proposal typed twice is one proposal', async () => {
    const other = await ines.context.newPage();
    await draft(ines.page, place + 1);
    await ines.page.getByRole('button', { name: 'Propose', exact: true }).dblclick({ noWaitAfter: true });
    await ines.sees(ines.page.getByText(/Proposed\. It waits|You had sent this form before/));
    await other.close();
    place += 1;
  });

  await t.test('a session that ends in the middle of a form', async () => {
    const proposal = await proposed();
    await opens(dov, proposal);
    const other = await dov.context.newPage();
    await other.goto('/');
    await other.getByRole('button', { name: 'Sign out' }).click();
    await other.getByRole('button', { name: 'Dov Halpern' }).waitFor();
    await other.close();
    await approve(dov).click();
    await dov.sees(dov.heading('You are signed out'));
    assert.equal(await keeps(dov.page, TYPED), true, 'what was typed is there to be copied');
    await dov.page.locator('main').getByRole('link', { name: 'Sign in' }).click();
    await dov.page.getByRole('button', { name: 'Dov Halpern' }).click();
    await dov.signedInAs('Dov Halpern');
    assert.equal(new URL(dov.page.url()).pathname, proposal, 'signing in leads back');
    assert.equal(await decisions(proposal), 0, 'and nothing was decided by signing in');
    await opens(dov, proposal);
    await approve(dov).click();
    await dov.sees(dov.page.getByText('Approved. It will be sent to the cloud.'));
    assert.equal(await decisions(proposal), 1);
  });

  for (const person of [ines, dov, juno]) await person.leave();
}

/** Is this text still on the page, to be read or in a field? */
async function keeps(page, text) {
  return page.evaluate((text) => {
    const fields = [...document.querySelectorAll('textarea, input:not([type=hidden])')];
    return fields.some((field) => field.value.includes(text)) || document.querySelector('main').innerText.includes(text);
  }, text);
}

/** Fills in a note about the batch that is suggested at `place`. */
async function draft(page, place) {
  await page.goto('/proposals/new');
  const card = page.locator('section.card', { has: page.locator('input[value="ops_note.append"]') });
  await card.getByRole('combobox').fill(await card.locator('datalist option').nth(place).getAttribute('value'));
  await card.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Note').fill('The handles are still soft.');
  await page.getByLabel('Reason').fill('So that there is something to decide.');
}

async function note(person, place) {
  await draft(person.page, place);
  await person.page.getByRole('button', { name: 'Propose', exact: true }).click();
  await person.sees(person.page.getByText('You proposed this; a colleague has to approve it.'));
  return new URL(person.page.url()).pathname;
}
