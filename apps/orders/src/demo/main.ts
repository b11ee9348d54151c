// `npm run demo`: the whole story, with an audit at its end. Exit status 0 only if the audit passes.
import { audit } from './audit.js';
import { type DemoOptions, readOptions } from './options.js';
import { Picture } from './picture.js';
import { closingLine, jsonLine, recoverySeconds, reportLines } from './report.js';
import { Scene } from './scene.js';
import { Story } from './story.js';
import { troublesIn } from './troubles.js';

const INTERRUPTED = 130;
const WRONG_USAGE = 2;
const USAGE = 'Usage: npm run demo -- [--bare] [--json] [--seed N] [--orders N]';

const interrupted = new Promise<'interrupted'>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => resolve('interrupted'));
  }
});

process.exit(await start());

async function start(): Promise<number> {
  let options: DemoOptions;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    console.error(USAGE);
    return WRONG_USAGE;
  }
  return run(options);
}

async function run(options: DemoOptions): Promise<number> {
  const picture = new Picture();
  picture.say(
    options.bare
      ? 'The story on bare BullMQ: no idempotency keys, no records, retries as they come.'
      : 'The story on Bulletproof: each order is an idempotent job.',
  );
  let scene: Scene;
  try {
    scene = await Scene.open(options.bare ? 'orders_bare' : 'orders_demo');
  } catch (error) {
    // A server is missing: the message says which and what to do; a stack would bury it.
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
  const story = new Story(scene, options, picture);
  try {
    picture.say(scene.describe());
    const played = await Promise.race([story.play(), interrupted]);
    if (played === 'interrupted') {
      picture.say('Interrupted: cleaning up.');
      return INTERRUPTED;
    }
    const { evidence, seconds } = played;
    const verdict = audit(evidence);
    const recovery = recoverySeconds(evidence);
    if (!verdict.passed && !options.bare) await sayTroubles(scene, picture);
    for (const line of reportLines(verdict, recovery)) picture.say(line);
    picture.say(closingLine(verdict, { bare: options.bare, seconds }));
    if (options.json) {
      picture.say(jsonLine({ verdict, recovery, kills: evidence.kills, options, seconds }));
    }
    return verdict.passed ? 0 : 1;
  } catch (error) {
    await sayTroubles(scene, picture);
    throw error;
  } finally {
    await story.stop();
    await scene.close();
  }
}

async function sayTroubles(scene: Scene, picture: Picture): Promise<void> {
  for (const line of await troublesIn(scene.folder)) picture.say(line);
}
