// `npm run demo`: the whole story, with an audit at its end. Exit status 0 only if the audit passes.
import { audit } from './audit.js';
import { readOptions } from './options.js';
import { Picture } from './picture.js';
import { recoverySeconds, reportLines } from './report.js';
import { Scene } from './scene.js';
import { Story } from './story.js';

const options = readOptions(process.argv.slice(2));
const picture = new Picture();
const say = (line: string) => picture.say(line);

const interrupted = new Promise<'interrupted'>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => resolve('interrupted'));
  }
});

say(
  options.bare
    ? 'The story on bare BullMQ: no idempotency keys, no records, retries as they come.'
    : 'The story on Bulletproof: each order is an idempotent job.',
);
const scene = await Scene.open(options.bare ? 'orders_bare' : 'orders_demo');
const story = new Story(scene, options, picture);
let status = 1;
try {
  say(scene.describe());
  const played = await Promise.race([story.play(), interrupted]);
  if (played === 'interrupted') {
    say('Interrupted: cleaning up.');
    status = 130;
  } else {
    const { evidence, seconds } = played;
    const verdict = audit(evidence);
    const recovery = recoverySeconds(evidence);
    for (const line of reportLines(verdict, recovery)) say(line);
    status = verdict.passed ? 0 : 1;
    say(closingLine(verdict.passed, seconds));
    if (options.json) {
      say(
        JSON.stringify({
          mode: options.bare ? 'bare' : 'bulletproof',
          seed: options.seed,
          passed: verdict.passed,
          seconds: Math.round(seconds * 10) / 10,
          ...verdict.account,
          kills: evidence.kills.map(({ worker, chargesInFlight, ordersInFlight }, nth) => ({
            worker,
            chargesInFlight,
            ordersInFlight: ordersInFlight.length,
            recoverySeconds: recovery[nth] ?? null,
          })),
          failed: verdict.checks.filter(({ passed }) => !passed).map(({ name }) => name),
        }),
      );
    }
  }
} finally {
  await story.stop();
  await scene.close();
}
process.exit(status);

function closingLine(passed: boolean, seconds: number): string {
  const took = `${seconds.toFixed(1)} s`;
  if (!options.bare) return passed ? `The audit passed (${took}).` : `The audit FAILED (${took}).`;
  return passed
    ? `The audit passed (${took}), which bare BullMQ was not expected to do.`
    : `The audit failed (${took}), as expected: this is what bare BullMQ does under kills and repeats. The exit status is 1.`;
}
