// Every page as axe sees it, light and dark, wide and narrow; nothing wider than a small phone.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Person } from './person.mjs';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const WIDTHS = [1280, 320];
const SCHEMES = ['light', 'dark'];

export async function pages(t, world) {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const { browser, origin } = world;
  const stranger = await Person.arrive(browser, origin, { scripts: true });
  const member = await Person.arrive(browser, origin, { scripts: true });
  const ines = await Person.arrive(browser, origin, { scripts: true });
  const dov = await Person.arrive(browser, origin, { scripts: true });

  await t.test('sign-in', () => look(stranger, 'sign-in', '/sign-in'));
  await t.test('sign-in refused', async () => {
    await member.signIn('Mara Quill');
    await look(member, 'sign-in-refused');
  });

  await ines.signIn('Ines Okafor');
  await dov.signIn('Dov Halpern');
  const waiting = await propose(ines);
  const reservation = encodeURIComponent(world.document ?? '');
  const places = [
    ['overview', '/'],
    ['state', '/state'],
    ['drift', '/drift'],
    ['drift-filtered', '/drift?kind=unknown-word&state=all'],
    ['drift-empty', '/drift?kind=count-differs&state=resolved'],
    ['documents', '/documents'],
    ['documents-list', '/documents?collection=reservations'],
    ['documents-empty', '/documents?collection=reservations&title=nothing-is-called-so'],
    ['document', `/documents/${world.document ?? ''}`],
    ['proposals', '/proposals'],
    ['proposals-filtered', '/proposals?by=agents&risk=critical'],
    ['proposals-sorted', '/proposals?show=all&sort=oldest'],
    ['bulk-empty', '/proposals/bulk'],
    ['proposal-in-queue', `${waiting}?show=waiting`],
    ['proposals-decided', '/proposals?show=decided'],
    ['proposals-all', '/proposals?show=all'],
    ['proposal-new', '/proposals/new'],
    ['proposal-new-missing', '/proposals/new?capability=reservation.status.set&document=reservations/nowhere'],
    ['proposal-new-reservation', `/proposals/new?capability=reservation.status.set&document=${reservation}`],
    ['proposal-waiting', waiting],
    ['proposal-sent', world.proposal],
    ['writes', '/writes'],
    ['writes-empty', '/writes?state=refused'],
    ['write', world.write],
    ['write-undo', world.undoWrite],
    ['audit', '/audit'],
    ['audit-empty', '/audit?target=nothing-is-called-so'],
    ['audit-entry', '/audit/1'],
    ['policy', '/policy'],
    ['policy-stop', '/policy/stop'],
    ['policy-resume-nothing', '/policy/resume'],
    ['policy-lease', '/policy/lease'],
    ['exemptions', '/policy/exemptions'],
    ['exemptions-filtered', '/policy/exemptions?show=ended&capability=ops_note.append'],
    ['exemption-new', '/policy/exemptions/new'],
    ['quotas', '/policy/quotas?show=all'],
    ['quotas-filtered', '/policy/quotas?subject=nothing-is-called-so'],
    ['capabilities', '/policy/capabilities'],
    ['capability', '/policy/capabilities/reservation.status.set'],
    ['may-i', '/policy/may-i'],
    ['may-i-no', `/policy/may-i?act=approve&proposal=${world.proposal.split('/').pop()}`],
    ['agents', '/agents?keys=all'],
    ['agent', '/agents/agent-ops-sweeper'],
    ['denials', '/agents/denials?within=week'],
    ['key-new', '/agents/keys/new'],
    ['intake', '/intake'],
    ['intake-decided', '/intake?show=decided&category=fraud_risk'],
    ['audit-filtered', '/audit?verdict=allow&from=2020-01-01&action=session.started'],
    ['audit-wrong', '/audit?from=yesterday'],
    ['connectors', '/connectors'],
    ['jobs', '/jobs'],
    ['reads', '/reads'],
    ['reads-unknown-day', '/reads?days=7&day=2020-01-01'],
    ['scorecard', '/scorecard'],
    ['recommendations', '/recommendations'],
    ['studios', '/studios'],
    ['help', '/help'],
    ['sessions', '/sessions'],
    ['kept-nothing', '/kept'],
    ['design', '/design'],
    ['not-found', '/nowhere/at/all'],
    ['not-found-proposal', '/proposals/00000000-0000-7000-8000-000000000000'],
  ];
  for (const [name, path] of places) {
    await t.test(name, () => look(dov, name, path));
  }
  await t.test('proposal of one’s own', () => look(ines, 'proposal-own', waiting));
  await t.test('a decision that came back', async () => {
    await dov.go(waiting);
    await dov.page.locator('form[action$="/decision"]').evaluate((form) => (form.noValidate = true));
    await dov.page.getByLabel('Reason').fill('no');
    await dov.page.getByRole('button', { name: 'Reject' }).click();
    await dov.sees(dov.page.getByRole('alert'));
    await look(dov, 'decision-came-back');
  });
  await t.test('a picture for the README', async () => {
    await dov.page.setViewportSize({ width: 1280, height: 800 });
    await dov.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await dov.go('/');
    await dov.page.screenshot({ path: new URL('out/cockpit.png', import.meta.url).pathname });
  });
  await t.test('the chosen colours stay', async () => {
    await dov.go('/writes');
    await dov.page.getByRole('button', { name: 'Dark' }).click();
    await dov.sees(dov.page.locator('html[data-theme=dark]'));
    assert.equal(new URL(dov.page.url()).pathname, '/writes');
    await dov.page.getByRole('button', { name: 'System' }).click();
    await dov.sees(dov.page.locator('html[data-theme=system]'));
  });
  await t.test('answers carry a strict policy', async () => {
    const answer = await dov.go('/');
    const policy = answer.headers()['content-security-policy'] ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval(?<!wasm-unsafe-eval)/);
    assert.equal(answer.headers()['x-content-type-options'], 'nosniff');
  });
  for (const person of [stranger, member, ines, dov]) {
    await person.leave();
  }

  async function look(person, name, path) {
    if (path) await person.go(path);
    await person.page.evaluate(axe);
    const faults = [];
    for (const width of WIDTHS) {
      await person.page.setViewportSize({ width, height: 900 });
      for (const colorScheme of SCHEMES) {
        await person.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        const violations = await person.page.evaluate(async (tags) => {
          const result = await window.axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
          return result.violations.map(({ id, help, nodes }) => ({ id, help, at: nodes.map((node) => `${node.target.join(' ')}: ${node.failureSummary}`) }));
        }, TAGS);
        faults.push(...violations.map((each) => ({ width, colorScheme, ...each })));
        await person.screenshot(`${name}-${colorScheme}-${width}`);
      }
      const wide = await person.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) faults.push({ width, help: `the page is ${wide} px wider than the window` });
    }
    assert.deepEqual(faults, [], `${name}: ${JSON.stringify(faults, null, 1)}`);
  }
}

/** A proposal that waits, for pages that show one; its path. */
async function propose(person) {
  await person.go('/proposals/new');
  const { page } = person;
  const card = page.locator('section.card', { has: page.locator('input[value="ops_note.append"]') });
  await card.getByRole('combobox').fill(await card.locator('datalist option').nth(1).getAttribute('value'));
  await card.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Note').fill(`A long note: ${'every shelf was looked at and nothing was found to be wrong with it. '.repeat(6)}`);
  await page.getByLabel('Reason').fill('So that a page has something to show.');
  await page.getByRole('button', { name: 'Propose', exact: true }).click();
  await person.sees(page.getByText('You proposed this; a colleague has to approve it.'));
  return new URL(page.url()).pathname;
}
