// Measures one scenario on Bulletproof and on bare BullMQ, and says what each reached. Without --check no figure makes it fail.
import { ensurePostgres } from '@bulletproof/tooling/postgres';
import { ensureRedis } from '@bulletproof/tooling/redis';
import { type Command, readCommand, USAGE } from './command-line.js';
import { reportOn, tableOf } from './report.js';
import { playRounds } from './rounds.js';
import { RedisWatch } from './work/redis-watch.js';

function commandOrUsage(): Command | undefined {
  try {
    return readCommand(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
    return undefined;
  }
}

async function bench({ scenario, rounds, jobs, json, check }: Command): Promise<void> {
  const server = await ensureRedis();
  const postgres = scenario.isOverPostgres ? await ensurePostgres() : undefined;
  try {
    const watch = await RedisWatch.open(server.url);
    const redis = await watch.version();
    await watch.close();
    const figures = await playRounds(scenario, {
      rounds,
      jobs,
      redisUrl: server.url,
      databaseUrl: postgres?.url,
    });
    const report = reportOn(scenario, figures, { jobs, redis });
    process.stdout.write(`${tableOf(scenario, report)}\n`);
    if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
    if (check && report.reached === false) process.exitCode = 1;
  } finally {
    await postgres?.stop();
    await server.stop();
  }
}

const command = commandOrUsage();
if (command) await bench(command);
else process.exitCode = 2;
