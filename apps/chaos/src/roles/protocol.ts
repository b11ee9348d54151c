/** What the conductor asks a process for. */
export interface Task {
  readonly id: number;
  readonly task: string;
  readonly data: object;
}

/** What a process answers; to 0 when it is ready. */
export interface Reply {
  readonly to: number;
  readonly answer?: unknown;
  readonly error?: string;
}

/** What every process is told. */
export interface RoleSettings {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly ledgerFile: string;
}
