import { type Keyspace, type ScriptRunner, TAG_COUNT } from '@bulletproof/kernel';
import { FlowKeys } from '../keys.js';
import {
  begin,
  cancel,
  deliveries,
  inspect,
  recall,
  recreate,
  retry,
  settle,
  start,
  survey,
} from '../lua/scripts.generated.js';
import type {
  BeginReply,
  CancelReply,
  FlowPlan,
  FlowState,
  FlowStore,
  FlowView,
  RecallReply,
  RecreateReply,
  RetryReply,
  SettleReply,
  StartReply,
  TaskOutcome,
  TaskRun,
  Wake,
} from '../store.js';
import { deliveriesIn, fieldsOf, grantsIn, LETTERS, stateOf, viewsIn } from './fields.js';

const PAGE = 100;

/** The store of flows in Redis: one script an operation, on the server's clock. */
export class RedisFlowStore implements FlowStore {
  readonly #scripts: ScriptRunner;
  readonly #keys: FlowKeys;
  readonly #now: (() => number) | undefined;

  /** @param now replaces the server's clock (epoch ms); for tests only */
  constructor(scripts: ScriptRunner, keyspace: Keyspace, now?: () => number) {
    this.#scripts = scripts;
    this.#keys = new FlowKeys(keyspace);
    this.#now = now;
  }

  async start(plan: FlowPlan): Promise<StartReply> {
    const { id, digest } = plan;
    const fields = JSON.stringify(fieldsOf(plan));
    const args = { id, digest, fields, ...this.#at() };
    const reply = await this.#scripts.run(start, { keys: this.#both(id), args });
    if (reply.tag !== 'known') return reply;
    return { tag: 'known', state: reply.state as FlowState, untouched: reply.untouched === 1 };
  }

  async begin(run: TaskRun): Promise<BeginReply> {
    const { flow: id, ...rest } = run;
    const args = { id, ...rest, ...this.#at() };
    const reply = await this.#scripts.run(begin, { keys: this.#both(id), args });
    switch (reply.tag) {
      case 'claimed':
        return { tag: 'claimed', again: reply.again === 1 };
      case 'done':
      case 'dead':
      case 'cancelled':
        return { ...reply, wake: deliveriesIn(reply.wake) };
      default:
        return reply;
    }
  }

  async settle(run: TaskRun, { kind, value = '' }: TaskOutcome): Promise<SettleReply> {
    const { flow: id, ...rest } = run;
    const args = { id, ...rest, state: LETTERS[kind], value, ...this.#at() };
    const reply = await this.#scripts.run(settle, { keys: this.#both(id), args });
    if (reply.tag !== 'settled') return reply;
    return {
      tag: 'settled',
      state: reply.state as FlowState,
      wake: deliveriesIn(reply.wake),
      granted: grantsIn(reply.granted),
    };
  }

  async cancel(id: string, reason: string): Promise<CancelReply> {
    const args = { id, reason, ...this.#at() };
    const reply = await this.#scripts.run(cancel, { keys: this.#both(id), args });
    if (reply.tag === 'settled') return { tag: 'settled', state: reply.state as FlowState };
    if (reply.tag === 'unknown') return reply;
    const begun = reply.begun === '' ? [] : reply.begun.split(',').map(Number);
    return { tag: 'cancelled', wake: deliveriesIn(reply.wake), begun };
  }

  async retry(id: string): Promise<RetryReply> {
    const reply = await this.#scripts.run(retry, { keys: this.#both(id), args: { id } });
    if (reply.tag === 'refused') return { tag: 'refused', state: reply.state as FlowState };
    return reply.tag === 'retried' ? { ...reply, tasks: deliveriesIn(reply.tasks) } : reply;
  }

  async recreate(
    lost: Pick<TaskRun, 'flow' | 'task' | 'generation'>,
    patienceMs: number,
  ): Promise<RecreateReply> {
    const { flow: id, task, generation } = lost;
    const args = { task, generation, patienceMs, ...this.#at() };
    const reply = await this.#scripts.run(recreate, { keys: this.#one(id), args });
    if (reply.tag !== 'recreated') return reply;
    const [delivery] = deliveriesIn(reply.delivery);
    return delivery ? { tag: 'recreated', delivery } : { tag: 'moved' };
  }

  async recall(id: string, task: number): Promise<RecallReply> {
    const reply = await this.#scripts.run(recall, { keys: this.#one(id), args: { task } });
    if (reply.tag === 'unknown') return reply;
    return { tag: 'found', state: stateOf(reply.state), result: reply.result };
  }

  async deliveries(id: string, tasks: readonly number[]): Promise<Wake> {
    const args = { tasks: tasks.join(',') };
    const reply = await this.#scripts.run(deliveries, { keys: this.#one(id), args });
    return reply.tag === 'found' ? deliveriesIn(reply.deliveries) : [];
  }

  async inspect(id: string, brief = false): Promise<FlowView | undefined> {
    const reply = await this.#scripts.run(inspect, {
      keys: this.#one(id),
      args: { brief: brief ? 1 : 0 },
    });
    if (reply.tag === 'missing') return undefined;
    const { tag: _, states, tasks, state, untouched, ...rest } = reply;
    return {
      ...rest,
      state: state as FlowState,
      untouched: untouched === 1,
      tasks: viewsIn(states, tasks),
    };
  }

  async *survey(beforeMs: number): AsyncIterable<readonly string[]> {
    for (let tag = 0; tag < TAG_COUNT; tag += 1) {
      const keys = { open: this.#keys.openOfTag(tag) };
      let cursor = '0';
      do {
        const page = await this.#scripts.run(survey, {
          keys,
          args: { beforeMs, cursor, count: PAGE },
        });
        if (page.ids.length > 0) yield page.ids;
        cursor = page.cursor;
      } while (cursor !== '0');
    }
  }

  #one(id: string): { readonly flow: string } {
    return { flow: this.#keys.flow(id) };
  }

  #both(id: string): { readonly flow: string; readonly open: string } {
    return { flow: this.#keys.flow(id), open: this.#keys.open(id) };
  }

  #at(): { readonly nowMs?: number } {
    return this.#now ? { nowMs: this.#now() } : {};
  }
}
