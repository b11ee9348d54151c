// Nothing here runs: the compiler checks it, once for each decorator dialect. `typing.test.ts` sees to the standard one.
import { z } from 'zod';
import {
  type Call,
  defineJob,
  implement,
  Job,
  type JobContext,
  type Jsonified,
  jobsOf,
  type Parsed,
} from '../../src/job/index.js';

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_holds: Same<A, B>): void => {};
type Result<C> = C extends Call<unknown, infer R> ? R : never;

const ChargeInput = z.object({ orderId: z.string(), currency: z.string().default('EUR') });
type ChargeInput = z.infer<typeof ChargeInput>;
const RemindInput = z.object({ at: z.iso.datetime().transform((text) => new Date(text)) });
const Receipt = z.object({ id: z.string() });

class Invoice {
  readonly issued = new Date(0);
  readonly lines = [1];
  total(): number {
    return this.lines.length;
  }
}

export class OrderJobs {
  readonly provider = 'stripe';

  @Job()
  async plain(input: { orderId: string }, job: JobContext) {
    return { orderId: input.orderId, attempt: job.attempt };
  }

  @Job({ attempts: 3 })
  async none() {}

  @Job()
  onlyContext(_input: undefined, job: JobContext) {
    return job.id;
  }

  @Job()
  async optional(input?: { limit: number }) {
    return input?.limit;
  }

  // the key's parameter need not be annotated
  @Job({ idempotencyKey: ({ orderId }) => orderId, queue: () => 'high' })
  async keyed(input: { orderId: string }) {
    return new Map([[input.orderId, 1]]);
  }

  @Job({ input: ChargeInput, idempotencyKey: ({ orderId, currency }) => orderId + currency })
  async schema({ orderId }: ChargeInput) {
    return orderId;
  }

  @Job({ input: ChargeInput })
  async ignoresInput() {
    return new Invoice();
  }

  @Job({ input: RemindInput })
  async remind({ at }: Parsed<typeof RemindInput>) {
    return at;
  }

  @Job({ input: ChargeInput, output: Receipt })
  async checked({ orderId }: ChargeInput) {
    return { id: orderId };
  }

  helper(a: string, b: number): string {
    return a.repeat(b);
  }

  // @ts-expect-error the key takes what the method does not give
  @Job({ idempotencyKey: (input: { orderId: string }) => input.orderId })
  async otherKey(input: { id: number }) {
    return input;
  }

  // @ts-expect-error the schema makes less than the method takes
  @Job({ input: ChargeInput })
  async takesMore(input: ChargeInput & { amount: number }) {
    return input;
  }

  // @ts-expect-error callers would be asked for a Date
  @Job({ input: RemindInput })
  async forgetsParsed({ at }: z.output<typeof RemindInput>) {
    return at;
  }

  // @ts-expect-error the output schema refuses what the method returns
  @Job({ output: Receipt })
  async returnsOther() {
    return { id: 7 };
  }

  // @ts-expect-error the result would not be what the method returns
  @Job({ output: z.object({ id: z.string().transform(Number) }) })
  async transformed() {
    return { id: '7' };
  }

  // @ts-expect-error a misspelt option
  @Job({ atempts: 3 })
  async misspelt() {}

  // @ts-expect-error not a duration
  @Job({ timeout: '30 seconds' })
  async badDuration() {}

  // @ts-expect-error a job gets two arguments
  @Job()
  async third(_input: string, _job: JobContext, _more: string) {}

  // @ts-expect-error the second one is the context
  @Job()
  async second(_input: string, _signal: AbortSignal) {}
}

const jobs = jobsOf(OrderJobs);

export const wellTyped = [
  jobs.plain({ orderId: '1' }, { delay: '5m', at: undefined, queue: 'high', attempts: 1 }),
  jobs.none(),
  jobs.none(undefined, { id: 'nightly' }),
  jobs.onlyContext(),
  jobs.optional(),
  jobs.optional({ limit: 1 }),
  jobs.remind({ at: '2026-11-24T00:00:00Z' }),
];
same<Result<ReturnType<typeof jobs.plain>>, { orderId: string; attempt: number }>(true);
same<Result<ReturnType<typeof jobs.none>>, undefined>(true);
same<Result<ReturnType<typeof jobs.onlyContext>>, string>(true);
same<Result<ReturnType<typeof jobs.optional>>, number | undefined>(true);
same<Result<ReturnType<typeof jobs.keyed>>, Record<never, never>>(true);
same<Result<ReturnType<typeof jobs.remind>>, string>(true);
same<ReturnType<typeof jobs.remind>['input'], { at: string }>(true);
same<
  Result<ReturnType<typeof jobs.ignoresInput>>,
  { readonly issued: string; readonly lines: number[] }
