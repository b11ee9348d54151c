import { Bulletproof, type CallHandle } from '@bulletproof/core';
import { keysUnder, TcpProxy, until } from '@bulletproof/test-kit';
import { type Audit, check } from '../audit/check.js';
import { effectsOf } from '../audit/effects.js';
import { storiesOf } from '../audit/runs.js';
import type { Actor } from '../conductor/actor.js';
import { Deliveries } from '../conductor/deliveries.js';
import type { Stage } from '../conductor/stage.js';
import { readLedger } from '../ledger/ledger.js';
import type { EnqueueAnswer } from '../roles/producer.js';
import { forgetDeliveries } from '../sabotage/forget-deliveries.js';
import { forgetRecords } from '../sabotage/forget-records.js';
import type { Order, Scenario } from '../scenario.js';
import { type Charge, charge, chargeOf, type Receipt } from '../work/charge.js';

/** When the frozen producer wakes: what has become of its calls by then. */
const MOMENTS = ['waiting', 'ended', 'removed', 'cancelled'] as const;
type Moment = (typeof MOMENTS)[number];

/** Producers stand still between the record's transition and BullMQ's add, others repeat, the frozen ones wake. */
export const frozenProducer: Scenario = {
  name: 'frozen-producer',
  about: 'a producer stands still between record and BullMQ, another repeats, the first one wakes',
  jobs: { means: 'calls in each standstill', otherwise: 4 },
  kills: { means: 'standstills', otherwise: 100 },
  sabotage: 'records, BullMQ’s jobs and its deduplication keys are deleted before it wakes',

  async play(stage, order) {
    const theatre = await Theatre.open(stage, order);
    try {
      const rounds: Round[] = [];
      for (let nth = 0; nth < order.kills; nth += 1) {
        rounds.push(await theatre.round(nth, MOMENTS[nth % MOMENTS.length] ?? 'ended'));
      }
      return audit(stage, rounds);
    } finally {
      await theatre.close();
    }
  },
};

/** One call of a round, and what each side was told. */
interface Told {
  readonly key: string;
  readonly frozen: EnqueueAnswer;
  /** The answer to who repeated; for a call that was cancelled then, the one that took its key. */
  readonly other: EnqueueAnswer;
  readonly result: Receipt;
  /** How often BullMQ was given the frozen producer's call. */
  readonly deliveries: number;
}

interface Round {
  readonly moment: Moment;
  readonly told: readonly Told[];
}

/** The parts: a producer behind a proxy, another one here, and a worker. */
class Theatre {
  readonly #stage: Stage;
  readonly #order: Order;
  readonly #proxy: TcpProxy;
  readonly #frozen: Actor;
  readonly #other: Bulletproof;
  readonly #deliveries: Deliveries;

  private constructor(stage: Stage, order: Order, parts: { proxy: TcpProxy; frozen: Actor }) {
    this.#stage = stage;
    this.#order = order;
    this.#proxy = parts.proxy;
    this.#frozen = parts.frozen;
    this.#other = new Bulletproof(stage.app);
    this.#deliveries = new Deliveries(stage);
  }

  static async open(stage: Stage, order: Order): Promise<Theatre> {
    const proxy = await TcpProxy.open(stage.server.url);
    const [frozen] = await Promise.all([
      stage.start('producer', { redisUrl: proxy.url }),
      stage.start('worker', { slots: 10, deadlineMs: 1_000 }),
    ]);
    // From here on the server knows the scripts: one command is one transition.
    await frozen.ask('enqueue', { charges: [chargeOf('warm-up', order.random, 0)] });
    return new Theatre(stage, order, { proxy, frozen });
  }

  async close(): Promise<void> {
    await this.#other.close();
    await this.#stage.clear();
    await this.#proxy.close();
  }

