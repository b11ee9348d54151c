import { Job, type JobContext } from '@bulletproof/core';
import { Injectable } from '@nestjs/common';

/** What the jobs of the tests depend on: proof that they run on the instance that Nest made. */
@Injectable()
export class Phrases {
  readonly said: string[] = [];

  greeting(name: string): string {
    const text = `Hello, ${name}`;
    this.said.push(text);
    return text;
  }
}

/** A provider with a job. */
@Injectable()
export class Greeter {
  constructor(private readonly phrases: Phrases) {}

  @Job({ idempotencyKey: ({ name }: { name: string }) => name })
  async greet({ name }: { name: string }, job: JobContext) {
    return { text: this.phrases.greeting(name), attempt: job.attempt };
  }

  notAJob(): string {
    return 'just a method';
  }
}