>(true);

export const badlyTyped = () => [
  // @ts-expect-error the input is missing
  jobs.plain(),
  // @ts-expect-error wrong input
  jobs.plain({ orderId: 7 }),
  // @ts-expect-error an input where none is taken
  jobs.none({ orderId: '1' }),
  // @ts-expect-error a misspelt call option
  jobs.none(undefined, { atempts: 1 }),
  // @ts-expect-error what the schema makes, not what it takes
  jobs.remind({ at: new Date(0) }),
  // @ts-expect-error not a method
  jobs.provider,
  // @ts-expect-error not a method that could be a job
  jobs.helper,
  // @ts-expect-error no such method
  jobs.chrage,
];

const ping = defineJob({ name: 'ping', attempts: 1 }, async (input: { host: string }, job) => {
  return { host: input.host, attempt: job.attempt, at: new Date(0) };
});
same<Result<ReturnType<typeof ping>>, { host: string; attempt: number; at: string }>(true);
same<ReturnType<typeof ping>['input'], { host: string }>(true);

const beat = defineJob({ name: 'beat' }, async () => {});
beat();

const charge = defineJob(
  {
    name: 'charge',
    input: ChargeInput,
    output: Receipt,
    idempotencyKey: (input) => input.currency,
  },
  async (input, job) => ({ id: await job.step('id', () => input.currency) }),
);
charge({ orderId: '1' });
same<ReturnType<typeof charge>['input'], { orderId: string; currency?: string | undefined }>(true);
same<Result<ReturnType<typeof charge>>, { id: string }>(true);

const remind = defineJob({ name: 'remind', input: RemindInput, output: RemindInput });
implement(remind, async ({ at }) => ({ at: at.toISOString() }));
remind({ at: '2026-11-24T00:00:00Z' });
same<Result<ReturnType<typeof remind>>, { at: string }>(true);

const resize = defineJob<{ width: number }, { bytes: number }>({ name: 'resize' });
implement(resize, ({ width }) => ({ bytes: width * 3 }));
resize({ width: 10 });

export class Handlers {
  @Job(remind, { attempts: 10 })
  async remind({ at }: z.output<typeof RemindInput>) {
    return { at: at.toISOString() };
  }

  // @ts-expect-error the contract wants a string
  @Job(remind)
  async wrongResult({ at }: z.output<typeof RemindInput>) {
    return { at };
  }

  // @ts-expect-error the contract gives a Date
  @Job(remind)
  async wrongInput({ at }: { at: string }) {
    return { at };
  }

  // @ts-expect-error it has a handler already
  @Job(ping)
  async pingAgain() {}

  // @ts-expect-error the name belongs to the contract
  @Job(remind, { name: 'other' })
  async renamed() {
    return { at: '' };
  }
}

export const badDefinitions = () => [
  // @ts-expect-error the name is missing
  defineJob({ attempts: 1 }, async () => {}),
  // @ts-expect-error the handler returns what the output schema refuses
  defineJob({ name: 'x', output: Receipt }, async () => ({ id: 7 })),
  // @ts-expect-error the handler takes what the schema does not make
  defineJob({ name: 'x', input: ChargeInput }, async (input: { amount: number }) => input),
  // @ts-expect-error it has a handler already
  implement(ping, async () => ({ host: '', attempt: 1, at: new Date(0) })),
  // @ts-expect-error the contract says bytes
  implement(resize, () => ({ pixels: 1 })),
  // @ts-expect-error the contract takes a width
  resize({ height: 10 }),
];

same<Jsonified<void>, undefined>(true);
same<Jsonified<bigint>, never>(true);
same<Jsonified<unknown>, unknown>(true);
same<Jsonified<Date | null>, string | null>(true);
same<Jsonified<() => void>, undefined>(true);
same<Jsonified<[Date, undefined, () => void]>, [string, null, null]>(true);
same<Jsonified<(string | undefined)[]>, (string | null)[]>(true);
same<
  Jsonified<{ a?: Date; b: () => void; c: { d: symbol } }>,
  { a?: string; c: Record<never, never> }
>(true);
same<Jsonified<'open' | 'closed'>, 'open' | 'closed'>(true);
same<Jsonified<{ toJSON(): { at: Date } }>, { at: string }>(true);
