// The demo as a person starts it: the real binary, a fresh data directory, a free port.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const checkout = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const announced = /^\s*Cockpit: (http:\/\/127\.0\.0\.1:\d+)\/\s*$/;
const patience = 120_000;

/** Starts `studio-brain demo`; resolves once it says where the cockpit is. */
export async function startDemo({ sample = 'ordinary', more = [] } = {}) {
  const binary = process.env.STUDIO_BRAIN_BINARY ?? join(checkout, 'target/debug/studio-brain');
  const data = await mkdtemp(join(tmpdir(), 'studio-brain-'));
  const which = sample === 'ordinary' ? [] : ['--sample', sample];
  const child = spawn(binary, ['demo', '--port', '0', '--data', data, ...which, ...more], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  const ended = once(child, 'exit');
  let late;
  const origin = await new Promise((resolve, reject) => {
    late = setTimeout(() => reject(new Error(`the demo said nothing of a cockpit:\n${said.join('\n')}`)), patience);
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`the demo ended with ${code}:\n${said.join('\n')}`)));
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        said.push(line);
        const match = announced.exec(line);
        if (match && stream === child.stdout) {
          clearTimeout(late);
          resolve(match[1]);
        }
      });
    }
  }).catch((error) => {
    clearTimeout(late);
    child.kill('SIGKILL');
    throw error;
  });
  return {
    origin,
    said,
    /** Runs a command of the operator of this demo's machine. */
    async operate(...command) {
      const ran = spawn(binary, ['--data', data, ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
      const words = [];
      for (const stream of [ran.stdout, ran.stderr]) stream.on('data', (some) => words.push(some));
      const [code] = await once(ran, 'exit');
      return { code, words: Buffer.concat(words).toString() };
    },
    /** Ends it as Ctrl-C does; resolves to its exit code. */
    async stop() {
      child.kill('SIGINT');
      const hung = setTimeout(() => child.kill('SIGKILL'), 30_000);
      const [code] = await ended;
      clearTimeout(hung);
      await rm(data, { recursive: true, force: true });
      return code;
    },
  };
}
