import type { TaskDraft, TaskRole } from '../../flow/plan.js';
import type { TaskDelivery } from '../../flow/store.js';
import type { Delivery } from '../delivery.js';
import { keyAddress } from '../identity.js';
import type { Prepared } from '../prepare.js';
import { taskCallId } from './task-id.js';

/** What a delivery of a task is made from: the same in every round. */
interface Envelope {
  readonly job: string;
  readonly queue: string;
  readonly input?: unknown;
  readonly attempts: number;
  readonly timeoutMs?: number | undefined;
  readonly key?: string | undefined;
  readonly digest?: string | undefined;
  readonly at: number;
  readonly role: TaskRole;
  readonly name: string;
}

/** The envelope of a task whose call has passed all checks. */
export function envelopeOf(draft: TaskDraft, { delivery }: Prepared): string {
  const envelope: Envelope = {
    job: delivery.name,
    queue: delivery.queue,
    input: delivery.input,
    attempts: delivery.attempts,
    timeoutMs: delivery.timeoutMs,
    key: delivery.idempotencyKey,
    digest: delivery.idempotencyKey === undefined ? undefined : delivery.digest,
    at: delivery.enqueuedAtMs,
    role: draft.role,
    name: draft.name,
  };
  return JSON.stringify(envelope);
}

/** A delivery of a flow's task. */
export function toTaskDelivery(flow: string, task: TaskDelivery): Delivery {
  const envelope = JSON.parse(task.envelope) as Envelope;
  const { job, key, role, name } = envelope;
  const first = taskCallId(flow, envelope, 1);
  // Later rounds go on from the steps of the first, until its effect is undone.
  const record = task.era === 0 ? first : `${first}^${task.era}`;
  const id = taskCallId(flow, envelope, task.round);
  return {
    id,
    name: job,
    queue: envelope.queue,
    input: envelope.input,
    attempts: envelope.attempts,
    dueAtMs: undefined,
    timeoutMs: envelope.timeoutMs,
    expiresAtMs: undefined,
    idempotencyKey: key,
    address: key === undefined ? undefined : keyAddress(job, key),
    digest: envelope.digest,
    generation: task.generation,
    token: undefined,
    ask: undefined,
    enqueuedAtMs: envelope.at,
    again: undefined,
    flow: {
      id: flow,
      task: task.task,
      role,
      node: name,
      round: task.round,
      record: record === id ? undefined : record,
    },
  };
}