  async round(nth: number, moment: Moment): Promise<Round> {
    const { random, jobs, sabotage } = this.#order;
    const charges = Array.from({ length: jobs }, (_, at) =>
      chargeOf(`${nth}-${moment}-${at}`, random, 2),
    );
    await this.#deliveries.added();
    const { answers, wake } = await this.#freeze(charges);
    const isEarly = moment === 'waiting' || moment === 'cancelled';
    if (isEarly) await this.#other.queues.pause('default');
    const handles = await this.#repeat(charges, moment);
    const results = (): Promise<unknown[]> =>
      Promise.all(handles.map((handle) => handle.result({ timeout: '60s' })));
    if (moment !== 'waiting') await results();
    const isForgotten = sabotage && moment !== 'waiting';
    if (moment === 'removed' || isForgotten) await this.#forgetJobs(handles);
    if (isForgotten) {
      await forgetRecords(this.#stage);
      await forgetDeliveries(this.#stage);
    }
    await wake();
    const frozen = await answers;
    if (moment === 'waiting') {
      await this.#other.queues.resume('default');
      await results();
    }
    await this.#quiet();
    const statuses = await Promise.all(handles.map((handle) => handle.status()));
    const added = await this.#deliveries.added();
    return {
      moment,
      told: charges.map(({ key }, at) => ({
        key,
        frozen: frozen[at] ?? {},
        other: { id: handles[at]?.id ?? '', deduplicated: handles[at]?.deduplicated === true },
        result: statuses[at]?.result ?? { run: '', variant: 0 },
        deliveries: added.filter((id) => id === frozen[at]?.id).length,
      })),
    };
  }

  /** Resolves when the producer stands still with the answer to its transition unread, and nothing added. */
  async #freeze(
    charges: readonly Charge[],
  ): Promise<{ answers: Promise<EnqueueAnswer[]>; wake: () => Promise<void> }> {
    const { redis, prefix } = this.#stage;
    const records = async (): Promise<number> =>
      (await keysUnder(redis, prefix)).filter((key) => key.includes(':key:')).length;
    const before = await records();
    this.#proxy.freeze('replies');
    const answers = this.#frozen.ask<EnqueueAnswer[]>('enqueue', { charges });
    await until(async () => (await records()) === before + charges.length, {
      what: 'the records of the calls',
      deadlineMs: 30_000,
    });
    await this.#frozen.signal('SIGSTOP');
    this.#proxy.thaw();
    return { answers, wake: () => this.#frozen.signal('SIGCONT') };
  }

  /** Another producer enqueues the same calls; where they are cancelled, others under the same keys. */
  async #repeat(charges: readonly Charge[], moment: Moment): Promise<CallHandle<Receipt>[]> {
    const enqueue = (input: Charge): Promise<CallHandle<Receipt>> =>
      this.#other.enqueue(charge(input)) as Promise<CallHandle<Receipt>>;
    const handles = await Promise.all(charges.map(enqueue));
    if (moment !== 'cancelled') return handles;
    await Promise.all(handles.map((handle) => handle.cancel('another amount')));
    await this.#other.queues.resume('default');
    return Promise.all(charges.map((input) => enqueue({ ...input, variant: 2 })));
  }

  async #forgetJobs(handles: readonly CallHandle<Receipt>[]): Promise<void> {
    await this.#quiet();
    await this.#deliveries.forget(handles.map(({ id }) => id));
  }

  /** Resolves when nothing waits or runs. */
  async #quiet(): Promise<void> {
    const isQuiet = async (): Promise<boolean> => {
      const [queue] = (await this.#other.queues.status()).filter(({ name }) => name === 'default');
      return queue?.waiting === 0 && queue.delayed === 0 && queue.running === 0;
    };
    await until(isQuiet, { what: 'the queue to come to rest', deadlineMs: 60_000 });
  }
}

function audit(stage: Stage, rounds: readonly Round[]): Audit {
  const stories = storiesOf(readLedger(stage.ledgerFile));
  const told = rounds.flatMap((round) =>
    round.told.map((one) => ({ ...one, moment: round.moment })),
  );
  const wrong = (is: (one: (typeof told)[number]) => boolean): string[] =>
    told.filter(is).map(({ key }) => key);
  const effects = effectsOf(
    stories,
    told.map(({ key }) => key),
  );
  const share = (moment: Moment): string =>
    `${rounds.filter((round) => round.moment === moment).length} ${moment}`;
  const of = told.length;
  return {
    checks: [
      check('every standstill was played', [], MOMENTS.map(share).join(', ')),
      check(
        'the frozen one admitted first',
        wrong(({ frozen }) => frozen.id === undefined || frozen.deduplicated !== false),
        `${of} calls`,
      ),
      check(
        'who repeats gets the same call',
        wrong(({ moment, frozen, other }) =>
          moment === 'cancelled'
            ? other.id === frozen.id
            : other.id !== frozen.id || other.deduplicated !== true,
        ),
        'by id; after a cancel another one',
      ),
      check('no call was lost', effects.missing, `${of - effects.missing.length} of ${of} ran`),
      check('no effect was doubled', effects.doubled, `${effects.count} effects of ${of} calls`),
      check(
        'one run of each call',
        wrong(({ key }) => stories.byKey.get(key)?.length !== 1),
        'by the ledger',
      ),
      check(
        'one delivery of each call',
        wrong(({ deliveries }) => deliveries !== 1),
        'by BullMQ’s events',
      ),
      check(
        'results match',
        wrong(
          ({ key, moment, result }) =>
            result.run !== stories.byKey.get(key)?.[0]?.receipt ||
            result.variant !== (moment === 'cancelled' ? 2 : 1),
        ),
        'record and ledger agree',
      ),
    ],
    definitions: [
      'waiting, ended, removed, cancelled: what had become of the call when its producer woke and added it',
      'removed: BullMQ had forgotten the finished job; cancelled: another call had run under the key',
    ],
    figures: {
      lost: effects.missing.length,
      doubled: effects.doubled.length,
      standstills: rounds.length,
      calls: of,
    },
  };
}
