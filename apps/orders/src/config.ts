import { z } from 'zod';

const Environment = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  /** Schema of the app's tables. */
  ORDERS_SCHEMA: z.string().default('orders'),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }),
  /** Prefix of every Redis key. */
  ORDERS_PREFIX: z.string().min(1).default('orders'),
  GATEWAY_URL: z.url({ protocol: /^https?$/ }),
  /** Longest time of one request to the gateway in milliseconds. */
  GATEWAY_TIMEOUT_MS: z.coerce.number().int().positive().default(5_000),
  /** File that mails are appended to. */
  OUTBOX_FILE: z.string().min(1).default('outbox.jsonl'),
  /** Name of this process in logs and at the gateway. */
  PROCESS_NAME: z.string().min(1).default('orders'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Where the API listens; 0 takes a free port. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  /** How many orders one worker processes at a time. */
  WORKER_CONCURRENCY: z.coerce.number().int().positive().default(10),
});

/** What a process of the app needs to know, from its environment. */
export type Config = z.infer<typeof Environment>;

/** Reads the environment; names each variable that is missing or wrong. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const { success, data, error } = Environment.safeParse(env);
  if (success) return data;
  throw new Error(`The environment is incomplete:\n${z.prettifyError(error)}`);
}
