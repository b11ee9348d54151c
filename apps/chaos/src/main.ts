// Plays one scenario and audits it. Exit status: 0 the audit passed, 1 it failed, 2 the command line was wrong.
import { type Audit, check, isPassed } from './audit/check.js';
import { jsonOf, tableOf } from './audit/report.js';
import { type Command, readCommand, USAGE } from './command-line.js';
import { Stage } from './conductor/stage.js';
import { troublesIn } from './conductor/troubles.js';
import { Random } from './random.js';

function commandOrUsage(): Command | undefined {
  try {
    return readCommand(process.argv.slice(2));
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${problem}\n\n${USAGE}\n`);
    return undefined;
  }
}

async function chaos({ scenario, seed, json, ...given }: Command): Promise<boolean> {
  const order = { ...given, random: new Random(seed) };
  const { jobs, kills, sabotage } = order;
  process.stdout.write(
    `${scenario.name}: ${scenario.about}\n` +
      `${jobs} ${scenario.jobs.means}, ${scenario.kills ? `${kills} ${scenario.kills.means}, ` : ''}seed ${seed}\n`,
  );
  const started = performance.now();
  const stage = await Stage.open(scenario.ownServer?.(order));
  const end = (): void => void stage.close().finally(() => process.exit(130));
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    const audit = await scenario.play(stage, order).catch(brokenOff);
    await stage.clear();
    const seconds = (performance.now() - started) / 1_000;
    const outcome = { scenario, seed, jobs, kills, sabotage, audit, seconds };
    const passed = isPassed(audit);
    if (!passed && !sabotage) process.stderr.write(troublesIn(stage.folder));
    process.stdout.write(`${tableOf(outcome)}\n`);
    if (json) process.stdout.write(`${jsonOf(outcome)}\n`);
    return passed;
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
    await stage.close();
  }
}

/** The audit of a scenario that could not be played to its end. */
function brokenOff(error: unknown): Audit {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  const why = error instanceof Error ? error.message : String(error);
  return {
    checks: [check('the scenario came to its end', [why], 'it broke off')],
    definitions: [],
    figures: { lost: Number.NaN, doubled: Number.NaN },
  };
}

const command = commandOrUsage();
// Apps that were made to die in this process are still there, and would keep it alive.
if (command) process.exit((await chaos(command)) ? 0 : 1);
else process.exitCode = 2;
