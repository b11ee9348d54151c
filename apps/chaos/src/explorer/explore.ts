import { join } from 'node:path';
import { keysUnder } from '@bulletproof/test-kit';
import type { Stage } from '../conductor/stage.js';
import { Ledger, readLedger } from '../ledger/ledger.js';
import { forgetRecords } from '../sabotage/forget-records.js';
import type { Charge } from '../work/charge.js';
import { BoundaryProxy, type Side } from './boundary-proxy.js';
import { Life } from './life.js';
import { problemsOf } from './problems.js';

/** What happens to the app at the boundary: it is gone, here or by kill -9, or only its connection is. */
export type Fate = 'dies' | 'is killed' | 'is cut off';

/** A boundary of a command, and what happens there. */
export interface Boundary {
  /** Number of the command in the life, from 1. */
  readonly number: number;
  readonly side: Side;
  readonly fate: Fate;
}

/** What was found at a boundary. */
export interface Finding extends Boundary {
  /** The command; undefined when the life ended before that number. */
  readonly command?: string;
  readonly problems: readonly string[];
  /** The effect was made a second time, with a reason. */
  readonly isRepeated: boolean;
}

/** Many times what a life takes. */
const LIFE_MS = 30_000;
const FAREWELL_MS = 3_000;
const INPUT: Charge = { key: 'order', variant: 1, paceMs: [0, 0, 0] };
/** Names of the two lives in this process. */
const [FIRST, SECOND] = [1, 2];

/** Explores boundaries of one scenario, each with keys and a ledger of its own. */
export class Explorer {
  readonly #stage: Stage;
  readonly #sabotage: boolean;
  readonly #farewells: Promise<unknown>[] = [];
  #count = 0;

  constructor(stage: Stage, sabotage: boolean) {
    this.#stage = stage;
    this.#sabotage = sabotage;
  }

  /** Names of the commands of an undisturbed life. */
  async commands(): Promise<readonly string[]> {
    const { names } = await this.#onProxy(Number.POSITIVE_INFINITY, 'before', async (site) => {
      await new Life({ ...site, redisUrl: site.proxy.url, pid: FIRST }).live(INPUT);
      return { names: [...site.proxy.names] };
    });
    return names;
  }

  /** Lives up to the boundary, lets happen what is to happen, recovers, and looks at what is left. */
  async explore(boundary: Boundary): Promise<Finding> {
    const { number, side, fate } = boundary;
    return this.#onProxy(number, side, async (site) => {
      const { isReached, isStuck } = await this.#disturb(site, fate);
      const { isRecorded, id } = await this.#survivors(site);
      if (this.#sabotage && isReached) await forgetRecords(this.#stage, site.prefix);
      let trouble: string | undefined;
      if (isReached && fate !== 'is cut off') {
        const next = new Life({ ...site, redisUrl: this.#stage.server.url, pid: SECOND });
        trouble = await next.live(INPUT, id).then(
          () => undefined,
          (error: Error) => `recovery: ${error.message}`,
        );
        if (trouble) this.#farewells.push(next.close());
      }
      const found = await problemsOf(this.#stage, {
        prefix: site.prefix,
        lines: readLedger(site.file),
        input: INPUT,
        isRecorded: isRecorded && fate !== 'is cut off',
      });
      const stuck = isStuck ? ['the app did not come to its end'] : [];
      return {
        ...boundary,
        ...(isReached ? { command: site.proxy.names[number - 1] ?? '' } : {}),
        problems: [...stuck, ...(trouble ? [trouble] : []), ...found.problems],
        isRepeated: found.isRepeated,
      };
    });
  }

  /** Gives the apps that died a moment to close: without Redis not all of them can. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FAREWELL_MS);
    });
    await Promise.race([Promise.allSettled(this.#farewells), enough]);
    clearTimeout(timer);
  }

  /** Lives up to the boundary, and lets happen there what is to happen. */
  async #disturb(site: Site, fate: Fate): Promise<{ isReached: boolean; isStuck?: boolean }> {
    if (fate === 'is killed') return { isReached: await this.#kill(site) };
    let isDead = false;
    const life = new Life({
      ...site,
      redisUrl: site.proxy.url,
      pid: FIRST,
      ledger: {
        write(line) {
          if (isDead) throw new Error('This process is dead.');
          site.ledger.write(line);
        },
      },
    });
    const living = life.live(INPUT);
    living.catch(() => {}); // of a dead one
    const isReached = await Promise.race([site.sprung.then(() => true), living.then(() => false)]);
    if (!isReached) return { isReached };
    if (fate === 'is cut off') {
      site.proxy.goOn();
      const isStuck = !(await endsInTime(living));
      if (isStuck) this.#farewells.push(life.close());
      return { isReached, isStuck };
    }
    isDead = true;
    site.proxy.die();
    site.ledger.write({ what: 'killed', pid: FIRST });
    this.#farewells.push(life.close());
    return { isReached };
  }

  async #kill(site: Site): Promise<boolean> {
    const { prefix, file: ledgerFile, proxy } = site;
    const actor = await this.#stage.start('life', { redisUrl: proxy.url, prefix, ledgerFile });
    const living = actor.ask('live', { input: INPUT });
    const isReached = await Promise.race([site.sprung.then(() => true), living.then(() => false)]);
    await actor.signal('SIGKILL');
    proxy.die();
    site.ledger.write({ what: 'killed', pid: actor.pid });
    return isReached;
  }

  /** What the crash has left: whether Redis has the step, and the id of a call that was acknowledged. */
  async #survivors({ prefix, file }: Site): Promise<{ isRecorded: boolean; id?: string }> {
    const { redis } = this.#stage;
    const keys = await keysUnder(redis, prefix);
    const record = keys.find((key) => key.includes(':key:'));
    const [step, result] = record ? await redis.hmget(record, 's:charge', 'r') : [];
    const told = readLedger(file).find(({ what }) => what === 'answered');
    const isRecorded = typeof step === 'string' || typeof result === 'string';
    return { isRecorded, ...(told?.what === 'answered' && told.id ? { id: told.id } : {}) };
  }

  async #onProxy<T>(number: number, side: Side, work: (site: Site) => Promise<T>): Promise<T> {
    this.#count += 1;
    const file = join(this.#stage.folder, `life-${this.#count}.jsonl`);
    const prefix = this.#stage.addPrefix(String(this.#count));
    const proxy = await BoundaryProxy.open(this.#stage.server.url);
    const ledger = new Ledger(file);
    try {
      return await work({ prefix, file, ledger, proxy, sprung: proxy.stopAt(number, side) });
    } finally {
      ledger.close();
      await proxy.close();
    }
  }
}

/** Whether a life that goes on comes to its end; it may have to wait for a lease. */
async function endsInTime(living: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, LIFE_MS, false);
  });
  const ended = living.then(
    () => true,
    () => false,
  );
  const isInTime = await Promise.race([ended, tooLate]);
  clearTimeout(timer);
  return isInTime;
}

/** Where one boundary is explored. */
interface Site {
  readonly prefix: string;
  readonly file: string;
  readonly ledger: Ledger;
  readonly proxy: BoundaryProxy;
  /** Resolves when the life has come to the boundary. */
  readonly sprung: Promise<void>;
}
