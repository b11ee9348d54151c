/** What is going on, at one moment. */
export interface Moment {
  seconds: number;
  orders: number;
  posted: number;
  confirmed: number;
  gateway: { isOff: boolean; inFlight: number; requests: number; charges: number };
  /** State of the workers' breaker, when they have one. */
  breaker: string | undefined;
  workers: readonly { name: string; state: string }[];
}

const PLAIN_EVERY_MS = 2_000;
const BAR = 40;

/** Shows moments: a picture that is redrawn in a terminal, a line now and then elsewhere. */
export class Picture {
  private drawn = 0;
  private lastPlainAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly out: NodeJS.WriteStream = process.stdout) {}

  /** Shows a moment. */
  show(moment: Moment): void {
    if (this.out.isTTY) {
      this.redraw(drawingOf(moment));
      return;
    }
    if (performance.now() - this.lastPlainAt < PLAIN_EVERY_MS) return;
    this.lastPlainAt = performance.now();
    this.out.write(`${lineOf(moment)}\n`);
  }

  /** Writes a line that stays, above the picture. */
  say(line: string): void {
    this.clear();
    this.out.write(`${line}\n`);
  }

  /** Takes the picture away. */
  clear(): void {
    if (this.drawn > 0) this.out.write(`\u001b[${this.drawn}A\u001b[0J`);
    this.drawn = 0;
  }

  private redraw(lines: readonly string[]): void {
    this.clear();
    // A line that wraps would be two lines to move up over.
    const width = Math.max(20, (this.out.columns ?? 80) - 1);
    this.out.write(lines.map((line) => `${line.slice(0, width)}\n`).join(''));
    this.drawn = lines.length;
  }
}

function drawingOf(moment: Moment): string[] {
  const { seconds, orders, posted, confirmed, gateway, breaker, workers } = moment;
  return [
    '',
    `  ${seconds.toFixed(1).padStart(5)} s`,
    `  posted     ${bar(posted, orders)} ${posted}/${orders}`,
    `  confirmed  ${bar(confirmed, orders)} ${confirmed}/${orders}`,
    `  gateway    ${gateway.isOff ? 'OFF, ' : ''}${gateway.inFlight} in flight, ${gateway.requests} requests, ${gateway.charges} charges`,
    ...(breaker === undefined ? [] : [`  breaker    ${breaker}`]),
    ...workers.map(({ name, state }) => `  ${name.padEnd(10)} ${state}`),
  ];
}

function lineOf(moment: Moment): string {
  const { seconds, orders, posted, confirmed, gateway, breaker, workers } = moment;
  const states = workers.map(({ name, state }) => `${name} ${state}`).join(', ');
  return (
    `${seconds.toFixed(1).padStart(5)} s  posted ${posted}/${orders}  confirmed ${confirmed}  ` +
    `charges ${gateway.charges} (${gateway.isOff ? 'gateway OFF' : `${gateway.inFlight} in flight`})  ` +
    `${breaker === undefined ? '' : `breaker ${breaker}  `}${states}`
  );
}

function bar(value: number, full: number): string {
  const filled = Math.round((Math.min(value, full) / full) * BAR);
  return '█'.repeat(filled) + '░'.repeat(BAR - filled);
}
