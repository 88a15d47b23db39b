// Every page × role × light and dark × wide and narrow, in a world that is ordinary, empty, or full of very long names.

import assert from 'node:assert/strict';
import { look as lookAt } from './axe.mjs';
import { Person } from './person.mjs';

/** What no layout expects: unbroken, from right to left, and joined emoji. */
const LONG = `${'Unbroken'.repeat(28)} קערה כחולה 12345 עם ידית שבורה وعاء أزرق كبير 👩🏽‍🎨👨‍👩‍👧‍👦🏳️‍🌈🏺 ${'W'.repeat(120)}`;

/** What is for everyone. */
const FOR_EVERYONE = ['/sign-in', '/help'];

/** Looks at every page of `world`; `world.name` is what its screenshots are called after. */
export async function pages(t, world) {
  const { browser, origin, name: called = '' } = world;
  const arrive = (more = {}) => Person.arrive(browser, origin, { scripts: true, world: called, ...more });
  const [stranger, member, ines, dov, juno] = [await arrive(), await arrive(), await arrive(), await arrive(), await arrive()];
  const layouts = new Map();

  await t.test('sign-in', () => look(stranger, 'sign-in', '/sign-in'));
  await t.test('sign-in refused', async () => {
    await member.signIn('Mara Quill');
    await look(member, 'sign-in-refused');
  });

  await ines.signIn('Ines Okafor');
  await dov.signIn('Dov Halpern');
  await juno.signIn('Juno Reyes');
  const waiting = world.empty ? undefined : await propose(ines, called ? LONG : undefined);
  if (called && !world.empty) await landed(ines, dov, world);
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
    ['document', world.document && `/documents/${world.document}`],
    ['proposals', '/proposals'],
    ['proposals-filtered', '/proposals?by=agents&risk=critical'],
    ['proposals-sorted', '/proposals?show=all&sort=oldest'],
    ['bulk-empty', '/proposals/bulk'],
    ['proposal-in-queue', waiting && `${waiting}?show=waiting`],
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
    ['may-i-no', world.proposal && `/policy/may-i?act=approve&proposal=${world.proposal.split('/').pop()}`],
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
  for (const [name, path] of places.filter(([, path]) => path)) {
    await t.test(name, async () => {
      await look(dov, name, path);
      await asAdmin(name, path);
      await signedOut(path);
    });
  }
  if (waiting) await t.test('proposal of one’s own', () => look(ines, 'proposal-own', waiting));
  if (waiting) await t.test('a decision that came back', async () => {
    await dov.go(waiting);
    await dov.page.locator('form[action$="/decision"]').evaluate((form) => (form.noValidate = true));
    await dov.page.getByLabel('Reason').fill('no');
    await dov.page.getByRole('button', { name: 'Reject', exact: true }).click();
    await dov.sees(dov.page.getByRole('alert'));
    await look(dov, 'decision-came-back');
  });
  if (!called) await t.test('a picture for the README', async () => {
    await dov.page.setViewportSize({ width: 1280, height: 800 });
    await dov.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await dov.go('/');
    await dov.page.screenshot({ path: new URL('out/cockpit.png', import.meta.url).pathname });
  });
  if (!called) await t.test('the chosen colours stay', async () => {
    await dov.go('/writes');
    await dov.page.getByRole('button', { name: 'Dark' }).click();
    await dov.sees(dov.page.locator('html[data-theme=dark]'));
    assert.equal(new URL(dov.page.url()).pathname, '/writes');
    await dov.page.getByRole('button', { name: 'System' }).click();
    await dov.sees(dov.page.locator('html[data-theme=system]'));
  });
  if (!called) await t.test('answers carry a strict policy', async () => {
    const answer = await dov.go('/');
    const policy = answer.headers()['content-security-policy'] ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval(?<!wasm-unsafe-eval)/);
    assert.equal(answer.headers()['x-content-type-options'], 'nosniff');
  });
  for (const person of [stranger, member, ines, dov, juno]) {
    await person.leave();
  }

  async function look(person, name, path) {
    if (path) await person.go(path);
    await lookAt(person, name);
    layouts.set(path ?? name, await layout(person.page));
  }

  /** An administrator's page is looked at only where it is built in another way. */
  async function asAdmin(name, path) {
    await juno.go(path);
    if ((await layout(juno.page)) === layouts.get(path)) return;
    await lookAt(juno, `${name}-admin`);
  }

  /** Whoever is signed out is led to the sign-in page, or sees what is for everyone. */
  async function signedOut(path) {
    const answer = await stranger.context.request.get(path, { maxRedirects: 0, headers: { accept: 'text/html' } });
    const leads = answer.status() === 303 && /^\/sign-in(\?|$)/.test(answer.headers().location);
    assert.ok(leads || answer.status() === 404 || FOR_EVERYONE.includes(path), `${path} is answered with ${answer.status()} to nobody`);
  }
}

/** What a page is built of, whatever it says and however many rows there are. */
async function layout(page) {
  return page.evaluate(() => {
    const parts = [...document.querySelectorAll('body *')].filter((each) => !each.closest('svg.sprite'));
    const kind = (each) => `${each.parentElement.tagName}.${each.parentElement.getAttribute('class') ?? ''}>${each.tagName}.${each.getAttribute('class') ?? ''}`;
    return [...new Set(parts.map(kind))].sort().join('\n');
  });
}

/** Proposes and approves something with long reasons, for pages of what was sent. */
async function landed(proposer, colleague, world) {
  world.proposal = await propose(proposer, LONG, 2);
  const { page } = colleague;
  await colleague.go(world.proposal);
  await page.getByLabel('Reason').fill(LONG);
  await page.getByRole('button', { name: 'Approve', exact: true }).click();
  const write = page.getByRole('link', { name: 'See the write' });
  await colleague.reloadsUntil('the write', write);
  world.write = await write.getAttribute('href');
}

/** A proposal that waits, for pages that show one; its path. */
async function propose(person, text, place = 1) {
  await person.go('/proposals/new');
  const { page } = person;
  const card = page.locator('section.card', { has: page.locator('input[value="ops_note.append"]') });
  await card.getByRole('combobox').fill(await card.locator('datalist option').nth(place).getAttribute('value'));
  await card.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Note').fill(text ?? `A long note: ${'every shelf was looked at and nothing was found to be wrong with it. '.repeat(6)}`);
  await page.getByLabel('Reason').fill(text ?? 'So that a page has something to show.');
  await page.getByRole('button', { name: 'Propose', exact: true }).click();
  await person.sees(page.getByText('You proposed this; a colleague has to approve it.'));
  return new URL(page.url()).pathname;
}
